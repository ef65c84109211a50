"use client";

import { useState } from "react";

import { Button } from "@/components/button";
import { CodeBlock } from "@/components/markdown/code";
import { CopyButton } from "@/components/numbers";

/** A key in full, for the only time that it can be read. */
export function Secret({ full, onDone }: { full: string; onDone: () => void }) {
  const [stored, setStored] = useState(false);
  return (
    <>
      <p>Copy it now: only its hash is kept, and it cannot be shown again.</p>
      <p className="flex items-center justify-between gap-2 rounded-control border border-line-strong bg-sunken py-1 pr-1 pl-3">
        <code data-secret className="font-mono break-all">
          {full}
        </code>
        <CopyButton text={full} label="Copy the key" />
      </p>
      <CodeBlock
        code={`export GGW_KEY=…\ncurl ${location.origin}/api/v1/caller -H "Authorization: Bearer $GGW_KEY"`}
        language="bash"
        live={false}
      />
      <label className="flex items-center gap-2">
        <input type="checkbox" checked={stored} onChange={(event) => setStored(event.target.checked)} />I have stored it
      </label>
      <Button kind="primary" disabled={!stored} onClick={onDone}>
        Done
      </Button>
    </>
  );
}
