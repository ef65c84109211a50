"use client";

import { useInfiniteQuery } from "@tanstack/react-query";

import { Problem } from "@/components/problem";
import { QUIET } from "@/components/styles";
import { Cell, Head, Table } from "@/components/table";
import { read } from "@/lib/api";
import type { Generation, GenerationPage } from "@/lib/contract";
import { cost, duration, moment, tokens } from "@/lib/format";

const STATE = {
  completed: "text-good",
  failed: "text-bad",
  interrupted: "text-bad",
  unknown: "text-warn",
} as Record<string, string>;

/** The last calls: what each used, cost and took. */
export function Usage() {
  const log = useInfiniteQuery({
    queryKey: ["generations"],
    queryFn: ({ pageParam, signal }) =>
      read<GenerationPage>(`/generations?page_size=50&page_token=${encodeURIComponent(pageParam)}`, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_page_token || undefined,
    staleTime: 0,
  });
  const generations = log.data?.pages.flatMap((page) => page.generations ?? []);

  return (
    <div className="min-h-0 grow overflow-y-auto p-4 md:p-8">
      <div className="mx-auto flex max-w-page flex-col items-start gap-4">
        <div className="flex w-full items-center gap-4">
          <h1 className="text-title">Usage</h1>
          <button type="button" onClick={() => void log.refetch()} disabled={log.isFetching} className={`${QUIET} ml-auto`}>
            Refresh
          </button>
        </div>
        {log.isError && <Problem error={log.error} retry={() => void log.refetch()} />}
        {log.isPending && <p className="text-text-2">Loading…</p>}
        {generations?.length === 0 && <p className="text-text-2">No calls yet. Send a prompt in the chat.</p>}
        {!!generations?.length && (
          <div className="w-full">
            <Table head={<Columns />}>
              {generations.map((generation) => (
                <Row key={generation.id} generation={generation} />
              ))}
            </Table>
          </div>
        )}
        {log.hasNextPage && (
          <button type="button" onClick={() => void log.fetchNextPage()} disabled={log.isFetching} className={QUIET}>
            Older
          </button>
        )}
      </div>
    </div>
  );
}

function Columns() {
  return (
    <>
      <Head>Time</Head>
      <Head>Model</Head>
      <Head>State</Head>
      <Head right minor>In</Head>
      <Head right minor>Out</Head>
      <Head right>Cost</Head>
      <Head right minor>First word</Head>
      <Head right minor>Total</Head>
    </>
  );
}

function Row({ generation }: { generation: Generation }) {
  const { id, create_time: time, model, provider, state = "unspecified", usage, cost_usd: usd, timings } = generation;
  return (
    <tr className="border-t border-line whitespace-nowrap hover:bg-hover" title={id}>
      <Cell>
        <time dateTime={time}>{moment(time)}</time>
      </Cell>
      <Cell>
        {model?.resolved || model?.requested} <span className="text-text-2 max-md:hidden">{provider}</span>
      </Cell>
      <Cell>
        <span className={STATE[state]} title={generation.error_reason}>
          {state}
        </span>
      </Cell>
      <Cell right minor>{tokens(usage?.total_input_tokens)}</Cell>
      <Cell right minor>{tokens(usage?.total_output_tokens)}</Cell>
      <Cell right>{cost(usd)}</Cell>
      <Cell right minor>{duration(timings?.first_token_ms)}</Cell>
      <Cell right minor>{duration(timings?.total_ms)}</Cell>
    </tr>
  );
}
