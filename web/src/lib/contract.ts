// The parts of the gateway's contract (proto/gateway/v1) that these pages use, as its JSON. ProtoJSON leaves out
// what is empty or zero, so nearly everything is optional.

export interface Reasoning {
  kind?: "text" | "summary" | "encrypted";
  text?: string;
  signature?: string;
  data?: string;
  format?: string;
  id?: string;
  index?: number;
}

export interface ToolCall {
  id?: string;
  name?: string;
  arguments?: string;
  custom?: boolean;
  provider_executed?: boolean;
}

/** A picture: an address, or base64 with its media type. */
export interface Image {
  url?: string;
  data?: string;
  media_type?: string;
}

/** Generated sound: base64 with its encoding. */
export interface Audio {
  data?: string;
  format?: string;
  transcript?: string;
  id?: string;
}

export interface Citation {
  url?: string;
  title?: string;
  quote?: string;
}

export type ContentPart =
  | { text: string }
  | { refusal: string }
  | { reasoning: Reasoning }
  | { tool_call: ToolCall }
  | { image: Image }
  | { audio: Audio };

export interface Message {
  role: "user" | "assistant";
  content: string | ContentPart[];
  citations?: Citation[];
}

export interface ChatRequest {
  model: string;
  messages: Message[];
  stream: true;
  thinking?: { mode: "off" | "auto" } | { effort: string };
}

export interface Usage {
  total_input_tokens?: number;
  total_output_tokens?: number;
  input_tokens?: number;
  output_tokens?: number;
  reasoning_tokens?: number;
}

export interface Timings {
  first_token_ms?: number;
  total_ms?: number;
  overhead_ms?: number;
}

export interface ModelResolution {
  requested?: string;
  resolved?: string;
  rule?: string;
  confidence?: number;
}

export interface Warning {
  code?: string;
  field?: string;
  message?: string;
}

export interface Meta {
  generation_id?: string;
  model?: ModelResolution;
  provider?: string;
  upstream_provider?: string;
  upstream_model?: string;
  warnings?: Warning[];
}

export interface Done {
  finish_reason?: string;
  usage?: Usage;
  cost_usd?: number;
  cost_source?: string;
  timings?: Timings;
}

export interface ErrorDetail {
  code?: string;
  reason?: string;
  message?: string;
  blame?: "caller" | "gateway" | "provider";
  retryable?: boolean;
  retry_after_ms?: number;
  field?: string;
  suggestions?: string[];
  provider?: string;
  usage?: Usage;
  cost_usd?: number;
  generation_id?: string;
}

/** An event of a chat; its case is the server-sent event's name, `sequence` its id. */
export type ChatEvent = { sequence: number } & (
  | { event: "meta"; data: Meta }
  | { event: "token"; data: { block?: number; text?: string; refusal?: boolean } }
  | { event: "reasoning"; data: { block?: number; delta?: Reasoning } }
  | { event: "tool_calls"; data: ToolCall & { block?: number } }
  | { event: "images"; data: { block?: number; image?: Image } }
  | { event: "audio"; data: { block?: number; delta?: Audio } }
  | { event: "citations"; data: { citations?: Citation[] } }
  | { event: "done"; data: Done }
  | { event: "error"; data: ErrorDetail }
);

/** Amounts are decimal strings in USD for one token. */
export interface Price {
  input?: string;
  output?: string;
  source?: string;
}

export interface Model {
  id: string;
  name?: string;
  context_length?: number;
  max_output_tokens?: number;
  input_modalities?: string[];
  output_modalities?: string[];
  price?: Price;
  /** Who serves it; `available` where that provider is configured. */
  endpoints?: { provider?: string; available?: boolean }[];
}

export interface ModelPage {
  models?: Model[];
  next_page_token?: string;
}

export interface Generation {
  id: string;
  state?: string;
  operation?: string;
  model?: ModelResolution;
  provider?: string;
  usage?: Usage;
  cost_usd?: number;
  create_time?: string;
  timings?: Timings;
  error_reason?: string;
}

export interface GenerationPage {
  generations?: Generation[];
  next_page_token?: string;
}
