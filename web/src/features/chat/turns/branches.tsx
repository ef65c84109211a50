"use client";

import { ChevronLeft, ChevronRight } from "lucide-react";

import { branchesOf } from "./rows";
import { IconButton } from "@/components/button";

interface Props {
  id: string;
  siblings: string[] | undefined;
  noun: string;
  onWalk: (sibling: string) => Promise<void>;
}

/** Walks through what was said instead. */
export function Branches({ id, siblings, noun, onWalk }: Props) {
  const all = branchesOf(id, siblings);
  const at = all.indexOf(id);
  if (all.length < 2) {
    return null;
  }
  const step = (to: number) => {
    const sibling = all[to];
    return { disabled: sibling === undefined, onClick: () => void (sibling && onWalk(sibling)) };
  };
  return (
    <div role="group" aria-label={`${noun} ${at + 1} of ${all.length}`} className="flex items-center">
      <IconButton icon={ChevronLeft} label="Previous branch" {...step(at - 1)} />
      <span className="text-note">
        {at + 1}/{all.length}
      </span>
      <IconButton icon={ChevronRight} label="Next branch" {...step(at + 1)} />
    </div>
  );
}
