"use client";

import { oneLine } from "./tool-call";
import { Button } from "@/components/button";
import { Field, TextArea } from "@/components/field";
import type { ContentPart, ToolCall } from "@/lib/contract";

interface Props {
  calls: ToolCall[];
  onSend: (results: ContentPart[]) => Promise<unknown>;
}

/** What tools answered, given by hand: the model waits for it. */
export function ResultsForm({ calls, onSend }: Props) {
  function send(form: FormData) {
    const results = calls.map((call, at) => ({
      tool_result: {
        tool_call_id: call.id ?? "",
        ...(call.name ? { name: call.name } : {}),
        content: [{ text: String(form.get(`result-${at}`)) }],
        ...(form.has(`failed-${at}`) ? { is_error: true } : {}),
      },
    }));
    void onSend(results);
  }
  return (
    <form
      aria-label="Results of tools"
      className="flex flex-col gap-3 rounded-card border border-line bg-surface p-3"
      onSubmit={(event) => {
        event.preventDefault();
        send(new FormData(event.currentTarget));
      }}
    >
      {calls.map((call, at) => (
        <div key={call.id ?? at} className="flex flex-col gap-1.5">
          <Field
            label={
              <>
                Result of <span className="font-mono">{call.name}</span>
              </>
            }
            help={oneLine(call.arguments ?? "")}
          >
            <TextArea name={`result-${at}`} required placeholder="Text or JSON" className="max-h-60 font-mono" />
          </Field>
          <label className="flex items-center gap-2 self-start text-text-2">
            <input type="checkbox" name={`failed-${at}`} /> The tool failed
          </label>
        </div>
      ))}
      <Button kind="primary" type="submit" className="self-end">
        {calls.length === 1 ? "Send the result" : "Send results"}
      </Button>
    </form>
  );
}
