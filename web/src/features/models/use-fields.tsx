"use client";

import type { Use } from "./calculator";
import { Field, Input } from "@/components/field";
import { number, useAddress } from "@/lib/url";

const DEFAULTS: Use = { input: 2000, output: 500, cached: 0, requests: 10_000 };
const FIELDS: [keyof Use, string, string][] = [
  ["input", "Tokens in", ""],
  ["output", "Tokens out", ""],
  ["cached", "Cached", "% of input"],
  ["requests", "Requests", "a month"],
];

/** A use of models, as it stands in the address. */
export function useUse(): Use {
  const [address] = useAddress();
  const value = (name: keyof Use) => number(address.get(name)) ?? DEFAULTS[name];
  return { input: value("input"), output: value("output"), cached: value("cached"), requests: value("requests") };
}

export function UseFields() {
  const [, go] = useAddress();
  const use = useUse();
  return (
    <div className="grid grid-cols-2 gap-3 sm:grid-cols-4">
      {FIELDS.map(([name, label, help]) => (
        <Field key={name} label={label} help={help}>
          <Input
            type="number"
            min={0}
            max={name === "cached" ? 100 : undefined}
            defaultValue={use[name]}
            onChange={(event) => go({ [name]: event.target.value === String(DEFAULTS[name]) ? undefined : event.target.value }, "replace")}
            className="w-full text-right"
          />
        </Field>
      ))}
    </div>
  );
}
