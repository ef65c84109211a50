"use client";

import clsx from "clsx";
import { ListFilter } from "lucide-react";
import { useId, useState, type ReactNode } from "react";

import { Button } from "./button";

/** Filters in a row; on a phone behind a button that says how many are set. */
export function FilterBar({ set, children }: { set: number; children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <>
      <Button icon={ListFilter} aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)} className="sm:hidden">
        Filters{set > 0 && ` · ${set}`}
      </Button>
      <div id={id} className={clsx("w-full flex-wrap items-center gap-2 sm:contents", open ? "flex" : "hidden")}>
        {children}
      </div>
    </>
  );
}
