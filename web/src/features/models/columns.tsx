import { OPTIONAL, USUAL, type Optional } from "./view";
import { Badge, Tile } from "@/components/badge";
import type { Column, Narrow } from "@/components/table";
import type { Model } from "@/lib/contract";
import { context, cost, day, pricePerMillion } from "@/lib/format";
import { ABILITY_NAMES, abilities, isServed, shortName, type Ability } from "@/lib/models";

export const COLUMN_NAMES: Record<Optional, string> = {
  ...{ context: "Context", cache: "Cache read", abilities: "Abilities", providers: "Providers" },
  ...{ released: "Released", max_output: "Most output", tokenizer: "Tokenizer", image_in: "Images / 1M", search: "Each search" },
};

function Choose({ model, chosen, toggle }: { model: Model; chosen: string[]; toggle: (id: string) => void }) {
  return (
    // The label makes the box large enough to be hit.
    <label className="-m-2 inline-flex p-2 align-middle pointer-coarse:-m-3.5 pointer-coarse:p-3.5">
      <input
        type="checkbox"
        aria-label={`Choose ${shortName(model, model.id)}`}
        checked={chosen.includes(model.id)}
        onChange={() => toggle(model.id)}
        className="size-4"
      />
    </label>
  );
}

/** The abilities that tables have room for. */
function telling(model: Model): Ability[] {
  return abilities(model).filter((ability) => ability !== "json" && ability !== "video");
}

const SHOWN = 4;

/** What a model can do, as far as there is room. */
function Abilities({ all }: { all: Ability[] }) {
  const rest = all.slice(SHOWN);
  return (
    <span className="flex items-center gap-1">
      {all.slice(0, SHOWN).map((ability) => (
        <Badge key={ability}>{ABILITY_NAMES[ability]}</Badge>
      ))}
      {rest.length > 0 && (
        <span className="text-note text-text-2" title={rest.map((ability) => ABILITY_NAMES[ability]).join(", ")}>
          +{rest.length}
        </span>
      )}
    </span>
  );
}

/** What a phone shows of a model. */
export function narrowRow(model: Model, chosen: string[], toggle: (id: string) => void): Narrow {
  const what = telling(model);
  return {
    title: (
      <>
        <Choose model={model} chosen={chosen} toggle={toggle} />
        <Tile id={model.id} />
        <span className="truncate">{shortName(model, model.id)}</span>
      </>
    ),
    figure: `${pricePerMillion(model.price?.input)} · ${pricePerMillion(model.price?.output)}`,
    note: [context(model.context_length), ...what.slice(0, 3).map((ability) => ABILITY_NAMES[ability])].filter(Boolean).join(" · "),
    more: isServed(model) ? model.endpoints?.[0]?.provider : "No key",
  };
}

/** The columns of the catalogue: the usual ones as far as there is room, or those that were wished for, scrolled if need be. */
export function columnsOf(chosen: string[], toggle: (id: string) => void, wished: readonly Optional[]): Column<Model>[] {
  const all = allColumns(chosen, toggle);
  const shown: readonly string[] = wished.length > 0 ? wished : USUAL;
  const fitting = all.filter(({ id }) => !OPTIONAL.some((one) => one === id) || shown.includes(id));
  if (wished.length > 0) {
    fitting.forEach((column) => delete column.from);
  }
  return fitting;
}

function allColumns(chosen: string[], toggle: (id: string) => void): Column<Model>[] {
  return [
    {
      id: "choose",
      head: <span className="sr-only">Choose</span>,
      width: "36px",
      cell: (model) => <Choose model={model} chosen={chosen} toggle={toggle} />,
    },
    {
      id: "name",
      head: "Model",
      sortable: true,
      cell: (model) => (
        <span className="flex min-w-0 items-center gap-2.5">
          <Tile id={model.id} />
          <span className="flex min-w-0 flex-col leading-4">
            <span className="truncate font-medium">{shortName(model, model.id)}</span>
            <span className="truncate font-mono text-note text-text-2">{model.id}</span>
          </span>
          {!isServed(model) && <Badge title="No configured provider serves it">No key</Badge>}
        </span>
      ),
    },
    { id: "context", width: "88px", head: COLUMN_NAMES.context, right: true, sortable: true, from: "md", cell: (model) => context(model.context_length) },
    { id: "price_in", width: "96px", head: "In / 1M", right: true, sortable: true, cell: (model) => pricePerMillion(model.price?.input) },
    { id: "price_out", width: "96px", head: "Out / 1M", right: true, sortable: true, cell: (model) => pricePerMillion(model.price?.output) },
    {
      id: "cache",
      width: "104px",
      head: COLUMN_NAMES.cache,
      right: true,
      sortable: true,
      from: "lg",
      cell: (model) => <span className="text-text-2">{pricePerMillion(model.price?.cache_read)}</span>,
    },
    {
      id: "abilities",
      width: "288px",
      head: COLUMN_NAMES.abilities,
      from: "wide",
      cell: (model) => <Abilities all={telling(model)} />,
    },
    {
      id: "providers",
      width: "120px",
      head: COLUMN_NAMES.providers,
      from: "lg",
      cell: (model) => {
        const names = [...new Set(model.endpoints?.map(({ provider }) => provider) ?? [])];
        return (
          <span className="text-text-2" title={names.join(", ")}>
            {names[0] ?? "–"}
            {names.length > 1 && ` +${names.length - 1}`}
          </span>
        );
      },
    },
    { id: "released", width: "116px", head: COLUMN_NAMES.released, right: true, sortable: true, cell: ({ create_time: time }) => day(time) },
    { id: "max_output", width: "104px", head: COLUMN_NAMES.max_output, right: true, sortable: true, cell: ({ max_output_tokens: most }) => context(most) },
    { id: "tokenizer", width: "112px", head: COLUMN_NAMES.tokenizer, sortable: true, cell: ({ tokenizer }) => <span className="block truncate">{tokenizer || "–"}</span> },
    { id: "image_in", width: "116px", head: COLUMN_NAMES.image_in, right: true, sortable: true, cell: ({ price }) => pricePerMillion(price?.image_input) },
    {
      id: "search",
      width: "104px",
      head: COLUMN_NAMES.search,
      right: true,
      sortable: true,
      cell: ({ price }) => cost(price?.web_search === undefined ? undefined : Number(price.web_search)),
    },
  ];
}
