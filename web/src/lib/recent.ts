// Models as this browser used them, last first.
import { useMemo } from "react";

import { keep, kept, useKept } from "./browser";

const NAME = "recent-models";
const MOST = 8;

export function useRecentModels(): string[] {
  const text = useKept(NAME);
  return useMemo(() => parse(text), [text]);
}

export function noteModel(id: string): void {
  keep(NAME, [id, ...parse(kept(NAME)).filter((known) => known !== id)].slice(0, MOST).join("\n"));
}

function parse(text: string | null): string[] {
  return text ? text.split("\n").filter(Boolean) : [];
}
