"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState } from "react";

import { useBudgets, useKeys } from "./data";
import { Badge, Meter } from "@/components/badge";
import { Button, IconButton } from "@/components/button";
import { Field, Input, Select } from "@/components/field";
import { Card, Problem, Skeleton } from "@/components/states";
import { toast } from "@/components/toast";
import { write } from "@/lib/api";
import type { Budget } from "@/lib/contract";
import { day, total } from "@/lib/format";

/** How much a project, a key or an end user may spend. */
export function BudgetList({ project }: { project: string }) {
  const budgets = useBudgets(project);
  if (budgets.isError) {
    return <Problem error={budgets.error} retry={() => void budgets.refetch()} />;
  }
  return (
    <div className="grid items-start gap-4 md:grid-cols-[2fr_1fr]">
      <Card title="Budgets">
        {budgets.isPending && <Skeleton className="h-24" />}
        {budgets.data?.budgets?.length === undefined && budgets.isSuccess && (
          <p className="text-text-2">No budget: what the project may spend is not limited.</p>
        )}
        {budgets.data?.budgets?.map((budget) => (
          <Row key={budget.id} budget={budget} project={project} />
        ))}
      </Card>
      <Card title="New budget">
        <Form project={project} />
      </Card>
    </div>
  );
}

function Row({ budget, project }: { budget: Budget; project: string }) {
  const client = useQueryClient();
  const { spent_usd: spent = 0, reserved_usd: reserved = 0, limit_usd: limit = 0 } = budget;
  const [amount, setAmount] = useState(String(limit));
  const path = `/projects/${project}/budgets/${budget.id}`;
  const again = () => Promise.all([client.invalidateQueries({ queryKey: ["budgets"] }), client.invalidateQueries({ queryKey: ["caller"] })]);
  return (
    <div className="flex flex-col gap-1.5 border-t border-line pt-3">
      <p className="flex flex-wrap items-center gap-2">
        <b className="font-medium">{budget.name}</b>
        <Badge>{budget.scope?.replace("_", " ")}</Badge>
        <Badge>{budget.enforcement === "warn" ? "warns" : "stops"}</Badge>
        <span className="ml-auto">
          {total(spent)} of {total(limit)}
          {budget.renew_time && <span className="text-text-2"> · anew {day(budget.renew_time)}</span>}
        </span>
        <IconButton
          icon={Trash2}
          label={`Delete ${budget.name ?? "budget"}`}
          onClick={() => toast("Budget deleted", { name: "Undo", run: () => undefined }, () => void write("DELETE", path, undefined, { keepalive: true }).then(again))}
        />
      </p>
      <Meter label={budget.name ?? "Budget"} spent={spent} reserved={reserved} limit={limit} />
      <form
        className="flex items-center gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          void write("PATCH", path, { limit_usd: Number(amount) }).then(again);
        }}
      >
        <Input type="number" min={0} step="0.01" aria-label={`Limit of ${budget.name ?? "budget"} in USD`} value={amount} onChange={(event) => setAmount(event.target.value)} className="w-28 text-right" />
        {Number(amount) !== limit && <Button type="submit">Save</Button>}
        {Number(amount) < spent && <span className="text-warn">Below what is spent already: nothing more is admitted.</span>}
      </form>
    </div>
  );
}

function Form({ project }: { project: string }) {
  const client = useQueryClient();
  const keys = useKeys(project);
  const [scope, setScope] = useState("project");
  const [key, setKey] = useState("");
  const [period, setPeriod] = useState("month");
  const [enforcement, setEnforcement] = useState("hard");
  const [error, setError] = useState<unknown>();
  const active = keys.data?.keys?.filter(({ state }) => state === "active") ?? [];
  async function make(form: FormData) {
    setError(undefined);
    try {
      await write("POST", `/projects/${project}/budgets`, {
        scope,
        window: period,
        enforcement,
        limit_usd: Number(form.get("limit")),
        ...(scope === "key" ? { key_id: key || active[0]?.id } : {}),
        ...(scope === "end_user" ? { end_user: String(form.get("user") ?? "") } : {}),
      });
      await Promise.all([client.invalidateQueries({ queryKey: ["budgets"] }), client.invalidateQueries({ queryKey: ["caller"] })]);
    } catch (fault) {
      setError(fault);
    }
  }
  const choices = (values: [string, string][]) => values.map(([value, name]) => ({ value, name }));
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        void make(new FormData(event.currentTarget));
      }}
    >
      <Field label="Limit, USD">
        <Input name="limit" type="number" required min={0} step="0.01" />
      </Field>
      <Field label="Counts">
        <Select value={scope} onChange={setScope} options={choices([["project", "The whole project"], ["key", "One key"], ["end_user", "End users"]])} />
      </Field>
      {scope === "key" && (
        <Field label="Key">
          <Select value={key} onChange={setKey} options={active.map(({ id, name }) => ({ value: id, name: name ?? id }))} />
        </Field>
      )}
      {scope === "end_user" && (
        <Field label="End user" help="Empty: each of them alone">
          <Input name="user" />
        </Field>
      )}
      <Field label="Begins anew">
        <Select value={period} onChange={setPeriod} options={choices([["day", "Each day"], ["week", "Each Monday"], ["month", "Each month"], ["forever", "Never"]])} />
      </Field>
      <Field label="At the limit">
        <Select value={enforcement} onChange={setEnforcement} options={choices([["hard", "Stops"], ["warn", "Warns"]])} />
      </Field>
      {error !== undefined && <Problem error={error} />}
      <Button type="submit">Add budget</Button>
    </form>
  );
}
