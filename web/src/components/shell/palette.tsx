"use client";

import { useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import fuzzysort from "fuzzysort";
import { useRouter } from "next/navigation";
import { useDeferredValue, useState, type KeyboardEvent } from "react";
import { flushSync } from "react-dom";

import { Dialog } from "@/components/dialog";
import { Keys } from "./key-list";
import { read } from "@/lib/api";
import { runCommand, useCommandList } from "@/lib/commands";
import type { SessionPage } from "@/lib/contract";
import { chats, isServed, shortName, useCatalog } from "@/lib/models";
import { useRecentModels } from "@/lib/recent";

const MOST_ROWS = 60;
/** Where a pasted id leads. */
const PLACES = [
  { form: /^gen_[\w-]{8,}$/, noun: "generation", place: "/generation/?id=" },
  { form: /^ses_[\w-]{8,}$/, noun: "chat", place: "/chat/?session=" },
];

interface Row {
  id: string;
  group: string;
  title: string;
  keys?: string | undefined;
  run: () => void;
}

/** Everything that can be done or opened, by name. `>` is for commands only, `@` for models, `#` for chats. */
export function Palette({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title="Search or jump to" bare shape="palette">
      <Search onClose={onClose} />
    </Dialog>
  );
}

function Search({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const rows = useRows(text);
  const active = rows[Math.min(at, rows.length - 1)];

  function run(row: Row) {
    // Closed first: it gives the focus back, which what runs may want elsewhere.
    flushSync(onClose);
    row.run();
  }
  function onKeyDown(event: KeyboardEvent) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      const next = Math.max(0, Math.min(rows.length - 1, at + step));
      setAt(next);
      document.getElementById(`palette-${next}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && active) {
      event.preventDefault();
      run(active);
    } else if (event.key === "Escape" && text) {
      event.preventDefault();
      event.stopPropagation();
      setText("");
    }
  }
  return (
    <div className="flex max-h-[70dvh] flex-col">
      <input
        role="combobox"
        aria-expanded
        aria-controls="palette-rows"
        aria-activedescendant={active && `palette-${rows.indexOf(active)}`}
        aria-label="Search or jump to"
        placeholder="Search or jump to"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
        className="h-12 shrink-0 border-b border-line bg-transparent px-4 text-body outline-none"
      />
      <div id="palette-rows" role="listbox" aria-label="Results" className="min-h-0 overflow-y-auto p-1">
        {rows.map((row, index) => (
          <div key={row.id} role="presentation">
            {row.group !== rows[index - 1]?.group && (
              <p className="px-3 pt-2 pb-1 text-note font-medium text-text-2">{row.group}</p>
            )}
            <div
              id={`palette-${index}`}
              role="option"
              aria-selected={row === active}
              onClick={() => run(row)}
              className={clsx(
                "flex h-10 cursor-pointer items-center justify-between gap-4 rounded-control px-3 hover:bg-hover",
                row === active && "bg-hover",
              )}
            >
              <span className="truncate">{row.title}</span>
              {row.keys && <Keys keys={row.keys} />}
            </div>
          </div>
        ))}
        {rows.length === 0 && <p className="p-4 text-text-2">Nothing is called that.</p>}
      </div>
    </div>
  );
}

function useRows(text: string): Row[] {
  const router = useRouter();
  const commands = useCommandList();
  const catalog = useCatalog();
  const recent = useRecentModels();
  const prefix = /^[>@#]/.exec(text)?.[0];
  const query = (prefix ? text.slice(1) : text).trim();
  // A key that was pasted by mistake is not sent anywhere.
  const asked = useDeferredValue(query.length >= 2 && !/ggw_/.test(query) ? query : "");
  const sessions = useQuery({
    queryKey: ["sessions", "palette", asked],
    queryFn: ({ signal }) => read<SessionPage>("/sessions", { query: asked, page_size: 8 }, signal),
    placeholderData: (before) => before,
  });

  const byId = PLACES.flatMap(({ form, noun, place }): Row[] =>
    form.test(query) ? [{ id: query, group: "By id", title: `Open ${noun} ${query}`, run: () => router.push(place + query) }] : [],
  );
  const order = ["Here", "Go to", "Settings"];
  const actions: Row[] = commands
    .filter(({ id }) => id !== "palette")
    .sort((one, other) => order.indexOf(one.group) - order.indexOf(other.group))
    // As it is then: the list is not made anew with each state of the page.
    .map((command) => ({ ...command, run: () => void runCommand(command.id) }));
  const chatRows: Row[] = (sessions.data?.sessions ?? []).map(({ id, title }) => ({
    id,
    group: "Chats",
    title: title || "Untitled chat",
    run: () => router.push(`/chat/?session=${id}`),
  }));
  const models = (catalog.data?.models ?? []).filter((model) => isServed(model) && chats(model));
  const modelRows: Row[] = models
    .toSorted((one, other) => rank(recent, one.id) - rank(recent, other.id))
    .flatMap((model) =>
      (["Chat with", "Open"] as const).map((what) => ({
        id: `${what} ${model.id}`,
        group: "Models",
        title: `${what} ${shortName(model, model.id)}`,
        run: () => router.push((what === "Open" ? "/model/?id=" : "/chat/?model=") + encodeURIComponent(model.id)),
      })),
    );

  const wanted = { ">": [actions], "@": [modelRows], "#": [chatRows] }[prefix ?? ""] ?? [actions, chatRows, modelRows];
  if (!query) {
    return wanted.flatMap((rows) => rows.slice(0, prefix ? MOST_ROWS : 24)).slice(0, MOST_ROWS);
  }
  // The gateway has already searched the chats, by their words.
  const match = (rows: Row[]) =>
    rows === chatRows ? (asked ? rows : []) : fuzzysort.go(query, rows, { key: "title", threshold: 0.3, limit: 20 }).map(({ obj }) => obj);
  return [...byId, ...wanted.flatMap(match)].slice(0, MOST_ROWS);
}

function rank(recent: string[], id: string): number {
  const at = recent.indexOf(id);
  return at < 0 ? recent.length : at;
}
