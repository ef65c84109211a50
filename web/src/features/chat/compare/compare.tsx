"use client";

import { useQueryClient } from "@tanstack/react-query";
import { ArrowLeftRight, Plus, X } from "lucide-react";
import { useRef, useState } from "react";

import { Column, costOf } from "./column";
import { useLockstep } from "./lockstep";
import { Composer, type ComposerHandle } from "../composer/composer";
import { refresh } from "../data";
import { begun, forget, start, stop } from "../stream/live";
import { useLives } from "../stream/use-live";
import { requestOf } from "../use-chat";
import { merged, type Choosing } from "../use-choice";
import { Button, IconButton, Segmented } from "@/components/button";
import { ModelList, ModelPicker } from "@/components/model-picker";
import { Money } from "@/components/numbers";
import { Popover } from "@/components/popover";
import { Empty } from "@/components/states";
import { write } from "@/lib/api";
import { useCommands } from "@/lib/commands";
import type { ContentPart, Session, Settings } from "@/lib/contract";
import { shortName, useCatalog } from "@/lib/models";
import { list, useAddress } from "@/lib/url";

const MOST = 4;
/** Where the draft is kept that no session has yet. */
const SESSION = "compare";

/** Two to four models on one prompt, side by side. */
export function Compare() {
  const [address, go] = useAddress();
  const models = list(address.get("models")).slice(0, MOST);
  const catalog = useCatalog();
  const client = useQueryClient();
  const lives = useLives();
  const composer = useRef<ComposerHandle>(null);
  const [columns, setColumns] = useState<Record<string, string>>({});
  const [prompt, setPrompt] = useState("");
  const [settings, setSettings] = useState<Settings>({});
  const [tab, setTab] = useState("");
  const [locked, setLocked] = useState(true);
  const lockstep = useLockstep(locked);
  const choice: Choosing = {
    model: models[0] ?? "",
    settings,
    system: "",
    chooseModel: () => undefined,
    set: (changes) => setSettings(merged(settings, changes)),
    setSystem: () => undefined,
    makeDefault: () => undefined,
  };
  const mine = models.map((model) => lives.find(({ id }) => id === columns[model]));
  const running = mine.find((live) => live && !live.answer.end);
  const choose = (next: string[]) => go({ models: [...new Set(next)].join(",") });
  const stopAll = () => mine.forEach((live) => live && void stop(live.id));
  useCommands([{ id: "stop", title: "Stop all", group: "Here", keys: "Escape", run: stopAll }]);

  async function send(content: ContentPart[]) {
    Object.values(columns).forEach(forget);
    setPrompt(content.flatMap((part) => ("text" in part ? part.text : [])).join("\n"));
    // A session for each, so that one can be continued.
    const starting = models.map(async (model) => {
      const { session } = await write<{ session: Session }>("POST", "/sessions", { model, settings });
      const message = { role: "user" as const, content };
      const request = requestOf({ ...choice, model }, session.id, [message]);
      const id = start({ session: session.id, model, prompt: message, origin: { request }, onEnd: (live) => refresh(client, live.session) });
      return [model, id] as const;
    });
    const started = await Promise.all(starting);
    setColumns(Object.fromEntries(started));
    return { taken: (await Promise.all(started.map(([, id]) => begun(id)))).some(Boolean), session: SESSION };
  }

  const total = mine.reduce((sum, live) => sum + (costOf(live) ?? 0), 0);
  const shown = models.includes(tab) ? tab : models[0];
  return (
    <div className="flex min-h-0 grow flex-col">
      <div className="flex min-h-13 shrink-0 flex-wrap items-center gap-2 border-b border-line px-4 py-2">
        <h1 className="sr-only">Compare</h1>
        {models.map((model) => (
          <span key={model} className="flex items-center">
            <ModelPicker
              models={catalog.data?.models ?? []}
              value={model}
              onPick={(id) => choose(models.map((one) => (one === model ? id : one)))}
            />
            <IconButton icon={X} label={`Remove ${model}`} onClick={() => choose(models.filter((one) => one !== model))} />
          </span>
        ))}
        {models.length < MOST && (
          <Popover
            label="Add a model"
            className="w-[min(480px,calc(100vw-16px))]"
            trigger={(props) => (
              <Button {...props} icon={Plus}>
                Model
              </Button>
            )}
          >
            {(close) => (
              <ModelList
                models={catalog.data?.models ?? []}
                onPick={(id) => {
                  choose([...models, id]);
                  close();
                }}
              />
            )}
          </Popover>
        )}
        {models.length > 1 && (
          <Button
            icon={ArrowLeftRight}
            kind="quiet"
            className="ml-auto max-md:hidden"
            aria-pressed={locked}
            title="Whether columns scroll together"
            onClick={() => setLocked(!locked)}
          >
            {locked ? "Locked" : "Unlocked"}
          </Button>
        )}
        {total > 0 && (
          <p className="text-text-2 max-md:ml-auto">
            Total{" "}
            <b className="text-text">
              <Money usd={total} sum />
            </b>
          </p>
        )}
      </div>
      {models.length < 2 ? (
        <div className="m-auto w-full max-w-answer p-4">
          <Empty title="Choose two models, send one prompt">Each answers in its own column, with its cost and its times.</Empty>
        </div>
      ) : (
        <>
          {prompt && <p className="max-h-32 shrink-0 overflow-y-auto border-b border-line bg-bubble px-4 py-2 text-body whitespace-pre-wrap">{prompt}</p>}
          <div className="px-4 pt-2 md:hidden">
            <Segmented
              label="Model"
              value={shown ?? ""}
              options={models.map((model) => ({ value: model, name: shortName(catalog.data?.byId.get(model), model) }))}
              onChange={setTab}
            />
          </div>
          <div className="flex min-h-0 grow">
            {models.map((model, at) => (
              <Column key={model} model={model} live={mine[at]} all={mine} lockstep={lockstep} away={model !== shown} />
            ))}
          </div>
        </>
      )}
      <Composer
        ref={composer}
        session={SESSION}
        model={catalog.data?.byId.get(models[0] ?? "")}
        choice={choice}
        running={running}
        ready={models.length >= 2}
        onSend={send}
        onStop={stopAll}
      />
    </div>
  );
}
