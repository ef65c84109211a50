"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { LimitFields, readLimits } from "./edit-limits";
import { Secret } from "./secret";
import { Button } from "@/components/button";
import { Dialog } from "@/components/dialog";
import { Field, Input, Select } from "@/components/field";
import { Problem } from "@/components/states";
import { write } from "@/lib/api";
import type { KeyAnswer } from "@/lib/contract";

const DAY_MS = 86_400_000;

/** Makes a key, and shows it once. */
export function CreateKey({ open, onClose, project }: { open: boolean; onClose: () => void; project: string }) {
  const [secret, setSecret] = useState<string>();
  const end = () => {
    setSecret(undefined);
    onClose();
  };
  return (
    <Dialog open={open} onClose={end} sticky={secret !== undefined} title={secret ? "Your new key" : `Create a key in ${project}`}>
      {secret ? <Secret full={secret} onDone={end} /> : <Form project={project} onMade={setSecret} />}
    </Dialog>
  );
}

function Form({ project, onMade }: { project: string; onMade: (full: string) => void }) {
  const client = useQueryClient();
  const [scope, setScope] = useState("inference");
  const [days, setDays] = useState("30");
  const [period, setPeriod] = useState("month");
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);

  async function make(form: FormData) {
    setBusy(true);
    setError(undefined);
    const budget = Number(form.get("budget"));
    try {
      const { full_key: full = "" } = await write<KeyAnswer>("POST", `/projects/${project}/keys`, {
        name: String(form.get("name")).trim(),
        scopes: [scope],
        limits: readLimits(form),
        ...(days ? { expire_time: new Date(Date.now() + Number(days) * DAY_MS).toISOString() } : {}),
        ...(budget > 0 ? { budget: { window: period, limit_usd: budget } } : {}),
      });
      void client.invalidateQueries({ queryKey: ["keys"] });
      void client.invalidateQueries({ queryKey: ["budgets"] });
      onMade(full);
    } catch (fault) {
      setError(fault);
    }
    setBusy(false);
  }
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void make(new FormData(event.currentTarget));
      }}
    >
      <Field label="Name">
        <Input name="name" required maxLength={100} placeholder="laptop" />
      </Field>
      <div className="grid grid-cols-2 gap-3">
        <Field label="Scope">
          <Select
            value={scope}
            onChange={setScope}
            options={[
              { value: "inference", name: "Inference" },
              { value: "admin", name: "Admin" },
            ]}
          />
        </Field>
        <Field label="Expires">
          <Select
            value={days}
            onChange={setDays}
            options={[
              { value: "7", name: "In 7 days" },
              { value: "30", name: "In 30 days" },
              { value: "365", name: "In a year" },
              { value: "", name: "Never" },
            ]}
          />
        </Field>
        <Field label="Budget, USD" help="Empty: none of its own">
          <Input name="budget" type="number" min={0} step="0.01" placeholder="none" />
        </Field>
        <Field label="For each">
          <Select
            value={period}
            onChange={setPeriod}
            options={["day", "week", "month", "forever"].map((value) => ({ value, name: value === "forever" ? "All time" : value }))}
          />
        </Field>
        <LimitFields />
      </div>
      {error !== undefined && <Problem error={error} />}
      <Button kind="primary" type="submit" busy={busy}>
        Create key
      </Button>
    </form>
  );
}
