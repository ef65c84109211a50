import { Button } from "@/components/button";
import { ProblemDetail } from "@/components/states";
import { runCommand } from "@/lib/commands";
import type { ErrorDetail } from "@/lib/contract";

interface Props {
  error: ErrorDetail;
  /** It came just now: what it says of waiting still holds. */
  fresh: boolean;
  /** Asks once more, another model where one is given. */
  onAgain: ((model?: string) => void) | undefined;
}

/** Why there is no answer, or no more of it, and the ways on. */
export function Refusal({ error, fresh, onAgain }: Props) {
  const { retry_after_ms: wait, suggestions = [], ...rest } = error;
  const detail = fresh && wait !== undefined ? { ...rest, retry_after_ms: wait } : rest;
  return (
    <ProblemDetail detail={detail} retry={onAgain && error.reason !== "key_missing" ? () => onAgain() : undefined}>
      {onAgain && (suggestions.length > 0 || error.blame === "provider") && (
        <>
          {suggestions.map((model) => (
            <Button key={model} onClick={() => onAgain(model)}>
              Ask {model}
            </Button>
          ))}
          <Button kind="quiet" onClick={() => runCommand("picker")}>
            Choose another model
          </Button>
        </>
      )}
    </ProblemDetail>
  );
}
