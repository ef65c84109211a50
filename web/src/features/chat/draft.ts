// What is being written, kept per session on this browser until it is sent.
import { keep, kept } from "@/lib/browser";

export function readDraft(session: string): string {
  return kept(name(session)) ?? "";
}

export function keepDraft(session: string, text: string): void {
  keep(name(session), text || undefined);
}

function name(session: string): string {
  return `draft:${session || "new"}`;
}
