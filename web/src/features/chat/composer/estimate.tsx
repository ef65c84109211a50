"use client";

import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { toPart, type Attachment } from "./attachments";
import { requestOf, type Choice } from "../use-chat";
import { write } from "@/lib/api";
import type { Estimate } from "@/lib/contract";
import { cost, tokens } from "@/lib/format";

const REST_MS = 400;

/** What the message would use and at most cost, before it is sent; and what a limit would say. */
export function EstimateLine({ text, files, session, choice }: { text: string; files: Attachment[]; session: string; choice: Choice }) {
  const settled = useSettled(text.trim());
  const { model, settings, system } = choice;
  const wanted = model !== "" && (settled !== "" || files.length > 0);
  const { data } = useQuery({
    queryKey: ["estimate", session, model, settings, system, settled, files.map(({ id }) => id)],
    queryFn: ({ signal }) => {
      const content = [...files.map(toPart), ...(settled ? [{ text: settled }] : [])];
      const request = requestOf(choice, session, [{ role: "user", content }]);
      return write<Estimate>("POST", "/chat/estimate", request, { signal });
    },
    enabled: wanted,
    retry: false,
    staleTime: 30_000,
  });
  if (!wanted || !data) {
    return null;
  }
  const { input_tokens: input = 0, context_length: size = 0, max_cost_usd: most, verdicts = [] } = data;
  const refused = verdicts.find(({ allowed }) => !allowed);
  if (refused) {
    return <span className="text-warn">{refused.message ?? `${refused.name ?? "A limit"} would refuse this`}</span>;
  }
  if (size > 0 && input / size >= 0.8) {
    return (
      <span className="text-warn">
        {tokens(input)} of {tokens(size)}
      </span>
    );
  }
  return (
    <span title={`From ${cost(data.min_cost_usd)} to ${cost(most)}; ${tokens(input)} of ${tokens(size)} context`}>
      <span className="max-sm:hidden">about </span>
      {tokens(input)} in{most !== undefined && ` · up to ${cost(most)}`}
    </span>
  );
}

/** A text once it has rested. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), REST_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
