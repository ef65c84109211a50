"use client";

import clsx from "clsx";
import { useEffect, useId, useRef, useState, type ReactNode, type RefObject } from "react";

interface Props {
  /** Draws the button that opens it. */
  trigger: (props: { ref: RefObject<HTMLButtonElement | null>; onClick: () => void; "aria-expanded": boolean; "aria-haspopup": "dialog" }) => ReactNode;
  label: string;
  align?: "start" | "end";
  className?: string;
  children: (close: () => void) => ReactNode;
}

/** What opens beside a button, by the browser's own popovers: Escape and a click elsewhere close it. */
export function Popover({ trigger, label, align = "start", className, children }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const id = useId();
  // The browser gives the focus back to the button.
  const close = () => document.getElementById(id)?.hidePopover();

  useEffect(() => {
    const popover = box.current;
    if (!open || !popover || !button.current) {
      return;
    }
    popover.showPopover();
    place(popover, button.current, align);
    popover.querySelector<HTMLElement>("input")?.focus();
    const follow = () => button.current && place(popover, button.current, align);
    addEventListener("resize", follow);
    const onToggle = (event: ToggleEvent) => event.newState === "closed" && setOpen(false);
    popover.addEventListener("toggle", onToggle);
    return () => {
      removeEventListener("resize", follow);
      popover.removeEventListener("toggle", onToggle);
    };
  }, [open, align]);

  return (
    <>
      {trigger({ ref: button, onClick: () => setOpen(!open), "aria-expanded": open, "aria-haspopup": "dialog" })}
      {open && (
        <div
          ref={box}
          id={id}
          popover="auto"
          role="dialog"
          aria-label={label}
          className={clsx("fixed max-h-[85dvh] overflow-y-auto rounded-card border border-line bg-raised shadow-3", className)}
        >
          {children(close)}
        </div>
      )}
    </>
  );
}

const GAP = 6;
const MARGIN = 8;

/** Below the button where there is room, else above; always inside the window. */
function place(popover: HTMLElement, button: HTMLElement, align: "start" | "end"): void {
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const left = align === "start" ? at.left : at.right - width;
  const below = at.bottom + GAP;
  const top = below + height > innerHeight - MARGIN ? at.top - GAP - height : below;
  popover.style.left = `${Math.max(MARGIN, Math.min(left, innerWidth - width - MARGIN))}px`;
  popover.style.top = `${Math.max(MARGIN, top)}px`;
}

/** A row of a menu. */
export function MenuItem({ onClick, danger, children }: { onClick: () => void; danger?: boolean; children: ReactNode }) {
  return (
    <button
      type="button"
      onClick={onClick}
      className={clsx(
        "target flex h-8 w-full items-center gap-2 rounded-badge px-2.5 text-left -outline-offset-2 hover:bg-hover",
        danger && "text-bad",
      )}
    >
      {children}
    </button>
  );
}
