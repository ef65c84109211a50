import type { ReactNode } from "react";

import type { GenerationAnswer } from "@/lib/contract";
import { CopyId, When } from "@/components/numbers";
import { termsOf, whyUnknown } from "@/lib/cost";
import { count, exactCost, words } from "@/lib/format";

/** How the cost of a generation came about: class by class, as one can redo it, to the nano-dollar that is booked. */
export function CostSheet({ answer }: { answer: GenerationAnswer }) {
  const { usage, cost_usd: usd, computed_cost_usd: computed, cost_source: source, provider, state, adjustments = [] } = answer.generation ?? {};
  const { version, source: list, effective_time: since } = answer.price ?? {};
  const attempts = answer.attempts ?? [];
  const beside = attempts.some(({ won }) => won) ? attempts.filter(({ won, cost_usd: cost }) => !won && cost !== 0) : [];
  return (
    <>
      <table className="w-full">
        <tbody>
          {termsOf(usage, answer.price).map((term) => (
            <tr key={term.name}>
              <th scope="row" className="py-0.5 text-left font-normal text-text-2">
                {term.name}
              </th>
              <td className="text-right">{count(term.count)}</td>
              <td className="px-1 text-text-2">×</td>
              <td className="font-mono">{term.price === undefined ? "–" : `$${term.price}`}</td>
              <td className="text-right font-mono">{term.usd === undefined ? "–" : exactCost(term.usd)}</td>
            </tr>
          ))}
          {beside.map(({ index, kind, provider, cost_usd: cost }) => (
            <Line key={index} name={`${words(kind)} at ${provider}, not used`} value={exactCost(cost)} />
          ))}
          <tr>
            <th scope="row" className="border-t border-line pt-1 text-left font-medium">
              Booked
            </th>
            <td colSpan={4} className="border-t border-line pt-1 text-right font-mono font-medium">
              {usd === undefined ? "– not known" : exactCost(usd)}
            </td>
          </tr>
          {computed !== undefined && computed !== usd && <Line name="By the price list" value={exactCost(computed)} />}
        </tbody>
      </table>
      <p className="text-note text-text-2">
        {source === "provider" && "The provider stated this cost. "}
        {usd === undefined && state !== "admitted" && `${whyUnknown(usage, answer.price, provider)} `}
        {usage?.source && `Counts from ${usage.source}.`}
      </p>
      {version && since && (
        <p className="text-note text-text-2">
          Prices of {list} from <When time={since} />, version <CopyId id={version} />
        </p>
      )}
      {adjustments.map((one, at) => (
        <p key={at} className="text-note text-text-2">
          Corrected by {one.actor}: {exactCost(one.old_cost_usd)} → {exactCost(one.new_cost_usd)}, {one.reason}
        </p>
      ))}
    </>
  );
}

function Line({ name, value }: { name: ReactNode; value: string }) {
  return (
    <tr>
      <th scope="row" className="py-0.5 text-left font-normal text-text-2">
        {name}
      </th>
      <td colSpan={4} className="text-right font-mono text-text-2">
        {value}
      </td>
    </tr>
  );
}
