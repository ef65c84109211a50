"use client";

import Link from "next/link";
import type { ReactNode } from "react";

import { useGeneration } from "@/lib/generations";
import { Facts } from "./facts";
import { Status } from "./status";
import { Waterfall } from "./waterfall";
import { Badge } from "@/components/badge";
import { Button } from "@/components/button";
import { CostSheet } from "@/components/cost-sheet";
import { CopyId, When } from "@/components/numbers";
import { Card, Empty, Page, Problem, Skeleton } from "@/components/states";
import { write } from "@/lib/api";
import type { Attempt, GenerationAnswer } from "@/lib/contract";
import { words } from "@/lib/format";
import { shortName, useCatalog } from "@/lib/models";
import { useAddress } from "@/lib/url";

/** One call of a caller: what was tried, why, what it cost and, by another feature's view, what was said. */
export function GenerationPage({ content }: { content: ReactNode }) {
  const [address] = useAddress();
  const id = address.get("id") ?? "";
  const answer = useGeneration(id);
  const catalog = useCatalog();
  const generation = answer.data?.generation;
  if (!generation) {
    return (
      <Page title="Generation">
        {answer.isError && <Problem error={answer.error} retry={() => void answer.refetch()} />}
        {answer.isLoading && <Skeleton className="h-96" />}
        {id === "" && <Empty title="No generation is named in the address" />}
      </Page>
    );
  }
  const { model, project, key_name: key, end_user: user, door, session_id: session, state } = generation;
  const resolved = model?.resolved || model?.requested || "";
  return (
    <Page
      title={
        <span className="flex flex-wrap items-center gap-2.5">
          {shortName(catalog.data?.byId.get(resolved), resolved)} <Status generation={generation} />
        </span>
      }
      note={<CopyId id={id} />}
      actions={
        <>
          {session && (
            <Link href={`/chat/?session=${session}`} className="text-accent-text underline">
              Open its chat
            </Link>
          )}
          {state === "admitted" && (
            <Button kind="danger" onClick={() => void write("POST", `/generations/${id}/cancel`).then(() => answer.refetch())}>
              Stop
            </Button>
          )}
        </>
      }
    >
      <p className="flex flex-wrap gap-x-2 text-text-2">
        <When time={generation.create_time} />
        {[project, key, user, door?.replace("_", "-"), generation.streamed ? "streamed" : "whole"].filter(Boolean).map((fact) => (
          <span key={fact}>· {fact}</span>
        ))}
        {generation.error_reason && <Badge tone="bad">{words(generation.error_reason)}</Badge>}
        {generation.finish_reason && <span>· ended by {generation.finish_reason.replaceAll("_", " ")}</span>}
      </p>
      <Facts generation={generation} />
      <Card title="Attempts">
        <Waterfall attempts={answer.data?.attempts ?? []} from={generation.create_time} />
        <p className="text-note text-text-2">Hatched: waiting for the first token. Solid: streaming.</p>
      </Card>
      <div className="grid items-start gap-4 md:grid-cols-2">
        {answer.data && <Routing answer={answer.data} />}
        {answer.data && (
          <Card title="How the cost was computed">
            <CostSheet answer={answer.data} />
          </Card>
        )}
      </div>
      <Card title="What each attempt said">
        {(answer.data?.attempts ?? []).map((attempt) => (
          <AttemptDetails key={attempt.index} attempt={attempt} />
        ))}
      </Card>
      {content}
    </Page>
  );
}

function Routing({ answer }: { answer: GenerationAnswer }) {
  const { model } = answer.generation ?? {};
  return (
    <Card title="Routing">
      <p className="text-text-2">
        Asked for <b className="font-medium text-text">{model?.requested}</b>, resolved to{" "}
        <b className="font-medium text-text">{model?.resolved}</b> by {(model?.rule ?? "no rule").replaceAll("_", " ")}
        {model?.confidence !== undefined && model.confidence < 1 && ` (${model.confidence.toFixed(2)})`}
      </p>
      <ol className="flex flex-col gap-2">
        {(answer.candidates ?? []).map(({ provider, upstream_model: upstream, chosen, reason }, at) => (
          <li key={at} className="flex flex-wrap items-baseline gap-2">
            <Badge tone={chosen ? "good" : "neutral"}>{chosen ? "chosen" : "left"}</Badge>
            {provider} <span className="font-mono text-note break-all text-text-2">{upstream}</span>
            <span className="text-text-2">{reason}</span>
          </li>
        ))}
      </ol>
    </Card>
  );
}

function AttemptDetails({ attempt }: { attempt: Attempt }) {
  const facts: [string, string | undefined][] = [
    ["Credential", attempt.credential],
    ["Upstream model", attempt.upstream_model],
    ["Upstream id", attempt.upstream_id],
    ["HTTP status", attempt.http_status?.toString()],
    ["Error", attempt.error_reason && words(attempt.error_reason)],
  ];
  return (
    <details className="rounded-control border border-line">
      <summary className="px-3 py-2 font-medium">
        {attempt.index} · {words(attempt.kind)} · {attempt.provider}
      </summary>
      <div className="flex flex-col gap-2 border-t border-line p-3">
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
          {facts
            .filter(([, value]) => value)
            .map(([name, value]) => (
              <div key={name} className="contents">
                <dt className="text-text-2">{name}</dt>
                <dd className="font-mono break-all">{value}</dd>
              </div>
            ))}
        </dl>
        {attempt.error_message && <p className="break-words text-bad">{attempt.error_message.slice(0, 4096)}</p>}
        {attempt.raw_usage && (
          <pre tabIndex={0} aria-label="Raw usage" className="overflow-x-auto rounded-control bg-sunken p-3 font-mono text-code">
            {pretty(attempt.raw_usage)}
          </pre>
        )}
      </div>
    </details>
  );
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
