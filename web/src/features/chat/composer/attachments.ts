// Files beside a prompt: read, and checked against what a model takes before anything is sent.
import type { ContentPart, Model } from "@/lib/contract";
import { bytes } from "@/lib/format";

export interface Attachment {
  id: string;
  name: string;
  size: number;
  type: string;
  kind: "image" | "file" | "audio" | "video";
  /** Base64. */
  data: string;
}

/** What may be sent where a model tells no limit; providers refuse far larger bodies anyway. */
const DEFAULT_MAX_BYTES = 20_000_000;
const KINDS: Record<Attachment["kind"], string> = { image: "images", file: "documents", audio: "sound", video: "video" };

export async function readAttachment(file: File): Promise<Attachment> {
  const url = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error ?? new Error("the file cannot be read"));
    reader.readAsDataURL(file);
  });
  const type = file.type || "application/octet-stream";
  const data = url.slice(url.indexOf(",") + 1);
  return { id: crypto.randomUUID?.() ?? String(Math.random()), name: file.name, size: file.size, type, kind: kindOf(type), data };
}

function kindOf(type: string): Attachment["kind"] {
  const kind = type.split("/")[0];
  return kind === "image" || kind === "audio" || kind === "video" ? kind : "file";
}

/** Why the model cannot take it; undefined where it can. */
export function obstacle(attachment: Attachment, model: Model | undefined, all: Attachment[]): string | undefined {
  if (!model) {
    return undefined;
  }
  const name = model.name || model.id;
  if (!model.input_modalities?.includes(attachment.kind)) {
    return `${name} takes no ${KINDS[attachment.kind]}`;
  }
  const limit = model.modality_limits?.find(({ modality }) => modality === attachment.kind);
  if (limit?.media_types?.length && !limit.media_types.includes(attachment.type)) {
    return `${name} takes ${limit.media_types.map((type) => type.split("/")[1]).join(", ")}`;
  }
  const most = limit?.max_bytes ?? DEFAULT_MAX_BYTES;
  if (attachment.size > most) {
    return `Larger than ${bytes(most)}`;
  }
  const count = all.filter(({ kind }) => kind === attachment.kind).length;
  return limit?.max_count && count > limit.max_count ? `At most ${limit.max_count} of these` : undefined;
}

/** What a model takes, in words. */
export function accepted(model: Model | undefined): string {
  const kinds = (Object.keys(KINDS) as Attachment["kind"][]).filter((kind) => model?.input_modalities?.includes(kind));
  return kinds.length > 0 ? `Takes ${kinds.map((kind) => KINDS[kind]).join(", ")}, each to ${bytes(DEFAULT_MAX_BYTES)}` : "This model takes text alone";
}

export function toPart({ kind, data, type, name }: Attachment): ContentPart {
  switch (kind) {
    case "image":
      return { image: { data, media_type: type } };
    case "audio":
      return { audio: { data, format: type.split("/")[1]?.replace("mpeg", "mp3").replace("x-", "") ?? "wav" } };
    case "video":
      return { video: { data, media_type: type } };
    case "file":
      return { file: { data, media_type: type, filename: name } };
  }
}
