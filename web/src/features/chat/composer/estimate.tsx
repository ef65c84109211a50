"use client";

import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { toPart, type Attachment } from "./attachments";
import { requestOf, type Choice } from "../use-chat";
import { write } from "@/lib/api";
import type { Estimate } from "@/lib/contract";
import { timesDearer } from "@/lib/cost";
import { cost, tokens } from "@/lib/format";
import { shortName, useCatalog } from "@/lib/models";

const REST_MS = 400;
/** From how many times the price on a change of model is told. */
const DEARER = 5;

interface Props {
  text: string;
  files: Attachment[];
  session: string;
  choice: Choice;
  /** The model that answered last. */
  before: string | undefined;
}

/** What the message would use and at most cost, before it is sent; and what a limit would say. */
export function EstimateLine({ text, files, session, choice, before = "" }: Props) {
  const { data: catalog } = useCatalog();
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
  const usage = { total_input_tokens: input, total_output_tokens: data.max_output_tokens ?? 0 };
  const left = catalog?.byId.get(before);
  const times = timesDearer(usage, catalog?.byId.get(model)?.price, left?.price) ?? 0;
  return (
    <span title={`From ${cost(data.min_cost_usd)} to ${cost(most)}; ${tokens(input)} of ${tokens(size)} context`}>
      <span className="max-sm:hidden">about </span>
      {tokens(input)} in{most !== undefined && ` · up to ${cost(most)}`}
      {times > DEARER && (
        <span className="text-warn">
          {" · "}
          {times === Infinity ? `${shortName(left, before)} was free` : `${Math.round(times)}× as dear as ${shortName(left, before)}`}
        </span>
      )}
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
