import { useCallback, useSyncExternalStore } from "react";

import { answerNow, endingsSoFar, listen, lives, subscribe, type Live } from "./live";
import type { Answer } from "./reduce";

/** The answers that run. Their words draw nothing of who uses this. */
export function useLives(): Live[] {
  return useSyncExternalStore(subscribe, lives, lives);
}

/** How many answers have ended since the page was loaded. */
export function useEndings(): number {
  return useSyncExternalStore(subscribe, endingsSoFar, endingsSoFar);
}

/** An answer with its words as they come; the one that is given where it does not run. */
export function useAnswer(live: Live | undefined, otherwise: Answer): Answer {
  const id = live?.id ?? "";
  const now = () => answerNow(live, otherwise);
  return useSyncExternalStore(
    useCallback((listener: () => void) => listen(id, listener), [id]),
    now,
    now,
  );
}
