"use client";

import { ArrowUp, Globe, Paperclip, Square } from "lucide-react";
import { useEffect, useImperativeHandle, useRef, useState, type ClipboardEvent, type KeyboardEvent, type RefObject } from "react";

import { accepted, obstacle, toPart, type Attachment } from "./attachments";
import { Chips } from "./chips";
import { EstimateLine } from "./estimate";
import { ThinkingSelect } from "./thinking-select";
import { useDraft } from "./use-draft";
import { useDrop } from "./use-drop";
import { dropDraft, moveDraft } from "../draft";
import { ended, type Live } from "../stream/live";
import type { Sent } from "../use-chat";
import type { Choosing } from "../use-choice";
import { IconButton } from "@/components/button";
import { Fault } from "@/lib/api";
import { useSendKey } from "@/lib/browser";
import { runCommand } from "@/lib/commands";
import type { ContentPart, Model } from "@/lib/contract";
import { count } from "@/lib/format";
import { can } from "@/lib/models";

export interface ComposerHandle {
  session: string;
  focus: () => void;
  attach: () => void;
  /** What stands here was sent by other means. */
  sent: (text: string) => void;
  /** What was written in a session and could not be sent is here again, before what was begun meanwhile. */
  back: (from: string, text: string, files: Attachment[]) => void;
}

interface Props {
  ref: RefObject<ComposerHandle | null>;
  session: string;
  model: Model | undefined;
  choice: Choosing;
  /** The model that answered last. */
  before?: string | undefined;
  running: Live | undefined;
  ready: boolean;
  onSend: (content: ContentPart[]) => Promise<Sent>;
  onStop: () => void;
  /** Told which files go along. */
  onFiles?: (files: Attachment[]) => void;
}

/** Characters of a pasted text from which on it is offered as a file. */
const LONG = 8000;

