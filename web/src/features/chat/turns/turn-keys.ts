import type { Virtualizer } from "@tanstack/react-virtual";

import { branchesOf, type Row } from "./rows";
import { useCommands } from "@/lib/commands";

interface Turns {
  rows: Row[];
  virtualizer: Virtualizer<HTMLDivElement, Element>;
  pin: () => void;
  leave: () => void;
  onWalk: (sibling: string) => Promise<void>;
}

/** The turn that has the focus. */
function focused(): number | undefined {
  const index = document.activeElement?.closest<HTMLElement>("[data-index]")?.dataset["index"];
  return index === undefined ? undefined : Number(index);
}

/** Moves from turn to turn and from branch to branch by keys. */
export function useTurnKeys({ rows, virtualizer, pin, leave, onWalk }: Turns): void {
  function step(by: 1 | -1) {
    const offset = virtualizer.scrollOffset ?? 0;
    const at = focused() ?? (virtualizer.getVirtualItemForOffset(offset)?.index ?? 0) + (by < 0 ? 1 : 0);
    const next = Math.max(0, Math.min(rows.length - 1, at + by));
    if (next === rows.length - 1) {
      pin();
    } else {
      leave();
      virtualizer.scrollToIndex(next, { align: "start" });
    }
    requestAnimationFrame(() => {
      const turn = virtualizer.scrollElement?.querySelector<HTMLElement>(`[data-index="${next}"] article`);
      turn?.focus({ preventScroll: true });
    });
  }
  function walk(by: 1 | -1) {
    const { id, stored } = rows[focused() ?? -1] ?? { id: "" };
    const branches = branchesOf(id, stored?.sibling_ids);
    const sibling = branches[branches.indexOf(id) + by];
    if (sibling) {
      void onWalk(sibling);
    }
  }
  useCommands([
    { id: "latest", title: "Jump to latest", group: "Here", keys: "mod+End", run: pin },
    { id: "turn-up", title: "Previous turn", group: "Here", keys: "alt+ArrowUp", run: () => step(-1) },
    { id: "turn-down", title: "Next turn", group: "Here", keys: "alt+ArrowDown", run: () => step(1) },
    { id: "branch-before", title: "Previous branch of the turn in focus", group: "Here", keys: "[", run: () => walk(-1) },
    { id: "branch-after", title: "Next branch of the turn in focus", group: "Here", keys: "]", run: () => walk(1) },
  ]);
}
