"use client";

import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useCallback, useRef, useState } from "react";

import { obstacle, type Attachment } from "./composer/attachments";
import { Composer, type ComposerHandle } from "./composer/composer";
import { Header } from "./header";
import { Start } from "./start";
import { answerNow } from "./stream/live";
import { NOTHING_YET } from "./stream/reduce";
import { useEndings } from "./stream/use-live";
import { Aloud } from "./turns/aloud";
import { Announcer } from "./turns/progress";
import { Transcript } from "./turns/transcript";
import { answerText, textOf } from "./turns/rows";
import { useChoice } from "./use-choice";
import { lastPrompt, useChat } from "./use-chat";
import { Problem } from "@/components/states";
import { toast } from "@/components/toast";
import { copy, useUnread } from "@/lib/browser";
import { runCommand, useCommands } from "@/lib/commands";
import type { ContentPart, Model } from "@/lib/contract";
import { useCatalog } from "@/lib/models";
import { chatSnippets, LANGUAGES, type Language } from "@/lib/snippets";

const SettingsPanel = dynamic(() => import("./panel/settings-panel").then((file) => file.SettingsPanel), { ssr: false });

const CONTINUE = "Go on where you stopped.";

/** Talks to models. */
export function Chat() {
  const router = useRouter();
  const catalog = useCatalog();
  const chat = useChat();
  const choice = useChoice(chat, catalog.data);
  useUnread(useEndings());
  const composer = useRef<ComposerHandle>(null);
  const [panel, setPanel] = useState(false);
  const [files, setFiles] = useState<Attachment[]>([]);
  const unfit = useCallback((one: Model) => files.map((file) => obstacle(file, one, files)).find(Boolean), [files]);
  const model = catalog.data?.byId.get(choice.model);

  const last = chat.rows.at(-1);
  const lastAnswer = last?.kind === "answer" ? last : undefined;
  function again(asked?: string) {
    const next = asked === undefined ? choice : { ...choice, model: asked };
    if (asked !== undefined) {
      choice.chooseModel(asked);
    }
    const parent = lastAnswer?.answer.meta.parent_message_id ?? lastPrompt(chat.rows)?.id;
    if (lastAnswer?.live?.prompt && !lastAnswer.answer.meta.message_id) {
      // It was refused before anything was stored: the same prompt is sent once more.
      const { prompt } = lastAnswer.live;
      chat.clearFailed(lastAnswer.live);
      void chat.ask(prompt, next).then(({ taken }) => {
        const text = textOf(prompt.content ?? []);
        if (taken) {
          composer.current?.sent(text);
        }
      });
    } else if (parent) {
      chat.again(parent, next);
    }
  }
  const send = (content: ContentPart[], after?: { parent: string | undefined }) => chat.ask({ role: "user", content }, choice, after);
  const asCode = (language: Language) => {
    const content = lastPrompt(chat.rows)?.message?.content ?? [];
    const made = chatSnippets({ ...choice, text: textOf(content) || "Hello", files: content.some((part) => !("text" in part)) });
    void copy(made[language]).then(() => toast("Copied"));
  };

  function editLast() {
    runCommand("latest");
    requestAnimationFrame(() => [...document.querySelectorAll<HTMLButtonElement>("[data-edit]")].at(-1)?.click());
  }

  useCommands([
    { id: "focus", title: "Write a message", group: "Here", keys: "/", run: () => composer.current?.focus() },
    { id: "stop", title: "Stop", group: "Here", keys: "Escape", run: chat.stop },
    { id: "again", title: "Regenerate", group: "Here", keys: "mod+shift+Enter", run: () => again() },
    {
      id: "copy-answer",
      title: "Copy last answer",
      group: "Here",
      keys: "mod+shift+c",
      run: () => {
        const answer = answerNow(lastAnswer?.live, lastAnswer?.answer ?? NOTHING_YET);
        void copy(answerText(answer)).then(() => toast("Copied"));
      },
    },
    { id: "edit-last", title: "Edit last prompt (↑ in an empty message)", group: "Here", run: editLast },
    { id: "panel", title: "Toggle settings", group: "Here", keys: "mod+.", run: () => setPanel(!panel) },
    { id: "attach", title: "Attach file", group: "Here", run: () => composer.current?.attach() },
    {
      id: "picker",
      title: "Choose a model",
      group: "Here",
      keys: "mod+/",
      run: () => document.querySelector<HTMLButtonElement>("[data-picker]")?.click(),
    },
    ...LANGUAGES.map(({ value, name }) => ({ id: value, title: `Copy as ${name}`, group: "Here" as const, run: () => asCode(value) })),
  ]);

  return (
    <div className="flex min-h-0 grow">
      <div className="flex min-w-0 grow flex-col">
        <Header chat={chat} choice={choice} catalog={catalog.data} obstacle={unfit} panel={panel} onPanel={() => setPanel(!panel)} onCode={asCode} />
        {catalog.isError && <Problem error={catalog.error} retry={() => void catalog.refetch()} />}
        {chat.error && (
          <div className="mx-auto w-full max-w-answer p-4">
            <Problem error={chat.error} retry={() => router.push("/chat/")} />
          </div>
        )}
        {chat.rows.length === 0 && chat.id === "" ? (
          <Start catalog={catalog.data} onPick={choice.chooseModel} onPrompt={(text, id) => {
            choice.chooseModel(id);
            void chat.ask({ role: "user", content: [{ text }] }, { ...choice, model: id });
          }} />
        ) : (
          <Transcript
            chat={chat}
            onAgain={again}
            onContinue={() => void send([{ text: CONTINUE }])}
            onResults={(content) => chat.ask({ role: "tool", content }, choice)}
            onEdit={(content, parent) => send(content, { parent })}
          />
        )}
        <Composer
          key={chat.id}
          ref={composer}
          session={chat.id}
          model={model}
          choice={choice}
          before={lastAnswer?.model}
          running={chat.running}
          ready={choice.model !== ""}
          onSend={(content) => send(content)}
          onStop={chat.stop}
          onFiles={setFiles}
        />
        <Aloud running={chat.running} />
        <Announcer running={chat.running} last={lastAnswer} />
      </div>
      {panel && <SettingsPanel open onClose={() => setPanel(false)} model={model} choice={choice} />}
    </div>
  );
}
