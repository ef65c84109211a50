// The parts of the gateway's contract (proto/gateway/v1) that these pages use, as its JSON. ProtoJSON leaves out
// what is empty or zero, so nearly everything is optional. 64-bit sums are numbers here: lib/api.ts makes them so.

// ---- content

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

export interface ToolResult {
  tool_call_id?: string;
  content?: ContentPart[];
  is_error?: boolean;
  name?: string;
}

/** A picture: an address, or base64 with its media type. */
export interface Image {
  url?: string;
  data?: string;
  media_type?: string;
}

export interface FileContent {
  url?: string;
  data?: string;
  media_type?: string;
  filename?: string;
}

/** Sound: base64 with its encoding. */
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
  start_index?: number;
  end_index?: number;
}

export type ContentPart =
  | { text: string }
  | { refusal: string }
  | { reasoning: Reasoning }
  | { tool_call: ToolCall }
  | { tool_result: ToolResult }
  | { image: Image }
  | { file: FileContent }
  | { audio: Audio }
  | { video: FileContent };

export interface Message {
  role?: "system" | "developer" | "user" | "assistant" | "tool";
  content?: ContentPart[];
  citations?: Citation[];
  id?: string;
  parent_id?: string;
}

// ---- chat

export type Effort = "minimal" | "low" | "medium" | "high" | "xhigh" | "max";
export type Thinking = { mode: "off" | "auto" } | { effort: Effort } | { budget_tokens: number };

/** What a session keeps and a request may override. */
export interface Settings {
  max_output_tokens?: number;
  temperature?: number;
  top_p?: number;
  top_k?: number;
  min_p?: number;
  presence_penalty?: number;
  frequency_penalty?: number;
  repetition_penalty?: number;
  seed?: string;
  stop?: string[];
  tools?: Tool[];
  thinking?: Thinking;
  web_search?: { max_results?: number };
  verbosity?: string;
  service_tier?: string;
  response_format?: { type: "text" | "json_object" };
  routing?: { fallback_models?: string[]; sort?: string; hedge?: { delay_ms: number } | { quantile: number } };
  max_cost_usd?: number;
}

export interface Tool {
  function?: { name?: string; description?: string; parameters?: unknown };
}

export interface ChatRequest extends Settings {
  model: string;
  messages: Message[];
  stream?: boolean;
  session_id?: string;
  parent_message_id?: string;
}

export interface Usage {
  input_tokens?: number;
  cache_read_tokens?: number;
  cache_write_tokens?: number;
  cache_write_1h_tokens?: number;
  output_tokens?: number;
  reasoning_tokens?: number;
  audio_input_tokens?: number;
  audio_output_tokens?: number;
  image_input_tokens?: number;
  image_output_tokens?: number;
  web_searches?: number;
  total_input_tokens?: number;
  total_output_tokens?: number;
  source?: "provider" | "estimated" | "unknown";
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
  session_id?: string;
  message_id?: string;
  parent_message_id?: string;
  model?: ModelResolution;
  provider?: string;
  upstream_provider?: string;
  upstream_model?: string;
  warnings?: Warning[];
}

