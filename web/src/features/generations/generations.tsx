"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Pause, Play } from "lucide-react";
import { useRouter } from "next/navigation";
import { useMemo, useState } from "react";

import { Peek } from "./peek";
import { Status } from "./status";
import { Tile } from "@/components/badge";
import { Button } from "@/components/button";
import { Input, Select } from "@/components/field";
import { Duration, Money, Tokens } from "@/components/numbers";
import { Empty, Page, Problem, Skeleton } from "@/components/states";
import { DataTable, type Column } from "@/components/table";
import { read } from "@/lib/api";
import { useNow } from "@/lib/browser";
import { useCommands } from "@/lib/commands";
import type { Generation, GenerationPage } from "@/lib/contract";
import { logTime, wholeMoment } from "@/lib/format";
import { shortName, useCatalog, type Catalog } from "@/lib/models";
import { useAddress } from "@/lib/url";

const LIVE_MS = 2000;
const STATES = ["admitted", "completed", "failed", "cancelled", "interrupted", "unknown"];
const STATE_NAMES = ["Running", "Done", "Failed", "Stopped", "Interrupted", "Unknown"];
/** Filters that are plain text, by their name in the address and in the contract. */
const TEXTS = [
  ["model", "models", "Model"],
  ["provider", "providers", "Provider"],
  ["key", "key_ids", "Key id"],
  ["user", "end_users", "End user"],
  ["session", "session_id", "Session"],
] as const;

