"use client";

import clsx from "clsx";
import fuzzysort from "fuzzysort";
import { ChevronDown, Search } from "lucide-react";
import { useMemo, useState, type KeyboardEvent, type ReactNode } from "react";

import { Tile } from "./badge";
import { Button } from "./button";
import { Popover } from "./popover";
import type { Model } from "@/lib/contract";
import { context, pricePerMillion } from "@/lib/format";
import { ABILITY_NAMES, abilities, author, can, chats, isServed, shortName, type Ability } from "@/lib/models";
import { useRecentModels } from "@/lib/recent";

const MOST_ROWS = 60;
const CHIPS: Ability[] = ["thinking", "tools", "vision", "web"];

interface ListProps {
  models: Model[];
  /** Why a model cannot take what is to be sent. */
  obstacle?: (model: Model) => string | undefined;
  onPick: (id: string) => void;
}

interface Props extends ListProps {
  value: string;
}

/** The chosen model with its price; opens the list of all. */
export function ModelPicker({ models, value, obstacle, onPick }: Props) {
  const chosen = models.find(({ id }) => id === value);
  return (
    <Popover
      label="Models"
      className="w-[min(480px,calc(100vw-16px))]"
      trigger={(props) => (
        <Button {...props} data-picker className="h-9 min-w-0 shrink">
          <Tile id={value} />
          <span className="truncate">{value ? shortName(chosen, value) : "Choose a model"}</span>
          {chosen && <Prices model={chosen} className="font-normal text-text-2 max-sm:hidden" />}
          <ChevronDown size={16} strokeWidth={1.6} aria-hidden />
        </Button>
      )}
    >
      {(close) => (
        <ModelList
          models={models}
          {...(obstacle ? { obstacle } : {})}
          onPick={(id) => {
            onPick(id);
            close();
          }}
        />
      )}
    </Popover>
  );
}

interface Row {
  model: Model;
  group: string;
  name: ReactNode;
  obstacle: string | undefined;
}

