"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { Mark } from "./sidebar";
import { Button } from "@/components/button";
import { Dialog } from "@/components/dialog";
import { Field, Input } from "@/components/field";
import { CopyButton } from "@/components/numbers";
import { Fault } from "@/lib/api";
import type { ErrorDetail } from "@/lib/contract";
import { keepKey, signOut, useRefusal } from "@/lib/key";

const REFUSALS: Record<string, string> = {
  key_invalid: "This key is not known here.",
  key_revoked: "This key was revoked.",
  key_expired: "This key has expired.",
};
const COMMAND = "generative-gateway keys create --project default";

/** Asks for a key where the address brought none. */
export function KeyGate() {
  return (
    <div className="m-auto flex w-full max-w-96 flex-col gap-4 p-4">
      <h1 className="flex items-center gap-2 text-title">
        <Mark /> Generative Gateway
      </h1>
      <KeyForm />
      <p className="text-text-2">
        The first key is in the login address that the gateway printed when it first started. Another one is made by
      </p>
      <p className="flex items-center justify-between gap-2 rounded-control border border-line bg-sunken py-0.5 pr-1 pl-2.5">
        <code className="font-mono text-note break-all">{COMMAND}</code>
        <CopyButton text={COMMAND} />
      </p>
    </div>
  );
}

/** Over the page when the gateway refuses the key in the middle of work, which stays. */
export function SignInAgain() {
  const refused = useRefusal();
  const client = useQueryClient();
  return (
    <Dialog open={refused !== null} onClose={() => undefined} sticky title="Sign in again">
      <p role="alert" className="text-bad">
        {REFUSALS[refused ?? ""] ?? "The gateway refused this key."} What is on the page stays.
      </p>
      <KeyForm onDone={() => void client.invalidateQueries()} />
      <Button kind="quiet" onClick={signOut}>
        Sign out
      </Button>
    </Dialog>
  );
}

function KeyForm({ onDone }: { onDone?: () => void }) {
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [visible, setVisible] = useState(false);
  async function signIn(key: string) {
    setBusy(true);
    setError(undefined);
    try {
      await check(key);
      keepKey(key);
      onDone?.();
    } catch (fault) {
      const detail = fault instanceof Fault ? fault.detail : { message: String(fault) };
      setError(REFUSALS[detail.reason ?? ""] ?? detail.message ?? "The gateway does not answer.");
    }
    setBusy(false);
  }
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        const key = String(new FormData(event.currentTarget).get("key") ?? "").trim();
        if (key) {
          void signIn(key);
        }
      }}
    >
      <Field label="Key" error={error}>
        <Input name="key" type={visible ? "text" : "password"} required placeholder="ggw_…" aria-invalid={error !== undefined} className="font-mono" />
      </Field>
      <label className="flex items-center gap-2 text-text-2">
        <input type="checkbox" checked={visible} onChange={(event) => setVisible(event.target.checked)} />
        Show it
      </label>
      <Button kind="primary" type="submit" busy={busy}>
        Sign in
      </Button>
    </form>
  );
}

/** Asks the gateway whose key it is; apart from the API client, which sends the key that is kept. */
async function check(key: string): Promise<void> {
  const response = await fetch("/api/v1/caller", { headers: { authorization: `Bearer ${key}` }, cache: "no-store" });
  if (!response.ok) {
    const body = (await response.json().catch(() => ({}))) as { error?: ErrorDetail };
    throw new Fault(body.error ?? {});
  }
}
