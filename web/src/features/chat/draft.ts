// What is being written, kept per session on this browser until the gateway has taken it.
import { get, set, update } from "idb-keyval";

import type { Attachment } from "./composer/attachments";
import { keep, kept, useKept } from "@/lib/browser";

export function readDraft(session: string): string {
  return kept(name(session)) ?? "";
}

/** Whether something is being written in a session. */
export function useHasDraft(session: string): boolean {
  return useKept(name(session)) !== null;
}

export function keepDraft(session: string, text: string): void {
  keep(name(session), text || undefined);
}

/** The files beside it. They are too large for the store that texts are in. */
export async function readFiles(session: string): Promise<Attachment[]> {
  return (await get<Attachment[]>(name(session)).catch(() => undefined)) ?? [];
}

/** False where the browser has no room for them: then they hold for this page alone. */
export async function keepFiles(session: string, files: Attachment[]): Promise<boolean> {
  return set(name(session), files).then(
    () => true,
    () => false,
  );
}

/** Forgets what was sent of a draft; another may have been begun meanwhile. */
export function dropDraft(session: string, text: string, files: Attachment[]): void {
  if (readDraft(session).trim() === text) {
    keepDraft(session, "");
  }
  const rest = (kept: Attachment[] = []) => kept.filter(({ id }) => !files.some((sent) => sent.id === id));
  void update<Attachment[]>(name(session), rest).catch(() => undefined);
}

function name(session: string): string {
  return `draft:${session || "new"}`;
}

/** Puts what could not be sent before what is being written in the session that it was for. */
export async function moveDraft(from: string, to: string, text: string, files: Attachment[]): Promise<void> {
  const words = readDraft(to);
  keepDraft(to, words.startsWith(text) ? words : [text, words].filter(Boolean).join("\n\n"));
  const kept = await readFiles(to);
  await keepFiles(to, [...files, ...kept.filter(({ id }) => !files.some((one) => one.id === id))]);
  if (from !== to) {
    dropDraft(from, text, files);
  }
}

/** Tells what another tab makes of a draft, until the returned function is called. */
export function onDraftElsewhere(session: string, listener: (text: string) => void): () => void {
  const listen = ({ key, newValue }: StorageEvent) => key === name(session) && listener(newValue ?? "");
  addEventListener("storage", listen);
  return () => removeEventListener("storage", listen);
}
