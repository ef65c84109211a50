"use client";

import { X } from "lucide-react";
import Link from "next/link";

import { useGeneration } from "@/lib/generations";
import { Facts } from "./facts";
import { Status } from "./status";
import { Waterfall } from "./waterfall";
import { IconButton } from "@/components/button";
import { CopyId } from "@/components/numbers";
import { Problem, Skeleton } from "@/components/states";

/** The top of a generation's page, beside the log. */
export function Peek({ id, onClose }: { id: string; onClose: () => void }) {
  const answer = useGeneration(id);
  const generation = answer.data?.generation;
  return (
    <aside aria-label="Generation" className="flex w-peek shrink-0 flex-col gap-4 rounded-card border border-line bg-surface p-4 shadow-1 max-lg:w-90">
      <div className="flex items-center justify-between gap-2">
        <CopyId id={id} />
        <IconButton icon={X} label="Close (Esc)" onClick={onClose} />
      </div>
      {answer.isError && <Problem error={answer.error} retry={() => void answer.refetch()} />}
      {!generation && !answer.isError && <Skeleton className="h-60" />}
      {generation && (
        <>
          <p className="flex flex-wrap items-center gap-2">
            <b className="font-semibold">{generation.model?.resolved}</b> <Status generation={generation} />
          </p>
          <Facts generation={generation} />
          <Waterfall attempts={answer.data?.attempts ?? []} from={generation.create_time} narrow />
          <Link href={`/generation/?id=${id}`} className="text-accent-text underline">
            Open generation
          </Link>
        </>
      )}
    </aside>
  );
}
