"use client";

import { useMemo, useState } from "react";

import type { Chatting, Choice } from "./use-chat";
import { keep, kept } from "@/lib/browser";
import type { Settings } from "@/lib/contract";
import { author, chats, isServed, type Catalog } from "@/lib/models";
import { useRecentModels } from "@/lib/recent";
import { useAddress } from "@/lib/url";

const DEFAULTS = "chat-defaults";

type Changes = { [Name in keyof Settings]?: Settings[Name] | undefined };

export interface Choosing extends Choice {
  chooseModel: (id: string) => void;
  /** Changes some settings; those that become undefined are left to the provider. */
  set: (changes: Changes) => void;
  setSystem: (text: string) => void;
  makeDefault: () => void;
}

/** The model and settings of the next message: as chosen here, as the session has them, or as used last. */
export function useChoice(chat: Chatting, catalog: Catalog | undefined): Choosing {
  const [address, go] = useAddress();
  const recent = useRecentModels();
  const [chosen, setChosen] = useState<{ session: string; model?: string; settings?: Settings; system?: string }>({ session: chat.id });
  // A choice holds for the session in which it was made; a new chat that becomes a session takes it along.
  const own = chosen.session === chat.id || chosen.session === "" ? chosen : undefined;

  const model = useMemo(() => {
    const wishes = [own?.model, chat.id ? chat.session?.model : address.get("model"), ...recent];
    const usable = catalog?.models.filter((known) => isServed(known) && chats(known)) ?? [];
    const wished = wishes.find((wish) => wish && usable.some(({ id }) => id === wish));
    const first = usable.find(({ id }) => author(id) !== "sandbox") ?? usable.find(({ id }) => id === "sandbox/chat") ?? usable[0];
    return wished ?? first?.id ?? "";
  }, [own?.model, chat.id, chat.session?.model, address, recent, catalog]);
  const settings = own?.settings ?? (chat.id ? (chat.session?.settings ?? {}) : defaults());
  const system = own?.system ?? chat.session?.system_prompt ?? "";

  function change(changes: Omit<typeof chosen, "session">) {
    setChosen({ ...(own ?? {}), ...changes, session: chat.id });
  }
  return {
    model,
    settings,
    system,
    chooseModel(id) {
      change({ model: id });
      if (chat.id) {
        void chat.change({ model: id });
      } else {
        go({ model: id }, "replace");
      }
    },
    set(changes) {
      const clean = merged(settings, changes);
      change({ settings: clean });
      if (chat.id) {
        void chat.change({ settings: clean });
      }
    },
    setSystem(text) {
      change({ system: text });
      if (chat.id) {
        void chat.change({ system_prompt: text });
      }
    },
    makeDefault: () => keep(DEFAULTS, JSON.stringify(settings)),
  };
}

/** Settings after some were changed, without those that are undefined. */
export function merged(settings: Settings, changes: Changes): Settings {
  const next = { ...settings, ...changes };
  return Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined)) as Settings;
}

function defaults(): Settings {
  try {
    return JSON.parse(kept(DEFAULTS) ?? "{}") as Settings;
  } catch {
    return {};
  }
}
