// Windows over the page, on the browser's own dialog element: it keeps the focus inside, closes with Esc and gives the
// focus back.
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { useWords } from "../i18n";
import { Button, IconButton } from "./controls";

/** What people type into; the browser itself would begin with the button that closes. */
const kTyped = ".dialog-body :is(input:not([type=checkbox], [type=radio], [type=file], [type=range]), textarea):not(:disabled)";

export function Dialog({
  title,
  onClose,
  children,
  wide = false,
  actions,
}: {
  title: string;
  onClose: () => void;
  children: ReactNode;
  wide?: boolean;
  actions?: ReactNode;
}) {
  const { t } = useWords();
  const id = useId();
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    if (dialog !== null && !dialog.open) {
      dialog.showModal();
      dialog.querySelector<HTMLElement>(kTyped)?.focus();
    }
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  // Outside of whatever opened it: a form must not stand in another.
  return createPortal(
    <dialog
      ref={element}
      className={wide ? "dialog wide" : "dialog"}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onKeyDown={(event) => {
        // What is typed here is not for the shortcuts of the page below.
        event.stopPropagation();
      }}
      onSubmit={(event) => event.stopPropagation()}
      onMouseDown={(event) => {
        if (event.target === element.current) onClose();
      }}
    >
      <div className="dialog-frame">
        <header>
          <h2 id={id}>{title}</h2>
          <IconButton icon="close" label={t("close")} onClick={onClose} />
        </header>
        <div className="dialog-body">{children}</div>
        {actions !== undefined && <footer>{actions}</footer>}
      </div>
    </dialog>,
    document.body,
  );
}

/** Asks before something that cannot be taken back. */
export function Confirm({
  title,
  children,
  action,
  danger = false,
  onConfirm,
  onClose,
}: {
  title: string;
  children: ReactNode;
  action: string;
  danger?: boolean;
  onConfirm: () => void | Promise<void>;
  onClose: () => void;
}) {
  const { t } = useWords();
  const [busy, setBusy] = useState(false);
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button
            tone={danger ? "danger" : "main"}
            busy={busy}
            onClick={async () => {
              setBusy(true);
              await onConfirm();
              onClose();
            }}
          >
            {action}
          </Button>
        </>
      }
    >
      {children}
    </Dialog>
  );
}