/** Where a prompt is written. */
export function Composer({ ref, session, model, choice, before, running, ready, onSend, onStop, onFiles }: Props) {
  const picker = useRef<HTMLInputElement>(null);
  const draft = useDraft(session);
  const { field, text, files, add, change } = draft;
  const [problem, setProblem] = useState<string>();
  const [queued, setQueued] = useState(false);
  const [pasted, setPasted] = useState("");
  const onEnter = useSendKey() === "enter";
  const blocked = files.some((file) => obstacle(file, model, files));

  useEffect(() => {
    if (matchMedia("(pointer: fine)").matches) {
      field.current?.focus();
    }
  }, [field]);
  useEffect(() => onFiles?.(files), [files, onFiles]);
  const latest = useRef(onSend);
  useEffect(() => {
    latest.current = onSend;
  });
  useImperativeHandle(ref, () => ({
    session,
    focus: () => field.current?.focus(),
    attach: () => picker.current?.click(),
    sent: (prompt) => {
      if (field.current?.value.trim() === prompt) {
        dropDraft(session, prompt, files);
        draft.clear();
      }
    },
    back(from, prompt, beside) {
      draft.write([prompt, field.current?.value ?? ""].filter(Boolean).join("\n\n"));
      change((begun) => [...beside, ...begun]);
      if (from !== session) {
        dropDraft(from, prompt, beside);
      }
    },
  }));
  useDrop(add);

  function send() {
    const prompt = field.current?.value.trim() ?? "";
    if ((!prompt && files.length === 0) || !ready || blocked) {
      return;
    }
    draft.clear();
    setPasted("");
    setProblem(undefined);
    if (running) {
      setQueued(true);
      void ended(running.id).then(() => {
        setQueued(false);
        void deliver(prompt, files);
      });
    } else {
      void deliver(prompt, files);
    }
  }
  async function deliver(prompt: string, beside: Attachment[]) {
    const sent = await latest.current([...beside.map(toPart), ...(prompt ? [{ text: prompt }] : [])]).catch((error: unknown) => {
      setProblem(error instanceof Fault ? (error.detail.message ?? "not sent") : String(error));
      return { taken: false, session };
    });
    if (sent.taken) {
      dropDraft(session, prompt, beside);
    } else if (ref.current?.session === sent.session) {
      // It may be another composer: a first message has made a session.
      ref.current.back(session, prompt, beside);
    } else {
      await moveDraft(session, sent.session, prompt, beside);
    }
  }
  function onKeyDown(event: KeyboardEvent) {
    const { key, shiftKey, ctrlKey, metaKey } = event;
    const mod = ctrlKey || metaKey;
    // Enter that ends an input method's composition is not ours; on touch it is a new line.
    const alone = onEnter && !mod && !matchMedia("(pointer: coarse)").matches;
    if (key === "Enter" && !shiftKey && !event.nativeEvent.isComposing && (alone || (mod && !onEnter))) {
      event.preventDefault();
      send();
    } else if (key === "Escape" && running) {
      onStop();
    } else if (key === "ArrowUp" && !text && runCommand("edit-last")) {
      event.preventDefault();
    }
  }
  function onPaste(event: ClipboardEvent) {
    const { clipboardData } = event;
    if (clipboardData.files.length > 0) {
      event.preventDefault();
      void add(clipboardData.files);
      return;
    }
    const long = clipboardData.getData("text/plain");
    setPasted(long.length > LONG && model?.input_modalities?.includes("file") ? long : "");
  }
  function attachPasted() {
    draft.write((field.current?.value ?? "").replace(pasted.replaceAll("\r\n", "\n"), "").trim());
    setPasted("");
    void add([new File([pasted], "pasted.txt", { type: "text/plain" })]);
  }

  return (
    <div className="shrink-0 px-2 pb-2 sm:px-4 sm:pb-4">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
        className="mx-auto flex max-w-3xl flex-col gap-1 rounded-bubble border border-line-strong bg-surface p-2 shadow-2 focus-within:border-accent"
      >
        <Chips files={files} model={model} onRemove={(id) => change((before) => before.filter((file) => file.id !== id))} />
        {queued && <Note text="Sends when this answer ends" action="Send now, stop the answer" onClick={onStop} />}
        {draft.elsewhere !== undefined && (
          <Note text="Edited in another tab" action="Take what it says there" onClick={() => draft.show(draft.elsewhere ?? "")} />
        )}
        {pasted !== "" && <Note text={`${count(pasted.length)} characters were pasted`} action="Attach them as a file" onClick={attachPasted} />}
        <textarea
          ref={field}
          rows={1}
          aria-label="Message"
          aria-describedby="composer-note"
          placeholder="Message…"
          defaultValue={text}
          onChange={(event) => draft.type(event.target.value)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
          className="field-sizing-content max-h-60 resize-none bg-transparent px-2 py-1.5 text-body outline-none"
        />
        <div className="flex items-center gap-1">
          <IconButton icon={Paperclip} label={`Attach files. ${accepted(model)}`} onClick={() => picker.current?.click()} />
          <input
            ref={picker}
            type="file"
            multiple
            hidden
            aria-label="Attach files"
            onChange={(event) => {
              void add(event.target.files ?? []);
              event.target.value = "";
            }}
          />
          {model && can(model, "web") && (
            <IconButton
              icon={Globe}
              label="Search the web"
              aria-pressed={choice.settings.web_search !== undefined}
              onClick={() => choice.set({ web_search: choice.settings.web_search ? undefined : {} })}
            />
          )}
          {model && can(model, "thinking") && <ThinkingSelect model={model} choice={choice} />}
          <div id="composer-note" className="ml-auto min-w-0 truncate text-right text-note text-text-2">
            {problem ? (
              <span role="alert" className="text-bad">
                {problem}
              </span>
            ) : (
              <EstimateLine text={text} files={files} session={session} choice={choice} before={before} />
            )}
          </div>
          <IconButton
            kind="primary"
            type={running && !text ? "button" : "submit"}
            icon={running && !text ? Square : ArrowUp}
            label={running && !text ? "Stop (Esc)" : onEnter ? "Send (Enter)" : "Send (Ctrl Enter)"}
            disabled={running ? false : !ready || blocked || (!text.trim() && files.length === 0)}
            onClick={running && !text ? onStop : undefined}
          />
        </div>
      </form>
    </div>
  );
}

/** Something to know about what is being written, and what can be done about it. */
function Note({ text, action, onClick }: { text: string; action: string; onClick: () => void }) {
  return (
    <p className="flex items-center gap-2 px-2 text-note text-text-2">
      {text}
      <button type="button" className="text-accent-text underline" onClick={onClick}>
        {action}
      </button>
    </p>
  );
}
