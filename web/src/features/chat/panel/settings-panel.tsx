"use client";

import { X } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";

import { ToolsField } from "./tools-field";
import type { Choosing } from "../use-choice";
import { Button, IconButton } from "@/components/button";
import { Dialog } from "@/components/dialog";
import { Field, Input, Select, Switch, TextArea } from "@/components/field";
import { toast } from "@/components/toast";
import type { Model, Settings } from "@/lib/contract";

interface Props {
  open: boolean;
  onClose: () => void;
  model: Model | undefined;
  choice: Choosing;
}

interface Knob {
  name: keyof Settings;
  /** The catalogue's name for it. */
  parameter: string;
  label: string;
  help: string;
  min: number;
  max: number;
  step: number;
}

const KNOBS: Knob[] = [
  { name: "temperature", parameter: "temperature", label: "Temperature", help: "Randomness, 0 to 2", min: 0, max: 2, step: 0.1 },
  { name: "max_output_tokens", parameter: "max_tokens", label: "Max output", help: "Tokens, thinking included", min: 1, max: 1e7, step: 1 },
  { name: "top_p", parameter: "top_p", label: "Top-p", help: "Nucleus sampling, 0 to 1", min: 0, max: 1, step: 0.05 },
  { name: "top_k", parameter: "top_k", label: "Top-k", help: "From this many likeliest tokens", min: 0, max: 1000, step: 1 },
  { name: "min_p", parameter: "min_p", label: "Min-p", help: "At least this likely", min: 0, max: 1, step: 0.05 },
  { name: "presence_penalty", parameter: "presence_penalty", label: "Presence penalty", help: "−2 to 2", min: -2, max: 2, step: 0.1 },
  { name: "frequency_penalty", parameter: "frequency_penalty", label: "Frequency penalty", help: "−2 to 2", min: -2, max: 2, step: 0.1 },
];

/** Settings of a chat: only what its model takes. A column where there is room, else a sheet. */
export function SettingsPanel({ open, onClose, model, choice }: Props) {
  const wide = useWide();
  if (!open) {
    return null;
  }
  const content = <Content model={model} choice={choice} />;
  if (!wide) {
    return (
      <Dialog open onClose={onClose} title="Settings of this chat" shape="right">
        {content}
      </Dialog>
    );
  }
  return (
    <aside aria-label="Settings of this chat" className="flex w-panel shrink-0 flex-col gap-4 overflow-y-auto border-l border-line bg-surface p-4">
      <div className="flex items-center justify-between">
        <h2 className="text-body font-semibold">Settings</h2>
        <IconButton icon={X} label="Close" onClick={onClose} />
      </div>
      {content}
    </aside>
  );
}

function Content({ model, choice }: { model: Model | undefined; choice: Choosing }) {
  const { settings, set } = choice;
  const knows = (parameter: string) => model?.supported_parameters?.includes(parameter) ?? true;
  const hidden = KNOBS.filter(({ parameter }) => !knows(parameter)).map(({ label }) => label.toLowerCase());
  const change = (name: keyof Settings, value: unknown) => set({ [name]: value } as Partial<Settings>);
  const hedge = settings.routing?.hedge;
  return (
    <>
      <Field label="System prompt" help="Sent before the conversation">
        <TextArea
          key={choice.system}
          defaultValue={choice.system}
          placeholder="You are…"
          onBlur={(event) => event.target.value !== choice.system && choice.setSystem(event.target.value)}
        />
      </Field>
      {KNOBS.filter(({ parameter }) => knows(parameter)).map(({ name, label, help, min, max, step }) => (
        <Row key={name} label={label} help={help}>
          <Input
            type="number"
            className="w-24 text-right"
            aria-label={label}
            placeholder="default"
            {...{ min, max, step }}
            value={(settings[name] as number | undefined) ?? ""}
            onChange={(event) => change(name, event.target.value === "" ? undefined : event.target.valueAsNumber)}
          />
        </Row>
      ))}
      {knows("response_format") && (
        <Row label="Answer as JSON" help="Some JSON object">
          <Switch
            label="Answer as JSON"
            checked={settings.response_format?.type === "json_object"}
            onChange={(on) => change("response_format", on ? { type: "json_object" } : undefined)}
          />
        </Row>
      )}
      {knows("tools") && <ToolsField tools={settings.tools} onChange={(tools) => change("tools", tools)} />}
      <Row label="Hedging" help="A second attempt beside a slow first one">
        <Select
          aria-label="Hedging"
          value={hedge && "quantile" in hedge ? String(hedge.quantile) : hedge ? "delay" : ""}
          options={[
            { value: "", name: "Off" },
            { value: "0.95", name: "After p95" },
            { value: "0.5", name: "After p50" },
          ]}
          onChange={(value) => change("routing", value ? { ...settings.routing, hedge: { quantile: Number(value) } } : undefined)}
        />
      </Row>
      <Row label="Most it may cost" help="USD an answer; then it is stopped">
        <Input
          type="number"
          min={0}
          step={0.01}
          className="w-24 text-right"
          aria-label="Most an answer may cost in USD"
          placeholder="no limit"
          value={settings.max_cost_usd ?? ""}
          onChange={(event) => change("max_cost_usd", event.target.value === "" ? undefined : event.target.valueAsNumber)}
        />
      </Row>
      <Button
        onClick={() => {
          choice.makeDefault();
          toast("New chats in this browser begin with these settings");
        }}
      >
        Make default
      </Button>
      {hidden.length > 0 && <p className="text-note text-text-2">Hidden: {hidden.join(", ")} (not supported)</p>}
    </>
  );
}

function Row({ label, help, children }: { label: string; help: string; children: ReactNode }) {
  return (
    <div className="flex items-center justify-between gap-3">
      <div className="min-w-0">
        <p className="font-medium">{label}</p>
        <p className="text-note text-text-2">{help}</p>
      </div>
      {children}
    </div>
  );
}

function useWide(): boolean {
  const [wide, setWide] = useState(() => matchMedia("(min-width: 1200px)").matches);
  useEffect(() => {
    const query = matchMedia("(min-width: 1200px)");
    const changed = () => setWide(query.matches);
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, []);
  return wide;
}
