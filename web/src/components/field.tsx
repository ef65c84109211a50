import clsx from "clsx";
import type { InputHTMLAttributes, ReactNode, Ref, SelectHTMLAttributes, TextareaHTMLAttributes } from "react";

const BOX =
  "rounded-control border border-line-strong bg-surface px-2.5 text-text disabled:opacity-50 aria-invalid:border-bad";

/** A named control with a line of help; an error takes the help's place. */
export function Field({
  label,
  help,
  error,
  children,
}: {
  label: ReactNode;
  help?: ReactNode;
  error?: string | undefined;
  children: ReactNode;
}) {
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label className="flex min-w-0 flex-col gap-1">
        <span className="font-medium">{label}</span>
        {children}
      </label>
      {(error || help) && (
        <span role={error ? "alert" : undefined} className={clsx("text-note", error ? "text-bad" : "text-text-2")}>
          {error ?? help}
        </span>
      )}
    </div>
  );
}

export function Input({ className, ...rest }: InputHTMLAttributes<HTMLInputElement> & { ref?: Ref<HTMLInputElement> }) {
  return <input autoComplete="off" className={clsx(BOX, "h-8 min-w-0", className)} {...rest} />;
}

export function TextArea({ className, ...rest }: TextareaHTMLAttributes<HTMLTextAreaElement>) {
  return <textarea className={clsx(BOX, "field-sizing-content min-h-16 resize-none py-1.5", className)} {...rest} />;
}

interface SelectProps extends Omit<SelectHTMLAttributes<HTMLSelectElement>, "onChange"> {
  options: readonly { value: string; name: string }[];
  onChange: (value: string) => void;
}

export function Select({ options, onChange, className, ...rest }: SelectProps) {
  return (
    <select className={clsx(BOX, "h-8 min-w-0", className)} onChange={(event) => onChange(event.target.value)} {...rest}>
      {options.map(({ value, name }) => (
        <option key={value} value={value}>
          {name}
        </option>
      ))}
    </select>
  );
}

/** On or off. */
export function Switch({
  label,
  checked,
  onChange,
}: {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={checked}
      aria-label={label}
      onClick={() => onChange(!checked)}
      className="target group flex shrink-0 items-center justify-center rounded-full"
    >
      <span className="flex h-6 w-10 items-center rounded-full border border-line-strong bg-sunken px-0.5 group-aria-checked:border-accent group-aria-checked:bg-accent">
        <span className="size-4.5 rounded-full bg-line-strong transition-transform group-aria-checked:translate-x-4 group-aria-checked:bg-on-accent" />
      </span>
    </button>
  );
}
