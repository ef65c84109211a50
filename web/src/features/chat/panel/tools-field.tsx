"use client";

import { useState } from "react";

import { Field, TextArea } from "@/components/field";
import type { Tool } from "@/lib/contract";

const EXAMPLE = `[{"name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}]`;

/** Functions that the model may call, as JSON; their results are given by hand in the conversation. */
export function ToolsField({ tools, onChange }: { tools: Tool[] | undefined; onChange: (tools: Tool[] | undefined) => void }) {
  const functions = tools?.flatMap((tool) => ("function" in tool ? tool.function : [])) ?? [];
  const known = functions.length > 0 ? JSON.stringify(functions, null, 2) : "";
  const [problem, setProblem] = useState<string>();
  return (
    <Field label="Tools" help="Functions by name and parameters; you give their results in the chat" error={problem}>
      <TextArea
        key={known}
        defaultValue={known}
        placeholder={EXAMPLE}
        spellCheck={false}
        className="max-h-60 font-mono text-note"
        onBlur={({ target: { value } }) => {
          const read = readTools(value);
          setProblem(typeof read === "string" ? read : undefined);
          if (typeof read !== "string" && value !== known) {
            onChange(read);
          }
        }}
      />
    </Field>
  );
}

/** The tools that a text describes, or what is wrong with it. */
function readTools(text: string): Tool[] | undefined | string {
  if (!text.trim()) {
    return undefined;
  }
  try {
    const listed: unknown = JSON.parse(text);
    const functions = Array.isArray(listed) ? (listed as unknown[]) : [listed];
    return functions.every(isFunction) ? functions.map((one) => ({ function: one })) : "Each function needs a name.";
  } catch (error) {
    return `This is not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function isFunction(value: unknown): value is { name: string } {
  return typeof value === "object" && value !== null && "name" in value && typeof value.name === "string" && value.name !== "";
}
