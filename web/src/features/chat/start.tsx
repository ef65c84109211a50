"use client";

import { Tile } from "@/components/badge";
import { useCaller } from "@/lib/caller";
import { pricePerMillion } from "@/lib/format";
import { chats, isServed, shortName, type Catalog } from "@/lib/models";
import { useRecentModels } from "@/lib/recent";

const TRIES = [
  { name: "A table", prompt: "Compare the sandbox models in a table", model: "sandbox/chat" },
  { name: "Code and math", prompt: "Show me code and math", model: "sandbox/chat" },
  { name: "Thinking", prompt: "Think about hedged requests", model: "sandbox/think" },
  { name: "An image", prompt: "A lighthouse at night", model: "sandbox/image" },
];

interface Props {
  catalog: Catalog | undefined;
  onPick: (model: string) => void;
  onPrompt: (prompt: string, model: string) => void;
}

/** A chat before its first word. */
export function Start({ catalog, onPick, onPrompt }: Props) {
  const recent = useRecentModels();
  const caller = useCaller();
  const usable = catalog?.models.filter((model) => isServed(model) && chats(model)) ?? [];
  const offered = [
    ...recent.flatMap((id) => usable.find((model) => model.id === id) ?? []),
    ...usable.filter(({ id }) => !recent.includes(id)),
  ].slice(0, 6);
  return (
    <div className="flex min-h-0 grow flex-col overflow-y-auto px-4">
      {/* Not in the middle: what is offered comes later, and would move the question. */}
      <div className="mx-auto flex w-full max-w-answer flex-col gap-6 pt-[24dvh] pb-8">
        <h2 className="text-center text-title">What would you like to try?</h2>
        {caller.data?.sandbox_only ? (
          <div className="grid gap-2 sm:grid-cols-2">
            {TRIES.map(({ name, prompt, model }) => (
              <button
                key={name}
                type="button"
                onClick={() => onPrompt(prompt, model)}
                className="flex flex-col rounded-card border border-line bg-surface px-4 py-3 text-left shadow-1 hover:bg-hover"
              >
                <span className="font-medium">{name}</span>
                <span className="text-text-2">{prompt}</span>
              </button>
            ))}
          </div>
        ) : (
          <div className="grid gap-2 sm:grid-cols-2">
            {offered.map((model) => (
              <button
                key={model.id}
                type="button"
                onClick={() => onPick(model.id)}
                className="flex items-center gap-2.5 rounded-card border border-line bg-surface px-4 py-3 text-left shadow-1 hover:bg-hover"
              >
                <Tile id={model.id} />
                <span className="min-w-0 grow truncate font-medium">{shortName(model, model.id)}</span>
                <span className="text-text-2">
                  {pricePerMillion(model.price?.input)} · {pricePerMillion(model.price?.output)}
                </span>
              </button>
            ))}
          </div>
        )}
      </div>
    </div>
  );
}
