"use client";

import { useState } from "react";

import { FIELD } from "@/components/styles";
import type { Model } from "@/lib/contract";
import { pricePerMillion } from "@/lib/format";
import { author, isServed } from "@/lib/models";

const REMEMBERED = "model";

/** The model to ask: as chosen, as chosen last time, or the first there is. */
export function useChosenModel(models: Model[]): [string, (id: string) => void] {
  const [chosen, setChosen] = useState(() => localStorage.getItem(REMEMBERED));
  const usable = models.filter(chats);
  const model = usable.find(({ id }) => id === chosen) ?? usable[0];
  return [
    model?.id ?? "",
    (id) => {
      localStorage.setItem(REMEMBERED, id);
      setChosen(id);
    },
  ];
}

interface Props {
  models: Model[];
  value: string;
  onChange: (id: string) => void;
}

/** A model, with what a million tokens of it cost. */
export function ModelSelect({ models, value, onChange }: Props) {
  const groups = Map.groupBy(models.filter(chats), author);
  const chosen = models.find(({ id }) => id === value);
  return (
    <>
      <select
        aria-label="Model"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        disabled={models.length === 0}
        className={`${FIELD} max-w-96 min-w-0 grow font-medium`}
      >
        {[...groups].map(([name, members]) => (
          <optgroup key={name} label={name}>
            {members.map(({ id, name: title }) => (
              <option key={id} value={id}>
                {title || id}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      {chosen && (
        <span className="truncate text-text-2 max-sm:hidden">
          {pricePerMillion(chosen.price?.input)} in · {pricePerMillion(chosen.price?.output)} out
        </span>
      )}
    </>
  );
}

function chats(model: Model): boolean {
  const { output_modalities: makes = ["text"] } = model;
  return isServed(model) && (makes.includes("text") || makes.includes("image"));
}
