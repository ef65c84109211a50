import { useCallback, useEffect, useRef, useState } from "react";

import { readAttachment, type Attachment } from "./attachments";
import { keepDraft, keepFiles, onDraftElsewhere, readDraft, readFiles } from "../draft";
import { toast } from "@/components/toast";

/** What is being written in a session: its words, in a field of their own so that typing draws nothing else, and its files. */
export function useDraft(session: string) {
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(() => readDraft(session));
  const [files, setFiles] = useState<Attachment[]>([]);
  /** What another tab has made of it since. */
  const [elsewhere, setElsewhere] = useState<string>();
  const held = useRef<Attachment[]>([]);
  const told = useRef(false);

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
  useEffect(
    () => onDraftElsewhere(session, (other) => setElsewhere(other && other !== field.current?.value ? other : undefined)),
    [session],
  );

  function type(value: string): void {
    setText(value);
    setElsewhere(undefined);
    keepDraft(session, value);
  }
  /** Puts words into the field without keeping them: they are kept already, or were sent. */
  function show(value: string): void {
    if (field.current) {
      field.current.value = value;
    }
    setText(value);
    setElsewhere(undefined);
  }
  return {
    ...{ field, text, files, elsewhere, type, show, change },
    /** Puts words into the field, and keeps them. */
    write(value: string) {
      show(value);
      keepDraft(session, value);
    },
    /** Leaves the field to what comes next; what was in it is kept until it is known to be sent. */
    clear() {
      show("");
      held.current = [];
      setFiles([]);
    },
    async add(list: Iterable<File>) {
      const read = await Promise.all([...list].map(readAttachment));
      change((before) => [...before, ...read]);
    },
  };
}

export type Draft = ReturnType<typeof useDraft>;
