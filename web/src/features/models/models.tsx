"use client";

import { useMemo, useState } from "react";

import { Problem } from "@/components/problem";
import { FIELD } from "@/components/styles";
import { Cell, Head, Table } from "@/components/table";
import { context, pricePerMillion } from "@/lib/format";
import { isServed, useModels } from "@/lib/models";

/** What there is, first what can be asked, and what a million tokens of it cost. */
export function Models() {
  const catalog = useModels();
  const [query, setQuery] = useState("");
  const found = useMemo(() => {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    return catalog.data
      ?.filter(({ id, name = "" }) => words.every((word) => `${id} ${name}`.toLowerCase().includes(word)))
      .sort((one, other) => Number(isServed(other)) - Number(isServed(one)));
  }, [catalog.data, query]);

  return (
    <div className="min-h-0 grow overflow-y-auto p-4 md:p-8">
      <div className="mx-auto flex max-w-page flex-col gap-4">
        <div className="flex flex-wrap items-center gap-4">
          <h1 className="text-title">Models</h1>
          <input
            type="search"
            aria-label="Filter models"
            placeholder="Filter by id or name"
            value={query}
            onChange={(event) => setQuery(event.target.value)}
            className={`${FIELD} w-64`}
          />
          {found && (
            <span role="status" className="text-text-2">
              {found.length === 1 ? "1 model" : `${found.length} models`}
            </span>
          )}
        </div>
        {catalog.isError && <Problem error={catalog.error} retry={() => void catalog.refetch()} />}
        {catalog.isPending && <p className="text-text-2">Loading…</p>}
        {found && found.length > 0 && (
          <Table
            head={
              <>
                <Head>Model</Head>
                <Head minor>Takes</Head>
                <Head minor>Makes</Head>
                <Head right minor>Context</Head>
                <Head right>Input, 1M</Head>
                <Head right>Output, 1M</Head>
              </>
            }
          >
            {found.map((model) => (
              <tr key={model.id} className="border-t border-line hover:bg-hover">
                <Cell>
                  <span className="font-medium">{model.name || model.id}</span>
                  {!isServed(model) && <span className="text-note text-text-2"> · no key</span>}
                  <br />
                  <span className="font-mono text-note break-all text-text-2 select-all">{model.id}</span>
                </Cell>
                <Cell minor>{model.input_modalities?.join(", ")}</Cell>
                <Cell minor>{model.output_modalities?.join(", ")}</Cell>
                <Cell right minor>{context(model.context_length)}</Cell>
                <Cell right>{pricePerMillion(model.price?.input)}</Cell>
                <Cell right>{pricePerMillion(model.price?.output)}</Cell>
              </tr>
            ))}
          </Table>
        )}
        {found?.length === 0 && <p className="text-text-2">No model has this in its id or name.</p>}
      </div>
    </div>
  );
}
