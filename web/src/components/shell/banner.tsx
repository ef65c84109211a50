"use client";

import clsx from "clsx";
import type { ReactNode } from "react";

import { CopyButton } from "@/components/numbers";
import { Fault } from "@/lib/api";
import { useOnline } from "@/lib/browser";
import { useCaller } from "@/lib/caller";

/** The worst thing to know about, in one line above the page. */
export function Banner() {
  const online = useOnline();
  const caller = useCaller();
  const reason = caller.error instanceof Fault ? caller.error.detail.reason : undefined;
  if (!online) {
    return <Line tone="bad">You are offline. What is here stays; it goes on when the network is back.</Line>;
  }
  if (reason === "unreachable") {
    return <Line tone="bad">The gateway does not answer. Trying again.</Line>;
  }
  if (reason === "shutting_down") {
    return <Line tone="warn">The gateway is shutting down.</Line>;
  }
  if (caller.isPending || caller.data?.sandbox_only) {
    return (
      // Until it is known, public/boot.js guesses: it may know before the scripts do.
      <Line tone="neutral" className={caller.isPending ? "sandbox-guess invisible" : ""}>
        <span>
          Sandbox models answer until a provider is set: put <code className="font-mono">OPENROUTER_API_KEY</code> in the
          gateway’s environment and restart.
        </span>
        <CopyButton text="OPENROUTER_API_KEY" label="Copy the variable’s name" />
      </Line>
    );
  }
  return null;
}

const TONES = { bad: "bg-bad-soft text-bad", warn: "bg-warn-soft text-warn", neutral: "bg-accent-soft text-accent-text" };

function Line({ tone, className, children }: { tone: keyof typeof TONES; className?: string; children: ReactNode }) {
  return (
    <div role="status" className={clsx("flex shrink-0 items-center gap-2 px-4 py-1 text-note", TONES[tone], className)}>
      {children}
    </div>
  );
}
