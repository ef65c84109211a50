"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import clsx from "clsx";
import { Ellipsis, Pencil, Plus, Search } from "lucide-react";
import Link from "next/link";
import { useRouter, useSearchParams } from "next/navigation";
import { useDeferredValue, useEffect, useMemo, useRef, useState } from "react";

import { entries } from "./group";
import { useSessions } from "../data";
import { useHasDraft } from "../draft";
import { IconButton } from "@/components/button";
import { Dot } from "@/components/badge";
import { Input } from "@/components/field";
import { MenuItem, Popover } from "@/components/popover";
import { toast } from "@/components/toast";
import { read, write } from "@/lib/api";
import { save, useNow } from "@/lib/browser";
import { useCommands } from "@/lib/commands";
import type { Session, SessionDocument } from "@/lib/contract";

const ROW_PX = 32;

/** The chats, by day; more of them are read as the list is scrolled. */
export function Sessions() {
  const [query, setQuery] = useState("");
  const [gone, setGone] = useState<string[]>([]);
  const now = useNow();
  const list = useSessions(useDeferredValue(query));
  const box = useRef<HTMLDivElement>(null);
  const current = useSearchParams().get("session");
  const items = useMemo(() => {
    const sessions = list.data?.pages.flatMap((page) => page.sessions ?? []) ?? [];
    return entries(sessions.filter(({ id }) => !gone.includes(id)), now);
  }, [list.data, gone, now]);
  const virtualizer = useVirtualizer({ count: items.length, getScrollElement: () => box.current, estimateSize: () => ROW_PX, overscan: 10 });
  const last = virtualizer.getVirtualItems().at(-1)?.index ?? 0;
  const { hasNextPage, isFetching, fetchNextPage } = list;
  useEffect(() => {
    if (last >= items.length - 10 && hasNextPage && !isFetching) {
      void fetchNextPage();
    }
  }, [last, items.length, hasNextPage, isFetching, fetchNextPage]);

  return (
    <section aria-label="Chats" className="flex min-h-0 grow flex-col">
      <div className="flex items-center gap-1 px-2 pb-2">
        <label className="relative min-w-0 grow">
          <span className="sr-only">Search chats</span>
          <Search size={14} strokeWidth={1.6} aria-hidden className="absolute top-2 left-2.5 text-text-2" />
          <Input type="search" placeholder="Search chats" value={query} onChange={(event) => setQuery(event.target.value)} className="w-full border-line! pl-8" />
        </label>
        <Link href="/chat/" title="New chat" aria-label="New chat" className="target flex size-8 shrink-0 items-center justify-center rounded-control hover:bg-hover">
          <Plus size={16} strokeWidth={1.6} aria-hidden />
        </Link>
      </div>
      <div ref={box} tabIndex={0} role="region" aria-label="Chats by day" className="min-h-0 grow overflow-y-auto px-2 -outline-offset-2">
        <div className="relative" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ index, start }) => {
            const item = items[index];
            return (
              <div key={index} className="absolute inset-x-0 top-0 h-8" style={{ transform: `translateY(${start}px)` }}>
                {item && "heading" in item ? (
                  <h2 className="px-2.5 pt-2.5 text-note font-medium text-text-2">{item.heading}</h2>
                ) : (
                  item && (
                    <Row
                      session={item.session}
                      current={item.session.id === current}
                      onHide={(hidden) => setGone(hidden ? [...gone, item.session.id] : gone.filter((id) => id !== item.session.id))}
                    />
                  )
                )}
              </div>
            );
          })}
        </div>
        {list.isSuccess && items.length === 0 && (
          <p className="px-2.5 text-text-2">{query ? "No chat holds these words." : "Chats will stand here."}</p>
        )}
      </div>
    </section>
  );
}

function Row({ session, current, onHide }: { session: Session; current: boolean; onHide: (hidden: boolean) => void }) {
  const [renaming, setRenaming] = useState(false);
  const client = useQueryClient();
  const router = useRouter();
  const drafted = useHasDraft(session.id);
  const title = session.title || "New chat";
  const changed = () => client.invalidateQueries({ queryKey: ["sessions"] });

  async function rename(name: string) {
    setRenaming(false);
    if (name.trim() && name !== session.title) {
      await write("PATCH", `/sessions/${session.id}`, { title: name.trim() });
      await Promise.all([changed(), client.invalidateQueries({ queryKey: ["session", session.id] })]);
    }
  }
  function remove() {
    onHide(true);
    if (current) {
      router.push("/chat/");
    }
    // Nothing is asked of the gateway until there is no way back.
    const really = () => void write("DELETE", `/sessions/${session.id}`, undefined, { keepalive: true }).then(changed);
    toast(`Deleted “${title}”`, { name: "Undo", run: () => onHide(false) }, really);
  }
  useCommands(
    current
      ? [
          { id: "rename-chat", title: "Rename chat", group: "Here", run: () => setRenaming(true) },
          { id: "delete-chat", title: "Delete chat", group: "Here", run: remove },
        ]
      : [],
  );
  async function exportAs(format: "markdown" | "json") {
    const file = await read<SessionDocument>(`/sessions/${session.id}/export`, { format });
    save(new Blob([file.content ?? ""], { type: file.media_type ?? "text/plain" }), file.filename ?? `chat.${format}`);
  }
  if (renaming) {
    return (
      <Input
        autoFocus
        aria-label="Name of the chat"
        defaultValue={session.title}
        className="w-full"
        onBlur={(event) => void rename(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") {
            event.currentTarget.blur();
          } else if (event.key === "Escape") {
            setRenaming(false);
          }
        }}
      />
    );
  }
  return (
    <div className={clsx("group flex h-8 items-center rounded-control hover:bg-hover", current && "bg-hover font-medium")}>
      <Link
        href={`/chat/?session=${session.id}`}
        aria-current={current ? "page" : undefined}
        title={title}
        onKeyDown={(event) => event.key === "F2" && setRenaming(true)}
        className="flex h-8 min-w-0 grow items-center gap-2 rounded-control px-2.5"
      >
        <span className="truncate">{title}</span>
        {drafted && <Pencil size={12} strokeWidth={1.6} role="img" aria-label="Has a draft" className="shrink-0 text-text-3" />}
        {!!session.running_generations?.length && (
          <span className="ml-auto flex">
            <Dot tone="accent" />
            <span className="sr-only">Answering</span>
          </span>
        )}
      </Link>
      <Popover
        label={`Actions for ${title}`}
        align="end"
        className="w-48 p-1"
        trigger={(props) => (
          <IconButton {...props} icon={Ellipsis} label={`Actions for ${title}`} className="opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 aria-expanded:opacity-100 pointer-coarse:opacity-100" />
        )}
      >
        {(close) => {
          const act = (run: () => void) => () => {
            close();
            run();
          };
          return (
            <>
              <MenuItem onClick={act(() => setRenaming(true))}>Rename</MenuItem>
              <MenuItem onClick={act(() => void exportAs("markdown"))}>Export as Markdown</MenuItem>
              <MenuItem onClick={act(() => void exportAs("json"))}>Export as JSON</MenuItem>
              <MenuItem danger onClick={act(remove)}>
                Delete
              </MenuItem>
            </>
          );
        }}
      </Popover>
    </div>
  );
}