export interface Done {
  finish_reason?: string;
  native_finish_reason?: string;
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
  provider_status?: number;
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

export interface Verdict {
  name?: string;
  allowed?: boolean;
  message?: string;
  remaining?: number;
  unit?: string;
}

export interface Estimate {
  model?: ModelResolution;
  provider?: string;
  input_tokens?: number;
  max_output_tokens?: number;
  context_length?: number;
  min_cost_usd?: number;
  max_cost_usd?: number;
  verdicts?: Verdict[];
  warnings?: Warning[];
}

// ---- sessions

export interface SessionTotals {
  messages?: number;
  cost_usd?: number;
  unknown_cost_requests?: number;
  total_input_tokens?: number;
  total_output_tokens?: number;
}

export interface Session {
  id: string;
  title?: string;
  system_prompt?: string;
  model?: string;
  settings?: Settings;
  leaf_message_id?: string;
  running_generations?: { generation_id?: string; parent_message_id?: string }[];
  totals?: SessionTotals;
  create_time?: string;
  update_time?: string;
}

export interface SessionPage {
  sessions?: Session[];
  next_page_token?: string;
}

export interface StoredMessage {
  message?: Message;
  sibling_ids?: string[];
  create_time?: string;
  generation_id?: string;
  state?: GenerationState;
  model?: ModelResolution;
  provider?: string;
  upstream_provider?: string;
  warnings?: Warning[];
  finish_reason?: string;
  error?: ErrorDetail;
  usage?: Usage;
  cost_usd?: number;
  cost_source?: string;
  timings?: Timings;
}

export interface MessagePage {
  messages?: StoredMessage[];
  next_page_token?: string;
  totals?: SessionTotals;
}

export interface SessionDocument {
  filename?: string;
  media_type?: string;
  content?: string;
}

// ---- models

/** Amounts are decimal strings in USD for one token, request or search. */
export interface Price {
  version?: string;
  source?: string;
  effective_time?: string;
  input?: string;
  output?: string;
  cache_read?: string;
  cache_write?: string;
  cache_write_1h?: string;
  reasoning?: string;
  audio_input?: string;
  audio_output?: string;
  audio_cache_read?: string;
  image_input?: string;
  image_output?: string;
  request?: string;
  web_search?: string;
  tiers?: { min_input_tokens?: number; price?: Price }[];
}

export interface ModelEndpoint {
  provider?: string;
  upstream_id?: string;
  price?: Price;
  context_length?: number;
  quantization?: string;
  available?: boolean;
}

export interface ModalityLimit {
  modality?: string;
  media_types?: string[];
  max_bytes?: number;
  max_count?: number;
}

export interface Model {
  id: string;
  name?: string;
  description?: string;
  create_time?: string;
  expire_time?: string;
  context_length?: number;
  max_output_tokens?: number;
  input_modalities?: string[];
  output_modalities?: string[];
  supported_parameters?: string[];
  tokenizer?: string;
  thinking?: {
    mandatory?: boolean;
    default_enabled?: boolean;
    default_effort?: string;
    supported_efforts?: string[];
  };
  price?: Price;
  endpoints?: ModelEndpoint[];
  modality_limits?: ModalityLimit[];
  alias_of?: string;
}

export interface ModelPage {
  models?: Model[];
  next_page_token?: string;
  refresh_time?: string;
  refresh_error?: string;
}

export interface ModelAnswer {
  model?: Model;
  price_history?: Price[];
}

// ---- the books

export type GenerationState =
  | "admitted"
  | "completed"
  | "failed"
  | "cancelled"
  | "interrupted"
  | "unknown"
  | "unspecified";

export interface Adjustment {
  create_time?: string;
  old_cost_usd?: number;
  new_cost_usd?: number;
  reason?: string;
  actor?: string;
}

export interface Generation {
  id: string;
  project?: string;
  key_id?: string;
  key_name?: string;
  end_user?: string;
  session_id?: string;
  metadata?: Record<string, string>;
  door?: string;
  operation?: string;
  model?: ModelResolution;
  provider?: string;
  upstream_provider?: string;
  streamed?: boolean;
  state?: GenerationState;
  finish_reason?: string;
  error_reason?: string;
  usage?: Usage;
  cost_usd?: number;
  cost_source?: string;
  computed_cost_usd?: number;
  price_version?: string;
  create_time?: string;
  end_time?: string;
  timings?: Timings;
  attempt_count?: number;
  adjustments?: Adjustment[];
}

export interface GenerationPage {
  generations?: Generation[];
  next_page_token?: string;
}

export interface Attempt {
  index?: number;
  kind?: "primary" | "retry" | "fallback" | "hedge";
  provider?: string;
  credential?: string;
  upstream_model?: string;
  upstream_id?: string;
  http_status?: number;
  error_reason?: string;
  error_message?: string;
  usage?: Usage;
  cost_usd?: number;
  raw_usage?: string;
  start_time?: string;
  first_token_time?: string;
  end_time?: string;
  won?: boolean;
}

export interface Candidate {
  provider?: string;
  upstream_model?: string;
  chosen?: boolean;
  reason?: string;
}

export interface GenerationAnswer {
  generation?: Generation;
  attempts?: Attempt[];
  candidates?: Candidate[];
  price?: Record<string, unknown>;
}

export interface Percentiles {
  p50?: number;
  p95?: number;
  p99?: number;
}

export interface ErrorCount {
  reason?: string;
  count?: number;
}

export interface UsageTotals {
  requests?: number;
  failed_requests?: number;
  extra_attempts?: number;
  input_tokens?: number;
  cache_read_tokens?: number;
  cache_write_tokens?: number;
  output_tokens?: number;
  reasoning_tokens?: number;
  media_tokens?: number;
  total_input_tokens?: number;
  total_output_tokens?: number;
  cost_usd?: number;
  unknown_cost_requests?: number;
  first_token_ms?: Percentiles;
  total_ms?: Percentiles;
  errors?: ErrorCount[];
}

export interface UsageRow {
  start?: string;
  model?: string;
  provider?: string;
  project?: string;
  key_id?: string;
  end_user?: string;
  totals?: UsageTotals;
}

export interface UsageSummary {
  rows?: UsageRow[];
  total?: UsageTotals;
  previous?: UsageTotals;
}

// ---- projects and the gateway itself

export type Scope = "inference" | "admin";

export interface Limits {
  requests_per_minute?: number;
  tokens_per_minute?: number;
  concurrent_requests?: number;
}

export interface LimitStatus {
  kind?: "requests_per_minute" | "tokens_per_minute" | "concurrent_requests";
  scope?: "key" | "project";
  limit?: number;
  remaining?: number;
  reset_after_ms?: number;
}

export interface Project {
  id: string;
  name?: string;
  limits?: Limits;
  limit_status?: LimitStatus[];
  allowed_models?: string[];
  active_keys?: number;
  create_time?: string;
}

export interface ApiKey {
  id: string;
  project?: string;
  name?: string;
  scopes?: Scope[];
  state?: "active" | "expired" | "revoked";
  limits?: Limits;
  limit_status?: LimitStatus[];
  allowed_models?: string[];
  creator?: string;
  create_time?: string;
  expire_time?: string;
  last_use_time?: string;
  old_secret_expire_time?: string;
  revoke_time?: string;
}

export type BudgetWindow = "day" | "week" | "month" | "forever";

export interface Budget {
  id: string;
  project?: string;
  name?: string;
  scope?: "project" | "key" | "end_user";
  key_id?: string;
  end_user?: string;
  window?: BudgetWindow;
  enforcement?: "hard" | "warn";
  limit_usd?: number;
  spent_usd?: number;
  reserved_usd?: number;
  remaining_usd?: number;
  window_start_time?: string;
  renew_time?: string;
}

/** The answer to making or rotating a key: the only place where it can be read in full. */
export interface KeyAnswer {
  key?: ApiKey;
  full_key?: string;
  budget?: Budget;
}

export interface ModelAlias {
  name?: string;
  model?: string;
  configured?: boolean;
  creator?: string;
}

export interface Breaker {
  credential?: string;
  upstream_model?: string;
  state?: string;
  failures?: number;
  retry_time?: string;
  error_reason?: string;
}

export interface ProviderStatus {
  name: string;
  display_name?: string;
  dialect?: string;
  base_url?: string;
  health?: "not_configured" | "disabled" | "idle" | "healthy" | "degraded" | "paused";
  credentials?: { name?: string; origin?: string }[];
  key_variable?: string;
  models?: number;
  breakers?: Breaker[];
  retry_time?: string;
  attempts?: number;
  failed_attempts?: number;
  errors?: ErrorCount[];
  first_token_ms?: Percentiles;
  last_success_time?: string;
  last_failure_time?: string;
}

export interface ConfigurationValue {
  key: string;
  value?: string;
  source?: "default" | "file" | "environment" | "command_line";
  location?: string;
  secret?: boolean;
  is_set?: boolean;
}

export interface Configuration {
  values?: ConfigurationValue[];
  file?: string;
}

export interface AuditEvent {
  id: string;
  create_time?: string;
  actor?: string;
  actor_name?: string;
  action?: string;
  project?: string;
  target?: string;
  changes?: { field?: string; old_value?: string; new_value?: string }[];
}

export interface Caller {
  project?: string;
  project_name?: string;
  key_id?: string;
  key_name?: string;
  scopes?: Scope[];
  all_projects?: boolean;
  expire_time?: string;
  allowed_models?: string[];
  limits?: LimitStatus[];
  tightest_budget?: Budget;
  month_cost_usd?: number;
  gateway_version?: string;
}
