"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";

import { readTree, refresh, useMessages, useSession } from "./data";
import { begun, forget, heardOf, isRead, start, stop, type Live } from "./stream/live";
import { useLives } from "./stream/use-live";
import { leafBelow, rows, type PromptRow, type Row } from "./turns/rows";
import { write } from "@/lib/api";
import type { ChatRequest, Message, Session, Settings, StoredMessage } from "@/lib/contract";
import { useAddress } from "@/lib/url";
import { noteModel } from "@/lib/recent";

/** What became of a message. */
export interface Sent {
  /** The gateway took it. */
  taken: boolean;
  /** Where it went: a first message makes a session. */
  session: string;
}

export interface Choice {
  model: string;
  settings: Settings;
  system: string;
}

const NO_MESSAGES: StoredMessage[] = [];

/** A session as it is shown, and what can be done with it. */
export function useChat() {
  const [address, go] = useAddress();
  const id = address.get("session") ?? "";
  const leaf = address.get("leaf") ?? "";
  const client = useQueryClient();
  const session = useSession(id);
  const messages = useMessages(id, leaf);
  const lives = useLives();
  const mine = useMemo(() => lives.filter((live) => live.session === id), [lives, id]);
  const pages = messages.data?.pages;
  const path = useMemo(() => pages?.flatMap((page) => page.messages ?? []).reverse() ?? NO_MESSAGES, [pages]);
  const shown = useMemo(() => rows(path, mine, heardOf), [path, mine]);
  const running = mine.findLast(({ answer }) => !answer.end);

  const reload = (live: Live) => refresh(client, live.session);
  const generations = session.data?.running_generations;
  useEffect(() => {
    for (const { generation_id: generation } of generations ?? []) {
      if (generation && !isRead(generation, id)) {
        start({ session: id, model: "", origin: { generation }, onEnd: (live) => refresh(client, live.session) });
      }
    }
    // Looked at again when one of them is named.
  }, [generations, id, client, mine]);

  // A stream is forgotten once what it became is stored and read.
  useEffect(() => {
    for (const live of mine) {
      const stored = path.find(({ message }) => message?.id && message.id === live.answer.meta.message_id);
      if (live.answer.end && stored && stored.state !== "admitted") {
        forget(live.id);
      }
    }
  }, [mine, path]);

  /** Sends a prompt. */
  async function ask(prompt: Message, choice: Choice, after?: { parent: string | undefined }): Promise<Sent> {
    noteModel(choice.model);
    const into = id || (await create(choice));
    // What failed is replaced by the next try.
    mine.filter(({ answer }) => answer.end).forEach((live) => forget(live.id));
    const parent = after ? after.parent : path.at(-1)?.message?.id;
    // An edit of the first prompt follows nothing, which no parent could say.
    const root = after !== undefined && after.parent === undefined;
    const request = { ...requestOf(choice, into, [prompt], after?.parent), ...(root ? { from_start: true } : {}) };
    const live = start({ session: into, model: choice.model, prompt, parent, origin: { request }, onEnd: reload });
    go({ session: into, leaf: undefined, model: undefined }, into === id ? "replace" : "push");
    void client.invalidateQueries({ queryKey: ["sessions"] });
    return { taken: await begun(live), session: into };
  }

  async function create({ model, system, settings }: Choice): Promise<string> {
    const body = { model, system_prompt: system, settings };
    const { session: made } = await write<{ session: Session }>("POST", "/sessions", body);
    return made.id;
  }

  return {
    id,
    session: session.data,
    messages,
    rows: shown,
    path,
    running,
    error: session.error ?? messages.error,
    ask,
    /** Answers what a message says once more: a sibling of the answer. */
    again(parent: string, choice: Choice) {
      noteModel(choice.model);
      mine.filter(({ answer }) => answer.end).forEach((live) => forget(live.id));
      start({
        session: id,
        model: choice.model,
        parent,
        origin: { request: requestOf(choice, id, [], parent) },
        onEnd: reload,
      });
      go({ leaf: undefined }, "replace");
    },
    stop() {
      if (running) {
        void stop(running.id);
      }
    },
    /** Shows the branch of a sibling, at its newest end. */
    async walk(sibling: string) {
      const below = leafBelow(await readTree(id), sibling);
      await write("PATCH", `/sessions/${id}`, { leaf_message_id: below });
      go({ leaf: below });
    },
    async change(changes: { title?: string; system_prompt?: string; model?: string; settings?: Settings }) {
      await write("PATCH", `/sessions/${id}`, changes);
      await client.invalidateQueries({ queryKey: ["session", id] });
    },
    clearFailed(live: Live) {
      forget(live.id);
    },
  };
}

export type Chatting = ReturnType<typeof useChat>;

export function requestOf(choice: Choice, session: string, messages: ChatRequest["messages"], parent?: string): ChatRequest {
  return {
    ...choice.settings,
    model: choice.model,
    messages,
    ...(session ? { session_id: session } : {}),
    ...(parent ? { parent_message_id: parent } : {}),
  };
}

/** The prompt that stands last. */
export function lastPrompt(shown: Row[]): PromptRow | undefined {
  return shown.findLast((row) => row.kind === "prompt");
}
