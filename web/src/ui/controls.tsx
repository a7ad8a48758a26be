// The controls everything else is made of. Each is a native element, so keyboard and screen readers work as people know.
import { type ButtonHTMLAttributes, type InputHTMLAttributes, type ReactNode, type TextareaHTMLAttributes, useId } from "react";
import { Icon, type IconName } from "./icons";

/** Green is for what is not encrypted, as everywhere. */
export type Tone = "plain" | "main" | "danger" | "quiet" | "green";

export function Button({
  tone = "plain",
  icon,
  busy = false,
  children,
  className = "",
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { tone?: Tone; icon?: IconName; busy?: boolean }) {
  return (
    <button type="button" {...rest} className={`button ${tone} ${className}`} disabled={rest.disabled || busy} aria-busy={busy}>
      {busy ? <span className="spinner small" aria-hidden="true" /> : icon !== undefined && <Icon name={icon} />}
      <span>{children}</span>
    </button>
  );
}

export function IconButton({
  icon,
  label,
  className = "",
  size = 20,
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { icon: IconName; label: string; size?: number }) {
  return (
    <button type="button" title={label} aria-label={label} {...rest} className={`icon-button ${className}`}>
      <Icon name={icon} size={size} />
    </button>
  );
}

interface About {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
}

/** What is typed into, with its label and what is said about it, which screen readers read with it. */
function Labelled({
  label,
  hint,
  error,
  control,
  children,
}: About & {
  control: (its: { id: string; "aria-describedby": string | undefined; "aria-invalid": boolean }) => ReactNode;
  children?: ReactNode;
}) {
  const id = useId();
  const about = [hint !== undefined && `${id}-hint`, error !== undefined && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {control({ id, "aria-describedby": about || undefined, "aria-invalid": error !== undefined })}
      {hint !== undefined && (
        <p id={`${id}-hint`} className="hint">
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p id={`${id}-error`} className="error" role="alert">
          {error}
        </p>
      )}
      {children}
    </div>
  );
}

export function Field({ label, hint, error, children, ...rest }: InputHTMLAttributes<HTMLInputElement> & About & { children?: ReactNode }) {
  return (
    <Labelled label={label} hint={hint} error={error} control={(its) => <input autoComplete="off" spellCheck={false} {...rest} {...its} />}>
      {children}
    </Labelled>
  );
}

export function TextArea({ label, hint, error, ...rest }: TextareaHTMLAttributes<HTMLTextAreaElement> & About) {
  return <Labelled label={label} hint={hint} error={error} control={(its) => <textarea dir="auto" {...rest} {...its} />} />;
}

export function Switch({
  label,
  hint,
  checked,
  onChange,
  disabled = false,
}: {
  label: string;
  hint?: string;
  checked: boolean;
  onChange: (on: boolean) => void;
  disabled?: boolean;
}) {
  const id = useId();
  return (
    <div className="row-control">
      <div>
        <label htmlFor={id}>{label}</label>
        {hint !== undefined && <p className="hint">{hint}</p>}
      </div>
      <input
        id={id}
        type="checkbox"
        role="switch"
        className="switch"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
      />
    </div>
  );
}

export function Choice<T extends string>({
  label,
  hint,
  value,
  options,
  onChange,
}: {
  label: string;
  hint?: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
}) {
  const id = useId();
  return (
    <div className="row-control">
      <div>
        <label htmlFor={id}>{label}</label>
        {hint !== undefined && <p className="hint">{hint}</p>}
      </div>
      <select id={id} value={value} onChange={(event) => onChange(event.target.value as T)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  );
}

export function Banner({
  tone = "info",
  icon,
  children,
  action,
}: {
  tone?: "info" | "warn" | "bad" | "good";
  icon?: IconName;
  children: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className={`banner ${tone}`} role={tone === "bad" ? "alert" : "note"}>
      <Icon name={icon ?? (tone === "info" ? "info" : tone === "good" ? "check" : "warning")} />
      <div className="banner-words">{children}</div>
      {action}
    </div>
  );
}

export function Spinner({ label }: { label: string }) {
  return (
    <div className="waiting" role="status">
      <span className="spinner" aria-hidden="true" />
      <span>{label}</span>
    </div>
  );
}

export function Section({ title, children, hint }: { title: string; children: ReactNode; hint?: ReactNode }) {
  const id = useId();
  return (
    <section className="section" aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      {hint !== undefined && <p className="hint">{hint}</p>}
      {children}
    </section>
  );
}
