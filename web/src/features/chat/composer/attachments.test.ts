import { expect, test } from "vitest";

import { obstacle, toPart, type Attachment } from "./attachments";
import type { Model } from "@/lib/contract";

const FILE: Attachment = { id: "1", name: "a.pdf", size: 100, type: "application/pdf", kind: "file", data: "aGk=" };
const MODEL: Model = {
  id: "a/b",
  input_modalities: ["text", "file"],
  modality_limits: [{ modality: "file", media_types: ["application/pdf"], max_bytes: 1000, max_count: 1 }],
};

test("a limit is told before sending", () => {
  expect(obstacle(FILE, MODEL, [FILE])).toBeUndefined();
  expect(obstacle({ ...FILE, size: 2000 }, MODEL, [FILE])).toMatch(/^Larger than/);
  expect(obstacle({ ...FILE, type: "text/plain" }, MODEL, [FILE])).toBe("a/b takes pdf");
  expect(obstacle(FILE, MODEL, [FILE, FILE])).toBe("At most 1 of these");
  expect(obstacle({ ...FILE, kind: "image" }, MODEL, [FILE])).toBe("a/b takes no images");
});

test("each kind is the part that the contract has for it", () => {
  expect(toPart(FILE)).toEqual({ file: { data: "aGk=", media_type: "application/pdf", filename: "a.pdf" } });
  expect(toPart({ ...FILE, kind: "audio", type: "audio/mpeg" })).toEqual({ audio: { data: "aGk=", format: "mp3" } });
});
