"use client";

import { ArrowUp, Brain, Globe, Paperclip, Square } from "lucide-react";
import { useCallback, useEffect, useImperativeHandle, useRef, useState, type ClipboardEvent, type KeyboardEvent, type Ref } from "react";

import { accepted, obstacle, readAttachment, toPart, type Attachment } from "./attachments";
import { Chips } from "./chips";
import { EstimateLine } from "./estimate";
import { dropDraft, keepDraft, keepFiles, readDraft, readFiles } from "../draft";
import { ended, type Live } from "../stream/live";
import type { Choosing } from "../use-choice";
import { IconButton } from "@/components/button";
import { toast } from "@/components/toast";
import { Fault } from "@/lib/api";
import type { ContentPart, Model, Thinking } from "@/lib/contract";
import { can } from "@/lib/models";

export interface ComposerHandle {
  focus: () => void;
  attach: () => void;
  /** What stands here was sent by other means. */
  sent: (text: string) => void;
}

interface Props {
  ref: Ref<ComposerHandle>;
  session: string;
  model: Model | undefined;
  choice: Choosing;
  running: Live | undefined;
  ready: boolean;
  /** Whether the gateway took it. */
  onSend: (content: ContentPart[]) => Promise<boolean>;
  onStop: () => void;
}

/** Where a prompt is written. The text lives in its own field, so that typing draws no message anew. */
export function Composer({ ref, session, model, choice, running, ready, onSend, onStop }: Props) {
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(() => readDraft(session));
  const [files, setFiles] = useState<Attachment[]>([]);
  const [problem, setProblem] = useState<string>();
  const [queued, setQueued] = useState(false);
  const blocked = files.some((file) => obstacle(file, model, files));

  const held = useRef<Attachment[]>([]);
  const told = useRef(false);

  function show(value: string, beside: Attachment[]) {
    if (field.current) {
      field.current.value = value;
    }
    setText(value);
    held.current = beside;
    setFiles(beside);
  }
  /** Changes the files by what they are now: several may be read at once. */
  const change = useCallback(
    (next: (before: Attachment[]) => Attachment[]) => {
      held.current = next(held.current);
      setFiles(held.current);
      void keepFiles(session, held.current).then((kept) => {
        if (!kept && !told.current) {
          told.current = true;
          toast("This browser has no room to keep the files over a reload");
        }
      });
    },
    [session],
  );
  useEffect(() => {
    void readFiles(session).then((kept) => {
      if (kept.length > 0) {
        change((added) => [...kept, ...added.filter(({ id }) => !kept.some((one) => one.id === id))]);
      }
    });
  }, [session, change]);
  useEffect(() => {
    if (matchMedia("(pointer: fine)").matches) {
      field.current?.focus();
    }
  }, []);
  const latest = useRef(onSend);
  useEffect(() => {
    latest.current = onSend;
  });
  useImperativeHandle(ref, () => ({
    focus: () => field.current?.focus(),
    attach: () => picker.current?.click(),
    sent: (prompt) => {
      if (field.current?.value.trim() === prompt) {
        dropDraft(session, prompt, held.current);
        show("", []);
      }
    },
  }));

  async function add(list: Iterable<File>) {
    const read = await Promise.all([...list].map(readAttachment));
    change((before) => [...before, ...read]);
  }
  useDrop(add);

  function send() {
    const prompt = field.current?.value.trim() ?? "";
    if ((!prompt && files.length === 0) || !ready || blocked) {
      return;
    }
    show("", []);
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
    const taken = await latest.current([...beside.map(toPart), ...(prompt ? [{ text: prompt }] : [])]).catch((error: unknown) => {
      setProblem(error instanceof Fault ? (error.detail.message ?? "not sent") : String(error));
      return false;
    });
    if (taken) {
      dropDraft(session, prompt, beside);
      return;
    }
    // Back to where it was written, before what was begun meanwhile.
    const text = [prompt, field.current?.value ?? ""].filter(Boolean).join("\n\n");
    show(text, held.current);
    keepDraft(session, text);
    change((begun) => [...beside, ...begun]);
  }
  function onKeyDown(event: KeyboardEvent) {
    // Enter that ends an input method's composition is not ours; on touch it is a new line.
    const coarse = matchMedia("(pointer: coarse)").matches;
    if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.nativeEvent.isComposing && !coarse) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape" && running) {
      onStop();
    }
  }
  function onPaste(event: ClipboardEvent) {
    if (event.clipboardData.files.length > 0) {
      event.preventDefault();
      void add(event.clipboardData.files);
    }
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
        {queued && (
          <p className="flex items-center gap-2 px-2 text-note text-text-2">
            Sends when this answer ends
            <button type="button" className="text-accent-text underline" onClick={onStop}>
              Send now, stop the answer
            </button>
          </p>
        )}
        <textarea
          ref={field}
          rows={1}
          aria-label="Message"
          aria-describedby="composer-note"
          placeholder="Message…"
          defaultValue={text}
          onChange={(event) => {
            setText(event.target.value);
            keepDraft(session, event.target.value);
          }}
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
              <EstimateLine text={text} files={files} session={session} choice={choice} />
            )}
          </div>
          <IconButton
            kind="primary"
            type={running && !text ? "button" : "submit"}
            icon={running && !text ? Square : ArrowUp}
            label={running && !text ? "Stop (Esc)" : "Send (Enter)"}
            disabled={running ? false : !ready || blocked || (!text.trim() && files.length === 0)}
            onClick={running && !text ? onStop : undefined}
          />
        </div>
      </form>
    </div>
  );
}

const LEVELS = ["off", "auto", "low", "medium", "high"];

function ThinkingSelect({ model, choice }: { model: Model; choice: Choosing }) {
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

/** Files may be dropped anywhere on the page. */
function useDrop(add: (files: Iterable<File>) => Promise<void>) {
  const latest = useRef(add);
  useEffect(() => {
    latest.current = add;
  });
  useEffect(() => {
    const over = (event: DragEvent) => event.dataTransfer?.types.includes("Files") && event.preventDefault();
    const drop = (event: DragEvent) => {
      if (event.dataTransfer?.files.length) {
        event.preventDefault();
        void latest.current(event.dataTransfer.files);
      }
    };
    addEventListener("dragover", over);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("drop", drop);
    };
  }, []);
}
