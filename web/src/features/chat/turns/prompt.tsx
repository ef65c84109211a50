"use client";

import { FileText, Pencil } from "lucide-react";
import { memo, useState } from "react";

import { Branches } from "./branches";
import { textOf, type PromptRow } from "./rows";
import { Button, IconButton } from "@/components/button";
import { TextArea } from "@/components/field";
import { CopyButton } from "@/components/numbers";
import type { ContentPart } from "@/lib/contract";

const FOLD_LINES = 12;

interface Props {
  row: PromptRow;
  onWalk?: (sibling: string) => Promise<void>;
  onEdit?: (content: ContentPart[], parent: string | undefined) => Promise<unknown>;
}

/** What was asked: plain text in a bubble. */
export const PromptView = memo(function PromptView({ row, onWalk, onEdit }: Props) {
  const [editing, setEditing] = useState(false);
  const [whole, setWhole] = useState(false);
  const content = row.message.content ?? [];
  const text = textOf(content);
  const lines = text.split("\n");
  const folded = !whole && lines.length > FOLD_LINES;
  if (editing && onEdit) {
    return (
      <Editor
        text={text}
        onCancel={() => setEditing(false)}
        onSend={(changed) => {
          setEditing(false);
          void onEdit([...content.filter((part) => !("text" in part)), { text: changed }], row.message.parent_id || undefined);
        }}
      />
    );
  }
  return (
    <article tabIndex={-1} aria-label={`Prompt ${row.number}`} className="group flex flex-col items-end gap-1">
      <Attachments parts={content} />
      {text && (
        <div className="max-w-[85%] rounded-bubble rounded-br-sm bg-bubble px-4 py-2 text-body break-words whitespace-pre-wrap">
          {folded ? lines.slice(0, FOLD_LINES).join("\n") : text}
          {folded && (
            <button type="button" onClick={() => setWhole(true)} className="block text-ui text-accent-text">
              Show all {lines.length} lines
            </button>
          )}
        </div>
      )}
      <div className="flex h-8 items-center text-text-2 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 has-[[role=group]]:opacity-100">
        <CopyButton text={text} label="Copy the prompt" />
        {onEdit && <IconButton icon={Pencil} data-edit label="Edit the prompt" onClick={() => setEditing(true)} />}
        {onWalk && <Branches id={row.id} siblings={row.stored?.sibling_ids} noun="Prompt" onWalk={onWalk} />}
      </div>
    </article>
  );
});

function Editor({ text, onCancel, onSend }: { text: string; onCancel: () => void; onSend: (text: string) => void }) {
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        onSend(String(new FormData(event.currentTarget).get("text")));
      }}
    >
      <TextArea
        name="text"
        aria-label="Edit the prompt"
        autoFocus
        defaultValue={text}
        className="max-h-80 text-body"
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            onCancel();
          } else if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
            event.preventDefault();
            event.currentTarget.form?.requestSubmit();
          }
        }}
      />
      <div className="flex items-center justify-end gap-2">
        <Button onClick={onCancel}>Cancel</Button>
        <Button kind="primary" type="submit">
          Send
        </Button>
      </div>
    </form>
  );
}

function Attachments({ parts }: { parts: ContentPart[] }) {
  const files = parts.filter((part) => !("text" in part));
  if (files.length === 0) {
    return null;
  }
  return (
    <ul className="flex flex-wrap justify-end gap-2">
      {files.map((part, at) => (
        <li key={at}>
          {"image" in part && "data" in part.image ? (
            <img
              src={`data:${part.image.media_type ?? "image/png"};base64,${part.image.data}`}
              alt="Attached"
              className="max-h-40 rounded-card border border-line"
            />
          ) : (
            <span className="flex items-center gap-2 rounded-control border border-line bg-surface px-2.5 py-1.5">
              <FileText size={16} strokeWidth={1.6} aria-hidden />
              {"file" in part ? (part.file.filename ?? "Document") : "audio" in part ? "Sound" : "video" in part ? "Video" : "Attachment"}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
