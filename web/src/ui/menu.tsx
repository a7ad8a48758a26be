// A menu that hangs on the control that opened it. Arrows move, Home and End jump, letters find, Esc and Tab close.
import { type KeyboardEvent, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { Icon, type IconName } from "./icons";

export interface MenuItem {
  label: string;
  icon?: IconName;
  danger?: boolean;
  checked?: boolean;
  disabled?: boolean;
  onSelect: () => void;
}

export function Menu({
  anchor,
  label,
  items,
  above,
  onClose,
}: {
  anchor: DOMRect;
  label: string;
  items: readonly (MenuItem | "line")[];
  above?: ReactNode;
  onClose: () => void;
}) {
  const element = useRef<HTMLDivElement>(null);
  const before = useRef<Element | null>(document.activeElement);
  const [place, setPlace] = useState<{ left: number; top: number } | undefined>(undefined);

  useLayoutEffect(() => {
    const box = element.current?.getBoundingClientRect();
    if (box === undefined) return;
    const left = Math.max(8, Math.min(anchor.left, window.innerWidth - box.width - 8));
    const below = anchor.bottom + 4;
    const top = below + box.height < window.innerHeight - 8 ? below : Math.max(8, anchor.top - box.height - 4);
    setPlace({ left, top });
  }, [anchor]);

  useEffect(() => {
    if (place !== undefined) element.current?.querySelector<HTMLElement>("[role^=menuitem],button,input")?.focus();
  }, [place !== undefined]);

  const close = (): void => {
    onClose();
    if (before.current instanceof HTMLElement && before.current.isConnected) before.current.focus();
  };

  useEffect(() => {
    const outside = (event: Event): void => {
      if (event.target instanceof Node && element.current?.contains(event.target) !== true) onClose();
    };
    document.addEventListener("pointerdown", outside, true);
    window.addEventListener("resize", onClose);
    return () => {
      document.removeEventListener("pointerdown", outside, true);
      window.removeEventListener("resize", onClose);
    };
  }, [onClose]);

  const onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation();
    const all = [...(element.current?.querySelectorAll<HTMLElement>("[role^=menuitem]:not([disabled])") ?? [])];
    const at = all.indexOf(document.activeElement as HTMLElement);
    const focus = (index: number): void => {
      event.preventDefault();
      all[(index + all.length) % all.length]?.focus();
    };
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      close();
    } else if (event.key === "ArrowDown") focus(at + 1);
    else if (event.key === "ArrowUp") focus(at < 0 ? -1 : at - 1);
    else if (event.key === "Home") focus(0);
    else if (event.key === "End") focus(-1);
    else if (event.key.length === 1 && /\p{L}/u.test(event.key) && document.activeElement?.tagName !== "INPUT") {
      const letter = event.key.toLowerCase();
      const next = all.findIndex((each, index) => index > at && each.textContent?.toLowerCase().startsWith(letter));
      const any = all.findIndex((each) => each.textContent?.toLowerCase().startsWith(letter));
      if (next >= 0 || any >= 0) focus(next >= 0 ? next : any);
    }
  };

  return createPortal(
    <div
      ref={element}
      className={place === undefined ? "menu unplaced" : "menu"}
      style={place === undefined ? { left: 0, top: 0 } : { left: place.left, top: place.top }}
      onKeyDown={onKeyDown}
    >
      {above}
      <div role="menu" aria-label={label}>
        {items.map((item, index) =>
          item === "line" ? (
            <div key={index} role="separator" />
          ) : (
            <button
              key={index}
              type="button"
              role={item.checked === undefined ? "menuitem" : "menuitemcheckbox"}
              aria-checked={item.checked}
              disabled={item.disabled}
              tabIndex={-1}
              className={item.danger === true ? "danger" : undefined}
              onClick={() => {
                close();
                item.onSelect();
              }}
            >
              {item.icon !== undefined && <Icon name={item.icon} />}
              <span>{item.label}</span>
              {item.checked === true && <Icon name="check" />}
            </button>
          ),
        )}
      </div>
    </div>,
    document.body,
  );
}
