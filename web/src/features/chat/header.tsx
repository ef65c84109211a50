"use client";

import { Code, PanelRight } from "lucide-react";

import type { Choosing } from "./use-choice";
import type { Chatting } from "./use-chat";
import { IconButton } from "@/components/button";
import { ModelPicker } from "@/components/model-picker";
import { Money, Tokens } from "@/components/numbers";
import { MenuItem, Popover } from "@/components/popover";
import type { Model } from "@/lib/contract";
import type { Catalog } from "@/lib/models";
import { LANGUAGES, type Language } from "@/lib/snippets";

interface Props {
  chat: Chatting;
  choice: Choosing;
  catalog: Catalog | undefined;
  /** Why a model cannot take what is to be sent. */
  obstacle: (model: Model) => string | undefined;
  panel: boolean;
  onPanel: () => void;
  onCode: (language: Language) => void;
}

/** The model, what the session has cost, and its settings. */
export function Header({ chat, choice, catalog, obstacle, panel, onPanel, onCode }: Props) {
  const totals = chat.session?.totals;
  const used = (totals?.total_input_tokens ?? 0) + (totals?.total_output_tokens ?? 0);
  return (
    <div className="flex h-13 shrink-0 items-center gap-2 border-b border-line px-4">
      <h1 className="sr-only">{chat.session?.title || "Chat"}</h1>
      <ModelPicker models={catalog?.models ?? []} value={choice.model} obstacle={obstacle} onPick={choice.chooseModel} />
      <div className="ml-auto flex shrink-0 items-center gap-2 text-text-2">
        {totals && used > 0 && (
          <p className="flex items-center gap-2" title={totals.unknown_cost_requests ? `${totals.unknown_cost_requests} answers have no known cost` : undefined}>
            <span className="max-md:hidden">This session</span>
            <b className="font-semibold text-text">
              <Money usd={totals.cost_usd} sum />
            </b>
            <span className="max-sm:hidden">
              <Tokens value={used} /> tokens
            </span>
          </p>
        )}
        <Popover
          label="Copy the request"
          align="end"
          className="w-48 p-1"
          trigger={(props) => <IconButton {...props} icon={Code} label="Copy the request as code" className="max-sm:hidden" />}
        >
          {(close) =>
            LANGUAGES.map(({ value, name }) => (
              <MenuItem
                key={value}
                onClick={() => {
                  onCode(value);
                  close();
                }}
              >
                Copy as {name}
              </MenuItem>
            ))
          }
        </Popover>
        <IconButton icon={PanelRight} label="Settings of this chat" aria-pressed={panel} onClick={onPanel} />
      </div>
    </div>
  );
}
