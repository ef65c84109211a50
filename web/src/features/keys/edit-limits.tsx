"use client";

import { useState } from "react";

import { Button } from "@/components/button";
import { Field, Input } from "@/components/field";
import { Card, Problem } from "@/components/states";
import { toast } from "@/components/toast";
import type { Limits, LimitStatus } from "@/lib/contract";

const LIMITS: [keyof Limits, string][] = [
  ["requests_per_minute", "Requests a minute"],
  ["tokens_per_minute", "Tokens a minute"],
  ["concurrent_requests", "Requests at the same time"],
];

/** The fields of limits, each with what is left of it now. */
export function LimitFields({ limits = {}, status = [] }: { limits?: Limits; status?: LimitStatus[] }) {
  return LIMITS.map(([name, label]) => {
    const left = status.find(({ kind }) => kind === name);
    return (
      <Field key={name} label={label} help={left ? `${left.remaining ?? 0} of ${left.limit} left now` : "Empty does not limit"}>
        <Input name={name} type="number" min={0} defaultValue={limits[name]} placeholder="no limit" />
      </Field>
    );
  });
}

export function readLimits(form: FormData): Limits {
  const given = LIMITS.flatMap(([name]) => {
    const text = form.get(name);
    return text ? [[name, Number(text)]] : [];
  });
  return Object.fromEntries(given) as Limits;
}

interface Props {
  limits: Limits;
  status: LimitStatus[];
  about: string;
  onSave: (limits: Limits) => Promise<void>;
}

/** Changes limits; what is left empty does not limit. */
export function EditLimits({ limits, status, about, onSave }: Props) {
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  async function save(form: FormData) {
    setBusy(true);
    setError(undefined);
    try {
      await onSave(readLimits(form));
      toast("Limits saved");
    } catch (fault) {
      setError(fault);
    }
    setBusy(false);
  }
  return (
    <Card>
      <form
        className="flex max-w-sm flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save(new FormData(event.currentTarget));
        }}
      >
        <p className="text-text-2">{about}</p>
        <LimitFields limits={limits} status={status} />
        {error !== undefined && <Problem error={error} />}
        <Button kind="primary" type="submit" busy={busy} className="self-start">
          Save
        </Button>
      </form>
    </Card>
  );
}
