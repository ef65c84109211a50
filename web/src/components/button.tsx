import clsx from "clsx";
import type { LucideIcon } from "lucide-react";
import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";

const KINDS = {
  primary: "bg-accent text-on-accent hover:bg-accent-hover border-transparent",
  default: "bg-surface border-line hover:bg-hover shadow-1",
  quiet: "border-transparent text-text-2 hover:bg-hover hover:text-text",
  danger: "bg-surface border-line text-bad hover:bg-bad-soft",
} as const;

const SHAPE =
  "target inline-flex h-8 shrink-0 items-center justify-center gap-2 rounded-control border font-medium whitespace-nowrap transition-colors disabled:opacity-50 aria-pressed:bg-accent-soft aria-pressed:text-accent-text";

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: keyof typeof KINDS;
  icon?: LucideIcon;
  busy?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

/** Something that can be done; its width stays while it is busy. */
export function Button({ kind = "default", icon: Icon, busy, children, className, disabled, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      disabled={disabled || busy}
      aria-busy={busy}
      className={clsx(SHAPE, "px-3 aria-pressed:border-accent", KINDS[kind], className)}
      {...rest}
    >
      {Icon && <Icon size={16} strokeWidth={1.6} aria-hidden />}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ButtonProps, "children" | "icon"> {
  icon: LucideIcon;
  /** What it does, for readers and as a tooltip. */
  label: string;
}

/** A button that is only an icon. */
export function IconButton({ kind = "quiet", icon: Icon, label, className, busy, disabled, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      disabled={disabled || busy}
      className={clsx(SHAPE, "w-8", KINDS[kind], className)}
      {...rest}
    >
      <Icon size={16} strokeWidth={1.6} aria-hidden />
    </button>
  );
}

/** The classes of a button, for links that look like one. */
export function buttonClass(kind: keyof typeof KINDS = "default"): string {
  return clsx(SHAPE, "px-3", KINDS[kind]);
}

interface SegmentedProps<T extends string> {
  label: string;
  value: T;
  options: readonly { value: T; name: ReactNode }[];
  onChange: (value: T) => void;
}

/** One of a few. */
export function Segmented<T extends string>({ label, value, options, onChange }: SegmentedProps<T>) {
  return (
    <div
      role="group"
      aria-label={label}
      className="inline-flex max-w-full shrink-0 gap-0.5 self-start overflow-x-auto rounded-control border border-line bg-sunken p-0.5"
    >
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
          className="target h-6.5 rounded-badge px-2.5 whitespace-nowrap text-text-2 -outline-offset-2 hover:text-text aria-pressed:bg-surface aria-pressed:font-medium aria-pressed:text-text aria-pressed:shadow-1"
        >
          {option.name}
        </button>
      ))}
    </div>
  );
}
