"use client";

import { ArrowUp, Pause, Play } from "lucide-react";
import { useRouter } from "next/navigation";
import { useMemo, useRef, useState } from "react";

import { columnsOf, filterOf, narrowRow } from "./columns";
import { useLog } from "./log";
import { Peek } from "./peek";
import { Button } from "@/components/button";
import { Input, Select } from "@/components/field";
import { FilterBar } from "@/components/filter-bar";
import { Empty, Page, Problem, Skeleton } from "@/components/states";
import { DataTable } from "@/components/table";
import { useNow } from "@/lib/browser";
import { useCommands } from "@/lib/commands";
import { useCatalog } from "@/lib/models";
import { useAddress } from "@/lib/url";

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
  const table = useRef<HTMLDivElement>(null);
  const catalog = useCatalog();
  const now = useNow();
  const [address, go] = useAddress();
  const [live, setLive] = useState(true);
  // Nothing moves under a reader's eye: rows that come while the log is scrolled or pointed at wait behind a pill.
  const [top, setTop] = useState(true);
  const [pointed, setPointed] = useState(false);
  const [held, setHeld] = useState<string>();
  const status = address.get("status") ?? "";
  const slow = address.get("slow") ?? "";
  const peek = address.get("peek");
  const filter = {
    states: status,
    min_total_ms: slow,
    ...Object.fromEntries(TEXTS.map(([name, field]) => [field, address.get(name) ?? ""])),
  };
  const holding = !top || pointed;
  const log = useLog(filter, live, holding);
  const { rows } = log;
  const newest = rows[0]?.id;
  if (holding ? held === undefined && newest !== undefined : held !== undefined) {
    setHeld(holding ? newest : undefined);
  }
  const fresh = held === undefined ? 0 : Math.max(0, rows.findIndex(({ id }) => id === held));
  const shown = fresh > 0 ? rows.slice(fresh) : rows;
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
        <FilterBar set={[status, slow, ...TEXTS.map(([name]) => address.get(name))].filter(Boolean).length}>
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
              key={`${name} ${address.get(name) ?? ""}`}
              aria-label={label}
              placeholder={label}
              defaultValue={address.get(name) ?? ""}
              onKeyDown={(event) => event.key === "Enter" && go({ [name]: event.currentTarget.value.trim() })}
              onBlur={(event) => go({ [name]: event.target.value.trim() })}
              className="w-32"
            />
          ))}
        </FilterBar>
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
          <div
            ref={table}
            onClickCapture={(event) => {
              const filter = filterOf(event);
              if (filter) {
                event.stopPropagation();
                go(filter);
              }
            }}
            className="relative min-w-0 grow"
          >
            {fresh > 0 && (
              <Button
                kind="primary"
                className="absolute top-11 left-1/2 z-20 -translate-x-1/2 shadow-3"
                icon={ArrowUp}
                onClick={() => {
                  table.current?.querySelector("[role=region]")?.scrollTo({ top: 0 });
                  setHeld(newest);
                  setTop(true);
                }}
              >
                {fresh} new
              </Button>
            )}
            <DataTable
              caption="Generations, newest first"
              columns={columns}
              rows={shown}
              onTop={setTop}
              onPoint={(row) => setPointed(row !== null)}
              narrow={(row) => narrowRow(row, catalog.data, now)}
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
