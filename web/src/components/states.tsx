"use client";

import clsx from "clsx";
import { useEffect, useState, type ReactNode } from "react";

import { Button } from "./button";
import { CopyButton } from "./numbers";
import { Fault } from "@/lib/api";
import type { ErrorDetail } from "@/lib/contract";
import { cost, sentence } from "@/lib/format";

const BLAME = { caller: "your request", gateway: "the gateway", provider: "the provider" };

/** What failed, whose fault it is, and what can be done about it. */
export function Problem({ error, retry }: { error: unknown; retry?: (() => void) | undefined }) {
  const detail: ErrorDetail = error instanceof Fault ? error.detail : { message: String(error) };
  if (detail.reason === "permission_denied") {
    return <Empty title="This key may only send requests">Sign in with an admin key to see this page.</Empty>;
  }
  return <ProblemDetail detail={detail} requestId={error instanceof Fault ? error.requestId : null} retry={retry} />;
}

export function ProblemDetail({
  detail,
  requestId,
  retry,
  children,
}: {
  detail: ErrorDetail;
  requestId?: string | null;
  retry?: (() => void) | undefined;
  children?: ReactNode;
}) {
  const facts = [
    detail.blame && `At fault: ${BLAME[detail.blame]}`,
    detail.reason,
    detail.provider_status && `status ${detail.provider_status}`,
    detail.field && `field ${detail.field}`,
    detail.cost_usd !== undefined && `so far ${cost(detail.cost_usd)}`,
  ].filter(Boolean);
  return (
    <div role="alert" className="flex flex-col items-start gap-2 rounded-card bg-bad-soft p-3">
      <p className="font-medium break-words text-bad">{sentence((detail.message ?? "the gateway failed").slice(0, 4096))}</p>
      {facts.length > 0 && <p className="text-note break-words text-text-2">{facts.join(" · ")}</p>}
      {(retry || requestId || children) && (
        <div className="flex flex-wrap items-center gap-2">
          {retry && <Again afterMs={detail.retry_after_ms ?? 0} onClick={retry} />}
          {children}
          {requestId && (
            <span className="flex items-center text-note text-text-2">
              Request {requestId.slice(0, 8)}… <CopyButton text={requestId} label="Copy the request's id" />
            </span>
          )}
        </div>
      )}
    </div>
  );
}

/** Counts down to when it may be tried again. */
function Again({ afterMs, onClick }: { afterMs: number; onClick: () => void }) {
  const [left, setLeft] = useState(Math.ceil(afterMs / 1000));
  useEffect(() => {
    const at = Date.now() + afterMs;
    const tick = () => {
      const rest = Math.max(0, Math.ceil((at - Date.now()) / 1000));
      setLeft(rest);
      if (rest === 0) {
        clearInterval(timer);
      }
    };
    const timer = setInterval(tick, 250);
    return () => clearInterval(timer);
  }, [afterMs]);
  return (
    <Button disabled={left > 0} onClick={onClick}>
      {left > 0 ? `Ready in ${left} s` : "Try again"}
    </Button>
  );
}

/** Nothing is here: why, and what to do. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-2 rounded-card border border-line bg-surface px-4 py-12 text-center">
      <p className="text-heading">{title}</p>
      <div className="text-text-2">{children}</div>
    </div>
  );
}

/** The place of what is loading, of its final height; drawn only after a moment. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={clsx("late rounded-card bg-hover", className)} />;
}

/** A card of a page. */
export function Card({ title, actions, children }: { title?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  return (
    <section className="flex min-w-0 flex-col gap-3 rounded-card border border-line bg-surface p-4 shadow-1">
      {(title || actions) && (
        <div className="flex flex-wrap items-center gap-3">
          {title && <h2 className="text-body font-semibold">{title}</h2>}
          {actions}
        </div>
      )}
      {children}
    </section>
  );
}

/** One of the figures at the top of a page. */
export function Stat({ name, value, note, tone }: { name: string; value: ReactNode; note?: ReactNode; tone?: "warn" }) {
  return (
    <div className="flex min-w-0 flex-col gap-0.5 rounded-card border border-line bg-surface p-4 shadow-1">
      <p className="text-text-2">{name}</p>
      <p className="truncate text-stat max-sm:text-title">{value}</p>
      <p className={clsx("min-h-4 text-note", tone === "warn" ? "text-warn" : "text-text-2")}>{note}</p>
    </div>
  );
}

/** The frame of a page that is not the chat. */
export function Page({ title, note, actions, children }: { title: ReactNode; note?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  return (
    <div className="min-h-0 grow overflow-y-auto px-4 py-6 md:px-8">
      <div className="mx-auto flex max-w-page flex-col gap-4">
        <header className="flex flex-wrap items-center gap-x-4 gap-y-3">
          <h1 tabIndex={-1} className="text-title outline-none">
            {title}
          </h1>
          {note && <div className="text-text-2">{note}</div>}
          {actions && <div className="flex max-w-full flex-wrap items-center gap-2 sm:ml-auto">{actions}</div>}
        </header>
        {children}
      </div>
    </div>
  );
}