/** The log of all calls, newest first. */
export function Generations() {
  const router = useRouter();
  const catalog = useCatalog();
  const now = useNow();
  const [address, go] = useAddress();
  const [live, setLive] = useState(true);
  const status = address.get("status") ?? "";
  const slow = address.get("slow") ?? "";
  const peek = address.get("peek");
  const filter = {
    states: status,
    min_total_ms: slow,
    ...Object.fromEntries(TEXTS.map(([name, field]) => [field, address.get(name) ?? ""])),
  };
  const log = useInfiniteQuery({
    queryKey: ["generations", filter],
    queryFn: ({ pageParam, signal }) =>
      read<GenerationPage>("/generations", { ...filter, page_size: 100, page_token: pageParam }, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_page_token || undefined,
    staleTime: 0,
    // One page is one request: a log that was scrolled on is not read anew by itself.
    refetchInterval: ({ state }) => (live && (state.data?.pages.length ?? 0) <= 1 ? LIVE_MS : false),
  });
  const rows = useMemo(() => log.data?.pages.flatMap((page) => page.generations ?? []) ?? [], [log.data]);
  const columns = useMemo(() => columnsOf(catalog.data, now), [catalog.data, now]);
  const filtered = status !== "" || slow !== "" || TEXTS.some(([name]) => address.get(name));
  const at = rows.findIndex(({ id }) => id === peek);
  const step = (by: number) => {
    const next = rows[at + by];
    if (at >= 0 && next) {
      go({ peek: next.id }, "replace");
    }
  };
  useCommands([
    { id: "pause", title: live ? "Pause the log" : "Go on with the log", group: "Here", keys: "p", run: () => setLive(!live) },
    { id: "next", title: "Next generation", group: "Here", keys: "j", run: () => step(1) },
    { id: "previous", title: "Previous generation", group: "Here", keys: "k", run: () => step(-1) },
    { id: "close-peek", title: "Close the peek", group: "Here", keys: "Escape", run: () => go({ peek: undefined }, "replace") },
  ]);

  return (
    <Page
      title="Generations"
      actions={
        <Button icon={live ? Pause : Play} aria-pressed={live} onClick={() => setLive(!live)}>
          {live ? "Live" : "Paused"}
        </Button>
      }
    >
      <div className="flex flex-wrap items-center gap-2">
        <Select
          aria-label="Status"
          value={status}
          options={[{ value: "", name: "Any status" }, ...STATES.map((value, index) => ({ value, name: STATE_NAMES[index] ?? value }))]}
          onChange={(value) => go({ status: value })}
        />
        <Select
          aria-label="Duration"
          value={slow}
          options={[{ value: "", name: "Any duration" }, ...["1000", "5000", "30000"].map((value) => ({ value, name: `From ${Number(value) / 1000} s` }))]}
          onChange={(value) => go({ slow: value })}
        />
        {TEXTS.map(([name, , label]) => (
          <Input
            key={`${name} ${filtered}`}
            aria-label={label}
            placeholder={label}
            defaultValue={address.get(name) ?? ""}
            onKeyDown={(event) => event.key === "Enter" && go({ [name]: event.currentTarget.value.trim() })}
            onBlur={(event) => go({ [name]: event.target.value.trim() })}
            className="w-32"
          />
        ))}
        {filtered && (
          <Button kind="quiet" onClick={() => history.pushState(null, "", location.pathname)}>
            Clear
          </Button>
        )}
      </div>
      {log.isError && <Problem error={log.error} retry={() => void log.refetch()} />}
      {log.isPending && <Skeleton className="h-96" />}
      {log.isSuccess && rows.length === 0 && (
        <Empty title={filtered ? "No generation fits all of these" : "No generations yet"}>
          {filtered ? "Clear a filter to see more." : "Each request through the gateway will stand here."}
        </Empty>
      )}
      <div className="flex items-start gap-4">
        {rows.length > 0 && (
          <div className="min-w-0 grow">
            <DataTable
              caption="Generations, newest first"
              columns={columns}
              rows={rows}
              rowKey={({ id }) => id}
              onOpen={({ id }) => (innerWidth >= 1200 ? go({ peek: id }) : router.push(`/generation/?id=${id}`))}
              virtual={rows.length > 60}
              foot={
                log.hasNextPage && (
                  <Button kind="quiet" className="w-full" busy={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
                    Older
                  </Button>
                )
              }
            />
          </div>
        )}
        {peek && <Peek id={peek} onClose={() => go({ peek: undefined }, "replace")} />}
      </div>
    </Page>
  );
}

function columnsOf(catalog: Catalog | undefined, now: number): Column<Generation>[] {
  return [
    {
      id: "time",
      head: "Time",
      cell: ({ create_time: time }) => (
        <time dateTime={time} title={time && wholeMoment(time)}>
          {logTime(time, now)}
        </time>
      ),
    },
    {
      id: "model",
      head: "Model",
      cell: ({ model }) => {
        const id = model?.resolved || model?.requested || "";
        return (
          <span className="flex items-center gap-2">
            <Tile id={id} />
            <span className="max-w-36 truncate font-medium @xl:max-w-64">{shortName(catalog?.byId.get(id), id)}</span>
          </span>
        );
      },
    },
    { id: "provider", head: "Provider", from: "md", cell: ({ provider }) => <span className="text-text-2">{provider || "–"}</span> },
    { id: "key", head: "Key", from: "lg", cell: ({ key_name: name, key_id: id }) => <span className="text-text-2">{name || id}</span> },
    { id: "status", head: "Status", cell: (generation) => <Status generation={generation} /> },
    { id: "in", head: "In", right: true, from: "md", cell: ({ usage }) => <Tokens value={usage?.total_input_tokens} /> },
    { id: "out", head: "Out", right: true, from: "md", cell: ({ usage }) => <Tokens value={usage?.total_output_tokens} /> },
    { id: "cost", head: "Cost", right: true, from: "sm", cell: ({ cost_usd: usd }) => <Money usd={usd} /> },
    { id: "first", head: "First", right: true, from: "md", cell: ({ timings }) => <Duration ms={timings?.first_token_ms} /> },
    { id: "total", head: "Total", right: true, from: "sm", cell: ({ timings }) => <Duration ms={timings?.total_ms} /> },
  ];
}
