"use client";

import { costOf } from "./calculator";
import { UseFields, useUse } from "./use-fields";
import { Dialog } from "@/components/dialog";
import type { Model } from "@/lib/contract";
import { context, pricePerMillion, total } from "@/lib/format";
import { abilities, ABILITY_NAMES, shortName } from "@/lib/models";

const ROWS: [string, (model: Model) => string][] = [
  ["Context", (model) => context(model.context_length)],
  ["Max output", (model) => context(model.max_output_tokens)],
  ["Input", (model) => pricePerMillion(model.price?.input)],
  ["Output", (model) => pricePerMillion(model.price?.output)],
  ["Cache read", (model) => pricePerMillion(model.price?.cache_read)],
  ["Cache write", (model) => pricePerMillion(model.price?.cache_write)],
  ["Abilities", (model) => abilities(model).map((ability) => ABILITY_NAMES[ability]).join(", ")],
];

/** Models as columns; what differs is bold. */
export function CompareDialog({ open, onClose, models }: { open: boolean; onClose: () => void; models: Model[] }) {
  return (
    <Dialog open={open} onClose={onClose} title="Compare prices" shape="wide">
      <UseFields />
      <Comparison models={models} />
    </Dialog>
  );
}

function Comparison({ models }: { models: Model[] }) {
  const use = useUse();
  const rows: typeof ROWS = [...ROWS, ["This use", (model) => total(costOf(model, use))]];
  return (
    <div tabIndex={0} role="region" aria-label="Prices" className="overflow-x-auto">
      <table className="w-full">
        <thead>
          <tr className="text-left">
            <td />
            {models.map((model) => (
              <th key={model.id} scope="col" className="px-3 py-2 font-medium">
                {shortName(model, model.id)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, value]) => {
            const differs = new Set(models.map(value)).size > 1;
            return (
              <tr key={name}>
                <th scope="row" className="border-t border-line py-2 pr-3 text-left font-normal whitespace-nowrap text-text-2">
                  {name}
                </th>
                {models.map((model) => (
                  <td key={model.id} className={`border-t border-line px-3 py-2 ${differs ? "font-semibold" : ""}`}>
                    {value(model)}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
