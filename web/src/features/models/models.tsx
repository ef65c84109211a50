"use client";

import { useQueryClient } from "@tanstack/react-query";
import { RefreshCw, Search } from "lucide-react";
import { useRouter } from "next/navigation";
import { useMemo, useRef, useState } from "react";

import { CompareDialog } from "./compare-dialog";
import { PriceChart } from "./price-chart";
import { providers, readView, select } from "./view";
import { Badge, Tile } from "@/components/badge";
import { Button, Segmented } from "@/components/button";
import { Input, Select } from "@/components/field";
import { When } from "@/components/numbers";
import { Empty, Page, Problem, Skeleton } from "@/components/states";
import { DataTable, type Column, type Narrow } from "@/components/table";
import { toast } from "@/components/toast";
import { write } from "@/lib/api";
import { useCommands } from "@/lib/commands";
import type { Model } from "@/lib/contract";
import { context, pricePerMillion } from "@/lib/format";
import { ABILITY_NAMES, abilities, isServed, shortName, useCatalog, type Ability } from "@/lib/models";
import { useAddress } from "@/lib/url";

const CHIPS: Ability[] = ["thinking", "tools", "vision", "pdf", "audio", "web", "image"];
const VIRTUAL_FROM = 100;

/** What there is, what it can do and what it costs. */
export function Models() {
  const router = useRouter();
  const client = useQueryClient();
  const catalog = useCatalog();
  const [address, go] = useAddress();
  const [chosen, setChosen] = useState<string[]>([]);
  const [comparing, setComparing] = useState(false);
  const [busy, setBusy] = useState(false);
  const search = useRef<HTMLInputElement>(null);
  const view = useMemo(() => readView(address), [address]);
  const all = catalog.data?.models;
  const found = useMemo(() => select(all ?? [], view), [all, view]);
  const chart = address.get("view") === "chart";
  const open = (model: Model) => router.push(`/model/?id=${encodeURIComponent(model.id)}`);
  const clear = () => history.pushState(null, "", location.pathname);

  async function refresh() {
    setBusy(true);
    try {
      const { prices_changed: changed = 0 } = await write<{ prices_changed?: number }>("POST", "/models/refresh");
      toast(changed === 1 ? "1 price changed" : `${changed} prices changed`);
      await client.invalidateQueries({ queryKey: ["models"] });
    } catch (error) {
      toast(`Not refreshed: ${error instanceof Error ? error.message : String(error)}`);
    }
    setBusy(false);
  }
  useCommands([
    { id: "search", title: "Search models", group: "Here", keys: "/", run: () => search.current?.focus() },
    { id: "refresh", title: "Refresh prices", group: "Here", run: () => void refresh() },
    { id: "clear", title: "Clear filters", group: "Here", run: clear },
  ]);

  const toggle = (id: string) => setChosen(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  const columns = columnsOf(chosen, toggle);
  return (
    <Page
      title="Models"
      note={
        catalog.data && (
          <>
            {catalog.data.models.length} models
            {catalog.data.refreshTime && (
              <>
                {" · prices from "}
                <When time={catalog.data.refreshTime} />
              </>
            )}
            {catalog.data.refreshError && <span className="text-warn"> · {catalog.data.refreshError}</span>}
          </>
        )
      }
      actions={
        <>
          <Button icon={RefreshCw} busy={busy} onClick={() => void refresh()}>
            {busy ? "Refreshing" : "Refresh prices"}
          </Button>
          <Segmented
            label="View"
            value={chart ? "chart" : "table"}
            options={[
              { value: "table", name: "Table" },
              { value: "chart", name: "Price against context" },
            ]}
            onChange={(value) => go({ view: value === "chart" ? "chart" : undefined })}
          />
        </>
      }
    >
      <div className="flex flex-wrap items-center gap-2">
        <label className="relative w-full sm:w-70">
          <span className="sr-only">Search models</span>
          <Search size={16} strokeWidth={1.6} aria-hidden className="absolute top-2 left-2.5 text-text-2" />
          <Input
            ref={search}
            type="search"
            placeholder="Search name or author"
            defaultValue={view.query}
            onChange={(event) => go({ q: event.target.value }, "replace")}
            className="w-full pl-8"
          />
        </label>
        {CHIPS.map((chip) => {
          const on = view.abilities.includes(chip);
          const next = on ? view.abilities.filter((one) => one !== chip) : [...view.abilities, chip];
          return (
            <Button
              key={chip}
              aria-pressed={on}
              onClick={() => go({ cap: next.join(",") })}
            >
              {ABILITY_NAMES[chip]}
            </Button>
          );
        })}
        <Select
          aria-label="Provider"
          value={view.provider}
          options={[{ value: "", name: "Any provider" }, ...providers(all ?? []).map((name) => ({ value: name, name }))]}
          onChange={(provider) => go({ provider })}
        />
        <Select
          aria-label="Input price"
          value={view.maxIn === undefined ? "" : String(view.maxIn)}
          options={[{ value: "", name: "Any price" }, ...["0", "0.2", "1", "3", "15"].map((value) => ({ value, name: value === "0" ? "Free" : `Up to $${value} in` }))]}
          onChange={(value) => go({ max_in: value })}
        />
        <Select
          aria-label="Context"
          value={view.minContext === undefined ? "" : String(view.minContext)}
          options={[{ value: "", name: "Any context" }, ...["32000", "128000", "200000", "1000000"].map((value) => ({ value, name: `From ${context(Number(value))}` }))]}
          onChange={(value) => go({ ctx: value })}
        />
        <Select
          aria-label="Served"
          value={view.served ? "" : "all"}
          options={[
            { value: "", name: "Can be asked" },
            { value: "all", name: "All known" },
          ]}
          onChange={(value) => go({ served: value })}
        />
        <p role="status" className="ml-auto text-text-2">
          {found.length} of {all?.length ?? 0}
        </p>
        {address.toString() && (
          <Button kind="quiet" onClick={clear}>
            Clear
          </Button>
        )}
      </div>
      {catalog.isError && <Problem error={catalog.error} retry={() => void catalog.refetch()} />}
      {catalog.isPending && <Skeleton className="h-96" />}
      {catalog.isSuccess && found.length === 0 && (
        <Empty title="No model fits all of these">
          <Button onClick={clear}>Clear filters</Button>
        </Empty>
      )}
      {found.length > 0 && chart && <PriceChart models={found} onOpen={open} />}
      {found.length > 0 && !chart && (
        <DataTable
          caption="Models"
          columns={columns}
          rows={found}
          rowKey={({ id }) => id}
          sort={{ by: view.sort, down: view.down }}
          onSort={(by) => go({ sort: view.sort !== by ? `-${by}` : view.down ? by : undefined })}
          onOpen={open}
          virtual={found.length >= VIRTUAL_FROM}
          narrow={(model) => narrowRow(model, chosen, toggle)}
          tall
        />
      )}
      {chosen.length > 0 && (
        <div className="sticky bottom-4 z-20 mx-auto flex flex-wrap items-center gap-2 rounded-card border border-line bg-raised p-2 pl-4 shadow-3">
          <span className="font-medium">{chosen.length} chosen</span>
          <Button kind="quiet" onClick={() => setChosen([])}>
            Clear
          </Button>
          <Button onClick={() => setComparing(true)}>Compare prices</Button>
          <Button
            kind="primary"
            disabled={chosen.length < 2 || chosen.length > 4}
            title="Two to four models"
            onClick={() => router.push(`/compare/?models=${encodeURIComponent(chosen.join(","))}`)}
          >
            Chat side by side
          </Button>
        </div>
      )}
      <CompareDialog
        open={comparing}
        onClose={() => setComparing(false)}
        models={chosen.flatMap((id) => catalog.data?.byId.get(id) ?? [])}
      />
    </Page>
  );
}

function Choose({ model, chosen, toggle }: { model: Model; chosen: string[]; toggle: (id: string) => void }) {
  return (
    // The label makes the box large enough to be hit.
    <label className="-m-2 inline-flex p-2 align-middle">
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

/** What a phone shows of a model. */
function narrowRow(model: Model, chosen: string[], toggle: (id: string) => void): Narrow {
  const what = abilities(model).filter((ability) => ability !== "json" && ability !== "video");
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

function columnsOf(chosen: string[], toggle: (id: string) => void): Column<Model>[] {
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
            <span className="max-w-48 truncate font-medium @xl:max-w-72">{shortName(model, model.id)}</span>
            <span className="max-w-48 truncate font-mono text-note text-text-2 @xl:max-w-72">{model.id}</span>
          </span>
          {!isServed(model) && <Badge title="No configured provider serves it">No key</Badge>}
        </span>
      ),
    },
    { id: "context", head: "Context", right: true, sortable: true, from: "md", cell: (model) => context(model.context_length) },
    { id: "price_in", head: "In / 1M", right: true, sortable: true, cell: (model) => pricePerMillion(model.price?.input) },
    { id: "price_out", head: "Out / 1M", right: true, sortable: true, cell: (model) => pricePerMillion(model.price?.output) },
    {
      id: "cache",
      head: "Cache read",
      right: true,
      sortable: true,
      from: "lg",
      cell: (model) => <span className="text-text-2">{pricePerMillion(model.price?.cache_read)}</span>,
    },
    {
      id: "abilities",
      head: "Abilities",
      from: "md",
      cell: (model) => (
        <span className="flex gap-1">
          {abilities(model)
            .filter((ability) => ability !== "json" && ability !== "video")
            .slice(0, 5)
            .map((ability) => (
              <Badge key={ability}>{ABILITY_NAMES[ability]}</Badge>
            ))}
        </span>
      ),
    },
    {
      id: "providers",
      head: "Providers",
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
  ];
}
