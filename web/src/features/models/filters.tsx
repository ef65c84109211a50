"use client";

import { Search } from "lucide-react";
import { useMemo, type RefObject } from "react";

import { counts, providers, type View } from "./view";
import { Button } from "@/components/button";
import { Input, Select } from "@/components/field";
import { FilterBar } from "@/components/filter-bar";
import type { Model } from "@/lib/contract";
import { context } from "@/lib/format";
import { ABILITY_NAMES, type Ability } from "@/lib/models";
import type { Changes } from "@/lib/url";

const CHIPS: Ability[] = ["thinking", "tools", "vision", "pdf", "audio", "web", "image"];

interface Props {
  view: View;
  all: Model[];
  /** Those that fit. */
  found: Model[];
  search: RefObject<HTMLInputElement | null>;
  onChange: (changes: Changes, how?: "push" | "replace") => void;
  clearable: boolean;
  onClear: () => void;
}

/** What narrows the catalogue; all of it stands in the address. */
export function Filters({ view, all, found, search, onChange, clearable, onClear }: Props) {
  const left = useMemo(() => counts(found, CHIPS), [found]);
  const set = view.abilities.length + [view.provider, view.maxIn !== undefined, view.minContext, !view.served].filter(Boolean).length;
  return (
    <div className="flex flex-wrap items-center gap-2">
      <label className="relative w-full sm:w-70">
        <span className="sr-only">Search models</span>
        <Search size={16} strokeWidth={1.6} aria-hidden className="absolute top-2 left-2.5 text-text-2" />
        <Input
          ref={search}
          type="search"
          placeholder="Search name or author"
          defaultValue={view.query}
          onChange={(event) => onChange({ q: event.target.value }, "replace")}
          className="w-full pl-8"
        />
      </label>
      <FilterBar set={set}>
        {CHIPS.map((chip) => {
          const on = view.abilities.includes(chip);
          const next = on ? view.abilities.filter((one) => one !== chip) : [...view.abilities, chip];
          return (
            <Button
              key={chip}
              aria-pressed={on}
              onClick={() => onChange({ cap: next.join(",") })}
            >
              {ABILITY_NAMES[chip]}
              <span className="font-normal text-text-3 max-md:hidden">{left.get(chip)}</span>
            </Button>
          );
        })}
        <Select
          aria-label="Provider"
          value={view.provider}
          options={[{ value: "", name: "Any provider" }, ...providers(all).map((name) => ({ value: name, name }))]}
          onChange={(provider) => onChange({ provider })}
        />
        <Select
          aria-label="Input price"
          value={view.maxIn === undefined ? "" : String(view.maxIn)}
          options={[{ value: "", name: "Any price" }, ...["0", "0.2", "1", "3", "15"].map((value) => ({ value, name: value === "0" ? "Free" : `Up to $${value} in` }))]}
          onChange={(value) => onChange({ max_in: value })}
        />
        <Select
          aria-label="Context"
          value={view.minContext === undefined ? "" : String(view.minContext)}
          options={[{ value: "", name: "Any context" }, ...["32000", "128000", "200000", "1000000"].map((value) => ({ value, name: `From ${context(Number(value))}` }))]}
          onChange={(value) => onChange({ ctx: value })}
        />
        <Select
          aria-label="Served"
          value={view.served ? "" : "all"}
          options={[
            { value: "", name: "Can be asked" },
            { value: "all", name: "All known" },
          ]}
          onChange={(value) => onChange({ served: value })}
        />
      </FilterBar>
      <p role="status" className="ml-auto text-text-2">
        {found.length} of {all.length}
      </p>
      {clearable && (
        <Button kind="quiet" onClick={onClear}>
          Clear
        </Button>
      )}
    </div>
  );
}
