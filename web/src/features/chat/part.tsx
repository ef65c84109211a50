"use client";

import type { ContentPart, Image, Reasoning, ToolCall } from "@/lib/contract";

/** One block of an answer; `live` where it is still being written. */
export function PartView({ part, live }: { part: ContentPart; live: boolean }) {
  if ("text" in part) {
    return <Prose text={part.text} live={live} />;
  }
  if ("refusal" in part) {
    return <Prose text={part.refusal} live={live} />;
  }
  if ("reasoning" in part) {
    return <Thought reasoning={part.reasoning} live={live} />;
  }
  if ("tool_call" in part) {
    return <Call call={part.tool_call} live={live} />;
  }
  if ("image" in part) {
    return <Picture image={part.image} />;
  }
  const { data = "", format = "wav", transcript = "" } = part.audio;
  return (
    <figure className="flex flex-col gap-2">
      {!live && <audio controls src={`data:audio/${format};base64,${data}`} />}
      <figcaption>{transcript}</figcaption>
    </figure>
  );
}

function Prose({ text, live }: { text: string; live: boolean }) {
  return <p className={`text-body break-words whitespace-pre-wrap ${live ? "caret" : ""}`}>{text}</p>;
}

/** Folded, so that it does not push the answer about while it grows. */
function Thought({ reasoning, live }: { reasoning: Reasoning; live: boolean }) {
  const text = reasoning.text?.trim();
  if (!text) {
    return <p className="text-text-2">{live ? "Thinking…" : "Thought · text withheld by the provider"}</p>;
  }
  return (
    <details>
      <summary className="text-text-2">{live ? <span className="caret">Thinking</span> : "Thought"}</summary>
      <p className="mt-2 border-l-2 border-line pl-3 break-words whitespace-pre-wrap text-text-2">{text}</p>
    </details>
  );
}

function Call({ call, live }: { call: ToolCall; live: boolean }) {
  const words = live ? "writing" : call.provider_executed ? "run by the provider" : "waits for a result";
  return (
    <details className="overflow-hidden rounded-card border border-line bg-surface">
      <summary className="px-3 py-2">
        <span className="font-mono">{call.name}</span> <span className="text-note text-text-2">{words}</span>
      </summary>
      <pre className="overflow-x-auto border-t border-line bg-sunken px-3 py-2 font-mono">
        {pretty(call.arguments ?? "")}
      </pre>
    </details>
  );
}

/** Only pictures that came with the answer are drawn: an address in it could carry data away. */
function Picture({ image }: { image: Image }) {
  const inline = image.data ? `data:${image.media_type || "image/png"};base64,${image.data}` : image.url;
  if (inline?.startsWith("data:image/")) {
    return <img src={inline} alt="Generated picture" className="max-h-96 max-w-full self-start rounded-card" />;
  }
  return (
    <p>
      Picture at{" "}
      <a href={/^https?:\/\//.test(inline ?? "") ? inline : undefined} rel="noopener noreferrer nofollow" target="_blank" className="break-all underline">
        {inline}
      </a>
    </p>
  );
}

/** Arguments with line breaks once they are whole; as they are until then. */
function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
