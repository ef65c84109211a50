"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { Button } from "@/components/button";
import { Dialog } from "@/components/dialog";
import { Field, Input } from "@/components/field";
import { Problem } from "@/components/states";
import { read, write } from "@/lib/api";
import type { ApiKey, UsageSummary } from "@/lib/contract";

const HOUR_MS = 3_600_000;

/** Ends a key for good; its name is typed, so that it is the right one. */
export function Revoke({ open, onClose, project, apiKey }: { open: boolean; onClose: () => void; project: string; apiKey: ApiKey }) {
  const client = useQueryClient();
  const [typed, setTyped] = useState("");
  const [error, setError] = useState<unknown>();
  const name = apiKey.name ?? apiKey.id;
  const use = useQuery({
    queryKey: ["usage", "last hour", apiKey.id],
    queryFn: ({ signal }) =>
      read<UsageSummary>("/usage/summary", { start: new Date(Date.now() - HOUR_MS).toISOString(), key_ids: apiKey.id }, signal),
    enabled: open,
  });
  async function revoke() {
    try {
      await write("POST", `/projects/${project}/keys/${apiKey.id}/revoke`);
      await client.invalidateQueries({ queryKey: ["keys"] });
      onClose();
    } catch (fault) {
      setError(fault);
    }
  }
  return (
    <Dialog open={open} onClose={onClose} title={`Revoke ${name}`}>
      <p>
        It sent {use.data?.total?.requests ?? 0} requests in the last hour. They are refused from now on; what runs is finished.
      </p>
      <Field label={`Type “${name}” to revoke it`}>
        <Input value={typed} onChange={(event) => setTyped(event.target.value)} />
      </Field>
      {error !== undefined && <Problem error={error} />}
      <Button kind="danger" disabled={typed !== name} onClick={() => void revoke()}>
        Revoke for good
      </Button>
    </Dialog>
  );
}
