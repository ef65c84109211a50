"use client";

import { useQueryClient } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import { useRouter } from "next/navigation";
import { useMemo, useRef, useState } from "react";

import { ChooseColumns } from "./choose-columns";
import { columnsOf, narrowRow } from "./columns";
import { CompareDialog } from "./compare-dialog";
import { Filters } from "./filters";
import { PriceChart } from "./price-chart";
import { isUsual, readView, select } from "./view";
import { Button, Segmented } from "@/components/button";
import { When } from "@/components/numbers";
import { Empty, Page, Problem, Skeleton } from "@/components/states";
import { DataTable } from "@/components/table";
import { toast } from "@/components/toast";
import { write } from "@/lib/api";
import { useCommands } from "@/lib/commands";
import type { Model } from "@/lib/contract";
import { useCatalog } from "@/lib/models";
import { useAddress } from "@/lib/url";

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
          {!chart && <ChooseColumns wished={view.columns} onChange={(next) => go({ cols: isUsual(next) ? undefined : next.join(",") }, "replace")} />}
        </>
      }
    >
      <Filters view={view} all={all ?? []} found={found} search={search} onChange={go} onClear={clear} clearable={address.toString() !== ""} />
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
          columns={columnsOf(chosen, toggle, view.columns)}
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
