import { Brain } from "lucide-react";

import type { Choosing } from "../use-choice";
import type { Model, Thinking } from "@/lib/contract";

const LEVELS = ["off", "auto", "low", "medium", "high"];

/** How much a model shall think; the levels are the ones that it knows. */
export function ThinkingSelect({ model, choice }: { model: Model; choice: Choosing }) {
  const { thinking } = choice.settings;
  const value = thinking === undefined ? "" : "mode" in thinking ? thinking.mode : "effort" in thinking ? thinking.effort : "";
  const { mandatory = false, supported_efforts: efforts = LEVELS.slice(2) } = model.thinking ?? {};
  const levels = [...(mandatory ? [] : ["off"]), "auto", ...efforts];
  function set(level: string) {
    const next = (level === "off" || level === "auto" ? { mode: level } : { effort: level }) as Thinking;
    choice.set({ thinking: level ? next : undefined });
  }
  return (
    <label className="flex items-center gap-1 pl-1 text-text-2">
      <Brain size={16} strokeWidth={1.6} aria-hidden />
      <span className="sr-only">Thinking</span>
      <select value={value} onChange={(event) => set(event.target.value)} className="max-w-40 rounded-control bg-surface py-1 font-medium">
        <option value="">Thinking: default</option>
        {levels.map((level) => (
          <option key={level} value={level}>
            Thinking: {level}
          </option>
        ))}
      </select>
    </label>
  );
}
