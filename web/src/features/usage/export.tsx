"use client";

import { Download } from "lucide-react";
import { useState } from "react";

import { Button } from "@/components/button";
import { MenuItem, Popover } from "@/components/popover";
import { toast } from "@/components/toast";
import { readFile, type Query } from "@/lib/api";
import { save } from "@/lib/browser";
import { useCommands } from "@/lib/commands";

const FORMATS = ["csv", "ndjson"] as const;

/** The generations of this filter as a file. */
export function Export({ query }: { query: Query }) {
  const [busy, setBusy] = useState(false);
  async function run(format: (typeof FORMATS)[number]) {
    setBusy(true);
    try {
      save(await readFile("/usage/export", { ...query, format }), `usage.${format}`);
    } catch (error) {
      toast(`Not exported: ${error instanceof Error ? error.message : String(error)}`);
    }
    setBusy(false);
  }
  useCommands(FORMATS.map((format) => ({ id: `export ${format}`, title: `Export as ${format.toUpperCase()}`, group: "Here", run: () => void run(format) })));
  return (
    <Popover
      label="Export"
      align="end"
      className="w-40 p-1"
      trigger={(props) => (
        <Button {...props} icon={Download} busy={busy}>
          Export
        </Button>
      )}
    >
      {(close) =>
        FORMATS.map((format) => (
          <MenuItem
            key={format}
            onClick={() => {
              close();
              void run(format);
            }}
          >
            As {format.toUpperCase()}
          </MenuItem>
        ))
      }
    </Popover>
  );
}
