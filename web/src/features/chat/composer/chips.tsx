"use client";

import clsx from "clsx";
import { FileText, X } from "lucide-react";

import { obstacle, type Attachment } from "./attachments";
import { IconButton } from "@/components/button";
import { runCommand } from "@/lib/commands";
import type { Model } from "@/lib/contract";
import { bytes } from "@/lib/format";

/** Files that go along, each with what stands in its way. */
export function Chips({ files, model, onRemove }: { files: Attachment[]; model: Model | undefined; onRemove: (id: string) => void }) {
  if (files.length === 0) {
    return null;
  }
  return (
    <ul aria-label="Attachments" className="flex flex-wrap gap-2 p-1">
      {files.map((file) => {
        const why = obstacle(file, model, files);
        return (
          <li
            key={file.id}
            className={clsx("flex max-w-full items-center gap-2 rounded-control border py-1 pr-1 pl-2", why ? "border-bad bg-bad-soft" : "border-line bg-sunken")}
          >
            {file.kind === "image" ? (
              <img src={`data:${file.type};base64,${file.data}`} alt="" className="size-8 rounded-tile object-cover" />
            ) : (
              <FileText size={16} strokeWidth={1.6} aria-hidden className="shrink-0" />
            )}
            <span className="flex min-w-0 flex-col">
              <span className="truncate">{file.name}</span>
              <span className={clsx("truncate text-note", why ? "text-bad" : "text-text-2")}>{why ?? bytes(file.size)}</span>
            </span>
            {why && (
              <button type="button" className="shrink-0 text-note text-accent-text underline" onClick={() => runCommand("picker")}>
                Choose a model that does
              </button>
            )}
            <IconButton icon={X} label={`Remove ${file.name}`} onClick={() => onRemove(file.id)} />
          </li>
        );
      })}
    </ul>
  );
}
