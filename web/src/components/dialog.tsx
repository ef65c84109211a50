"use client";

import clsx from "clsx";
import { X } from "lucide-react";
import { useEffect, useRef, type ReactNode } from "react";

import { IconButton } from "./button";

interface Props {
  open: boolean;
  onClose: () => void;
  /** Names it for readers; shown unless `bare`. */
  title: string;
  bare?: boolean;
  /** Something would be lost: a click beside it and Escape do not close it. */
  sticky?: boolean;
  shape?: "dialog" | "wide" | "palette" | "left" | "right";
  children: ReactNode;
}

const SHAPES = {
  dialog: "m-auto max-h-[90dvh] w-[calc(100%-32px)] max-w-md rounded-card",
  wide: "m-auto max-h-[90dvh] w-[calc(100%-32px)] max-w-4xl rounded-card",
  palette: "mx-auto mt-[15dvh] mb-auto max-h-[70dvh] w-[calc(100%-32px)] max-w-palette rounded-card",
  left: "m-0 mr-auto h-dvh max-h-dvh w-full max-w-sheet border-y-0 border-l-0",
  right: "m-0 ml-auto h-dvh max-h-dvh w-full max-w-peek border-y-0 border-r-0",
};

/** The browser's own dialog: it keeps focus inside and gives it back. */
export function Dialog({ open, onClose, title, bare, sticky, shape = "dialog", children }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = box.current;
    if (!open || !dialog) {
      return;
    }
    dialog.showModal();
    // The browser would take the close button, or the box that scrolls. A sheet's field would bring up a phone's keyboard.
    if (shape === "dialog" || shape === "palette") {
      dialog.querySelector<HTMLElement>("input, select")?.focus();
    }
    return () => dialog.close();
  }, [open, shape]);
  if (!open) {
    return null;
  }
  return (
    <dialog
      ref={box}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        if (!sticky) {
          onClose();
        }
      }}
      onPointerDown={(event) => {
        if (event.target === box.current && !sticky) {
          onClose();
        }
      }}
      className={clsx("flex-col border border-line bg-raised p-0 shadow-3 open:flex", SHAPES[shape])}
    >
      {!bare && (
        <header className="flex shrink-0 items-center justify-between gap-2 px-4 pt-4 pb-2">
          <h2 className="text-heading">{title}</h2>
          {!sticky && <IconButton icon={X} label="Close" onClick={onClose} />}
        </header>
      )}
      <div className={clsx("flex min-h-0 flex-col overflow-y-auto", !bare && "gap-4 px-4 pt-1 pb-4")}>{children}</div>
    </dialog>
  );
}
