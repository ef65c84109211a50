"use client";

import { QUIET } from "./styles";
import { Fault } from "@/lib/api";
import type { ErrorDetail } from "@/lib/contract";
import { dropKey } from "@/lib/key";

const BLAME = { caller: "Your request", gateway: "The gateway", provider: "The provider" };

/** What failed, whose fault it is, and what can be done about it. */
export function Problem({ error, retry }: { error: unknown; retry?: (() => void) | undefined }) {
  const detail: ErrorDetail = error instanceof Fault ? error.detail : { message: String(error) };
  const requestId = error instanceof Fault ? error.requestId : null;
  return <ProblemDetail detail={detail} requestId={requestId} retry={retry} />;
}

export function ProblemDetail({
  detail,
  requestId,
  retry,
}: {
  detail: ErrorDetail;
  requestId?: string | null;
  retry?: (() => void) | undefined;
}) {
  const facts = [
    detail.blame && `${BLAME[detail.blame]} is at fault`,
    detail.reason,
    detail.field && `field ${detail.field}`,
    detail.retry_after_ms && `ready in ${Math.ceil(detail.retry_after_ms / 1000)} s`,
    requestId && `request ${requestId}`,
  ].filter(Boolean);
  return (
    <div role="alert" className="flex flex-col items-start gap-2 rounded-card bg-bad-soft p-3">
      <p className="font-medium text-bad">{sentence(detail.message ?? "the gateway failed")}</p>
      {!!detail.suggestions?.length && <p>Did you mean {detail.suggestions.join(", ")}?</p>}
      {facts.length > 0 && <p className="text-note break-all text-text-2">{facts.join(" · ")}</p>}
      <div className="flex gap-2">
        {retry && (
          <button type="button" onClick={retry} className={QUIET}>
            Try again
          </button>
        )}
        {detail.reason?.startsWith("key_") && (
          <button type="button" onClick={dropKey} className={QUIET}>
            Use another key
          </button>
        )}
      </div>
    </div>
  );
}

/** Messages of the gateway begin in lower case, as programs like them. */
function sentence(message: string): string {
  return message.charAt(0).toUpperCase() + message.slice(1);
}
