"use client";

import { Dot } from "@/components/badge";
import { Duration } from "@/components/numbers";
import { DataTable } from "@/components/table";
import { useCaller } from "@/lib/caller";
import type { Model } from "@/lib/contract";
import { context, pricePerMillion } from "@/lib/format";
import { healthOf, useProviders } from "@/lib/providers";

/** Who serves a model, on which terms; and how they do, for who may see that. */
export function Endpoints({ model }: { model: Model }) {
  const caller = useCaller();
  const { data } = useProviders(caller.data?.all_projects ?? false);
  const byName = new Map(data?.providers?.map((status) => [status.name, status]));
  return (
    <DataTable
      caption="Endpoints"
      rows={(model.endpoints ?? []).map((endpoint) => ({ ...endpoint, status: byName.get(endpoint.provider) }))}
      rowKey={({ provider = "", upstream_id: id = "" }) => `${provider} ${id}`}
      columns={[
        {
          id: "provider",
          head: "Endpoint",
          cell: ({ provider, available, status }) => {
            const [word, tone] = status ? healthOf(status) : available ? (["Available", "good"] as const) : (["No key", "neutral"] as const);
            return (
              <span className="flex items-center gap-2">
                <Dot tone={tone} />
                {provider}
                <span className="text-text-2">{word}</span>
              </span>
            );
          },
        },
        { id: "upstream", head: "Its own id", from: "md", cell: ({ upstream_id: id }) => <span className="font-mono text-text-2">{id}</span> },
        { id: "first", head: "First token p50", right: true, from: "md", cell: ({ status }) => <Duration ms={status?.first_token_ms?.p50} /> },
        { id: "in", head: "In / 1M", right: true, cell: ({ price }) => pricePerMillion((price ?? model.price)?.input) },
        { id: "out", head: "Out / 1M", right: true, cell: ({ price }) => pricePerMillion((price ?? model.price)?.output) },
        { id: "context", head: "Context", right: true, from: "sm", cell: ({ context_length: size }) => context(size ?? model.context_length) },
        { id: "quantization", head: "Quantisation", from: "md", cell: ({ quantization }) => quantization || "–" },
      ]}
    />
  );
}
