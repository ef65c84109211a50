"use client";

import { useQuery } from "@tanstack/react-query";

import { Badge, Meter } from "@/components/badge";
import { Card } from "@/components/states";
import { read } from "@/lib/api";
import { isAdmin, useCaller } from "@/lib/caller";
import type { Budget } from "@/lib/contract";
import { day, total } from "@/lib/format";

/** The budgets of a project and what is left of each. */
export function Budgets({ project }: { project: string }) {
  const caller = useCaller();
  const of = project || caller.data?.project || "";
  const budgets = useQuery({
    queryKey: ["budgets", of],
    queryFn: ({ signal }) => read<{ budgets?: Budget[] }>(`/projects/${of}/budgets`, { page_size: 1000 }, signal),
    enabled: of !== "" && isAdmin(caller.data),
  });
  if (!budgets.data?.budgets?.length) {
    return null;
  }
  return (
    <Card title={`Budgets of ${of}`}>
      <ul className="flex flex-col gap-4">
        {budgets.data.budgets.map((budget) => (
          <BudgetRow key={budget.id} budget={budget} />
        ))}
      </ul>
    </Card>
  );
}

function BudgetRow({ budget }: { budget: Budget }) {
  const { name, limit_usd: limit = 0, spent_usd: spent = 0, reserved_usd: reserved = 0, remaining_usd: left = 0 } = budget;
  return (
    <li className="flex flex-col gap-1.5">
      <p className="flex flex-wrap items-center gap-2">
        <span className="font-medium">{name}</span>
        <Badge>{budget.scope?.replace("_", " ")}</Badge>
        {budget.enforcement === "warn" && <Badge>warns only</Badge>}
        <span className="ml-auto">
          <b className="font-medium">{total(left)} left</b> <span className="text-text-2">of {total(limit)}</span>
        </span>
      </p>
      <Meter label={name ?? "Budget"} spent={spent} reserved={reserved} limit={limit} />
      <p className="text-note text-text-2">
        {total(spent)} spent{reserved > 0 && `, ${total(reserved)} held for what runs`}
        {budget.renew_time && ` · begins anew ${day(budget.renew_time)}`}
      </p>
    </li>
  );
}
