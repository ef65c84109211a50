"use client";

import { Dialog } from "@/components/dialog";
import { keyNames, useCommandList, useMac } from "@/lib/commands";

/** Every key that does something here. */
export function KeyList({ open, onClose }: { open: boolean; onClose: () => void }) {
  const commands = useCommandList().filter(({ keys }) => keys);
  return (
    <Dialog open={open} onClose={onClose} title="Keys">
      <dl className="flex flex-col gap-1.5">
        {commands.map(({ id, title, keys = "" }) => (
          <div key={id} className="flex items-center justify-between gap-4">
            <dt>{title}</dt>
            <dd>
              <Keys keys={keys} />
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}

export function Keys({ keys }: { keys: string }) {
  const mac = useMac();
  return (
    <span className="flex gap-1">
      {keyNames(keys, mac).map((key) => (
        <kbd key={key} className="rounded-tile border border-line bg-sunken px-1.5 font-mono text-note text-text-2">
          {key}
        </kbd>
      ))}
    </span>
  );
}
