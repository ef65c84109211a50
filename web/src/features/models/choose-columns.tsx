"use client";

import clsx from "clsx";
import { Check, Columns3 } from "lucide-react";

import { COLUMN_NAMES } from "./columns";
import { OPTIONAL, USUAL, type Optional } from "./view";
import { IconButton } from "@/components/button";
import { Popover } from "@/components/popover";

/** Which columns the catalogue shows. */
export function ChooseColumns({ wished, onChange }: { wished: readonly Optional[]; onChange: (wished: Optional[]) => void }) {
  const shown = wished.length > 0 ? wished : USUAL;
  return (
    <Popover label="Columns" align="end" className="w-48 p-1" trigger={(props) => <IconButton {...props} icon={Columns3} label="Choose columns" />}>
      {() => (
        <fieldset className="flex flex-col">
          <legend className="sr-only">Columns</legend>
          {OPTIONAL.map((id) => (
            // A checkbox would fall back until the address has changed.
            <button
              key={id}
              type="button"
              role="checkbox"
              aria-checked={shown.includes(id)}
              onClick={() => onChange(shown.includes(id) ? shown.filter((one) => one !== id) : [...shown, id])}
              className="target flex min-h-8 items-center gap-2 rounded-control px-2 hover:bg-hover"
            >
              <Check size={16} strokeWidth={1.6} aria-hidden className={clsx(!shown.includes(id) && "invisible")} />
              {COLUMN_NAMES[id]}
            </button>
          ))}
        </fieldset>
      )}
    </Popover>
  );
}