/** Models by fuzzy name, recent ones first; at most sixty rows are drawn. */
export function ModelList({ models, obstacle, onPick }: ListProps) {
  const [text, setText] = useState("");
  const [chips, setChips] = useState<Ability[]>([]);
  const [at, setAt] = useState(0);
  const recent = useRecentModels();
  const usable = useMemo(
    () => models.filter((model) => isServed(model) && chats(model) && chips.every((chip) => can(model, chip))),
    [models, chips],
  );
  const rows = useMemo(() => find(usable, text, recent, obstacle), [usable, text, recent, obstacle]);
  const active = rows[Math.min(at, rows.length - 1)];

  function onKeyDown(event: KeyboardEvent) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      const next = Math.max(0, Math.min(rows.length - 1, at + step));
      setAt(next);
      document.getElementById(`model-row-${next}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && active) {
      event.preventDefault();
      onPick(active.model.id);
    }
  }

  return (
    <div className="flex max-h-[min(480px,80dvh)] flex-col">
      <div className="flex items-center gap-2 border-b border-line px-3 py-2">
        <Search size={16} strokeWidth={1.6} aria-hidden className="shrink-0 text-text-2" />
        <input
          role="combobox"
          aria-expanded
          aria-controls="model-rows"
          aria-activedescendant={active && `model-row-${rows.indexOf(active)}`}
          aria-label="Search models"
          placeholder="Search models"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
          className="min-w-0 grow bg-transparent outline-none"
        />
        {CHIPS.map((chip) => (
          <button
            key={chip}
            type="button"
            aria-pressed={chips.includes(chip)}
            onClick={() => setChips(chips.includes(chip) ? chips.filter((one) => one !== chip) : [...chips, chip])}
            className="rounded-badge border border-line bg-sunken px-1.5 text-note font-medium text-text-2 aria-pressed:border-transparent aria-pressed:bg-accent-soft aria-pressed:text-accent-text max-sm:hidden"
          >
            {chip === "web" ? "Web" : ABILITY_NAMES[chip]}
          </button>
        ))}
      </div>
      <div id="model-rows" role="listbox" aria-label="Models" className="min-h-0 grow overflow-y-auto p-1">
        {rows.map((row, index) => (
          <div key={`${row.group} ${row.model.id}`} role="presentation">
            {row.group !== rows[index - 1]?.group && (
              <p role="presentation" className="px-2 pt-2 pb-1 text-note font-medium text-text-2">
                {row.group}
              </p>
            )}
            <Option row={row} index={index} active={row === active} onPick={onPick} />
          </div>
        ))}
        {rows.length === 0 && <p className="p-4 text-text-2">No model is called that.</p>}
      </div>
      <p role="status" className="border-t border-line px-3 py-1.5 text-note text-text-2">
        {rows.length} of {usable.length}
        <span className="max-sm:hidden"> · ↑↓ choose · Enter use</span>
      </p>
    </div>
  );
}

function Option({ row, index, active, onPick }: { row: Row; index: number; active: boolean; onPick: (id: string) => void }) {
  const { model, name, obstacle } = row;
  const what = abilities(model).map((ability) => (ability === "pdf" ? "PDF" : ABILITY_NAMES[ability].toLowerCase()));
  return (
    <div
      id={`model-row-${index}`}
      role="option"
      aria-selected={active}
      onClick={() => onPick(model.id)}
      className={clsx(
        "flex h-11 cursor-pointer items-center gap-2.5 rounded-control px-2 hover:bg-hover",
        active && "bg-hover",
        obstacle && "text-text-3",
      )}
    >
      <Tile id={model.id} />
      <span className="flex min-w-0 grow flex-col">
        <span className="truncate">{name}</span>
        <span className="truncate text-note text-text-2">
          {obstacle ?? [context(model.context_length), what.slice(0, 4).join(", ")].filter(Boolean).join(" · ")}
        </span>
      </span>
      <Prices model={model} className="shrink-0 text-text-2" />
    </div>
  );
}

function Prices({ model, className }: { model: Model; className: string }) {
  return (
    <span className={className}>
      {pricePerMillion(model.price?.input)} in · {pricePerMillion(model.price?.output)} out
    </span>
  );
}

function find(models: Model[], text: string, recent: string[], obstacle: ListProps["obstacle"]): Row[] {
  const row = (model: Model, group: string, name: ReactNode = shortName(model, model.id)): Row => ({
    model,
    group,
    name,
    obstacle: obstacle?.(model),
  });
  const sink = (rows: Row[]) => [...rows.filter((one) => !one.obstacle), ...rows.filter((one) => one.obstacle)];
  if (!text.trim()) {
    const last = recent.flatMap((id) => models.find((model) => model.id === id) ?? []).slice(0, 5);
    const rest = models
      .filter((model) => !last.includes(model))
      .sort((one, other) => author(one.id).localeCompare(author(other.id)) || one.id.localeCompare(other.id));
    return sink([...last.map((model) => row(model, "Recent")), ...rest.map((model) => row(model, "All models"))]).slice(0, MOST_ROWS);
  }
  const found = fuzzysort.go(text.trim(), models, {
    keys: [(model) => shortName(model, model.id), (model) => model.id],
    threshold: 0.15,
    limit: 200,
    scoreFn: (result) =>
      Math.max(result[0]?.score ?? 0, (result[1]?.score ?? 0) * 0.9) +
      (recent.includes(result.obj.id) ? 0.15 : 0) -
      (result.obj.expire_time ? 0.2 : 0),
  });
  const rows = found.map((result) =>
    row(
      result.obj,
      "Found",
      result[0] && result[0].score > 0
        ? result[0].highlight((match, index) => (
            <b key={index} className="font-medium text-accent-text">
              {match}
            </b>
          ))
        : undefined,
    ),
  );
  return sink(rows).slice(0, MOST_ROWS);
}
