"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { Secret } from "./secret";
import { Button } from "@/components/button";
import { Dialog } from "@/components/dialog";
import { Field, Select } from "@/components/field";
import { Problem } from "@/components/states";
import { write } from "@/lib/api";
import type { ApiKey, KeyAnswer } from "@/lib/contract";

/** Gives a key a new secret; the old one holds for a while. */
export function Rotate({ open, onClose, project, apiKey }: { open: boolean; onClose: () => void; project: string; apiKey: ApiKey }) {
  const client = useQueryClient();
  const [grace, setGrace] = useState("86400");
  const [secret, setSecret] = useState<string>();
  const [error, setError] = useState<unknown>();
  async function rotate() {
    try {
      const body = { grace_seconds: Number(grace) };
      const { full_key: full = "" } = await write<KeyAnswer>("POST", `/projects/${project}/keys/${apiKey.id}/rotate`, body);
      setSecret(full);
      void client.invalidateQueries({ queryKey: ["keys"] });
    } catch (fault) {
      setError(fault);
    }
  }
  return (
    <Dialog open={open} onClose={onClose} sticky={secret !== undefined} title={`Rotate ${apiKey.name ?? apiKey.id}`}>
      {secret ? (
        <Secret full={secret} onDone={onClose} />
      ) : (
        <>
          <Field label="The old secret holds" help="Id, limits and books stay">
            <Select
              value={grace}
              onChange={setGrace}
              options={[
                { value: "0", name: "Not at all" },
                { value: "3600", name: "For an hour" },
                { value: "86400", name: "For a day" },
                { value: "604800", name: "For a week" },
              ]}
            />
          </Field>
          {error !== undefined && <Problem error={error} />}
          <Button kind="primary" onClick={() => void rotate()}>
            Rotate
          </Button>
        </>
      )}
    </Dialog>
  );
}
