"use client";

import { useQuery } from "@tanstack/react-query";
import { useMemo, type ReactNode } from "react";

import { AnswerBlocks } from "./turns/answer";
import { PromptView } from "./turns/prompt";
import { rows, textOf } from "./turns/rows";
import { When } from "@/components/numbers";
import { Card, Problem, Skeleton } from "@/components/states";
import { read } from "@/lib/api";
import type { CapturedContent, Message, Tool } from "@/lib/contract";
import { useGeneration } from "@/lib/generations";
import { useAddress } from "@/lib/url";

const NOTHING: Message[] = [];
const INSTRUCTIONS = ["system", "developer"];

/** What a generation was asked and answered, drawn as the chat draws it; or why that is not there. */
export function Captured() {
  const [address] = useAddress();
  const id = address.get("id") ?? "";
  const generation = useGeneration(id).data?.generation;
  const ended = generation !== undefined && generation.state !== "admitted";
  const found = useQuery({
    queryKey: ["generation", id, "content"],
    queryFn: ({ signal }) => read<CapturedContent>(`/generations/${encodeURIComponent(id)}/content`, {}, signal),
    enabled: ended,
  });
  const content = found.data?.content;
  return (
    <Card title="Content">
      {!ended && <Line>Shown once the generation has ended.</Line>}
      {found.isError && <Problem error={found.error} retry={() => void found.refetch()} />}
      {found.isLoading && <Skeleton className="h-24" />}
      {found.data && !content && <Line>{whyNot(found.data, generation?.operation)}</Line>}
      {content && <Turns messages={content.messages} answer={content.answer} tools={content.tools} />}
      {content && (
        <Line>
          {found.data?.expire_time ? (
            <>
              Kept until <When time={found.data.expire_time} />.
            </>
          ) : (
            "Kept for ever."
          )}
        </Line>
      )}
    </Card>
  );
}

function Line({ children }: { children: ReactNode }) {
  return <p className="text-note text-text-2">{children}</p>;
}

function whyNot({ capturing }: CapturedContent, operation: string | undefined): ReactNode {
  if (operation === "embeddings") {
    return "Inputs of embeddings are not kept.";
  }
  if (capturing) {
    return "Content was not captured, or is no longer kept.";
  }
  return (
    <>
      Content was not captured. Turn on <code className="font-mono">privacy.capture</code> to keep it from now on.
    </>
  );
}

interface Props {
  messages: Message[] | undefined;
  answer: Message | undefined;
  tools: Tool[] | undefined;
}

function Turns({ messages = NOTHING, answer, tools = [] }: Props) {
  const shown = useMemo(() => {
    const said = messages.filter(({ role = "" }) => !INSTRUCTIONS.includes(role));
    const all = answer ? [...said, answer] : said;
    // None of them is a session's own, so each is named by its place.
    return rows(all.map((message, at) => ({ message: { ...message, id: String(at) } })), []);
  }, [messages, answer]);
  const instructions = messages.filter(({ role = "" }) => INSTRUCTIONS.includes(role)).flatMap(({ content }) => content ?? []);
  const names = tools.flatMap((tool) => ("function" in tool ? tool.function.name : "custom" in tool ? tool.custom.name : undefined) ?? []);
  return (
    <div className="mx-auto flex w-full max-w-answer flex-col gap-5">
      {instructions.length > 0 && (
        <details className="rounded-control border border-line">
          <summary className="px-3 py-2 font-medium">Instructions</summary>
          <p className="border-t border-line p-3 break-words whitespace-pre-wrap">{textOf(instructions)}</p>
        </details>
      )}
      {names.length > 0 && (
        <p className="text-note text-text-2">
          Could call <span className="font-mono">{names.join(", ")}</span>
        </p>
      )}
      {shown.map((row) =>
        row.kind === "prompt" ? (
          <PromptView key={row.id} row={row} />
        ) : (
          <article key={row.id} aria-label={`Answer ${row.number}`} className="flex min-w-0 flex-col gap-3">
            <AnswerBlocks row={row} live={false} />
          </article>
        ),
      )}
      {!answer && <p className="text-text-2">Nothing was answered.</p>}
    </div>
  );
}
