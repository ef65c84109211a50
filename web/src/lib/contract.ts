// The gateway's contract as these pages call it. The shapes are made of its OpenAPI document (contract.gen.ts), so that
// a change of the contract is an error here. ProtoJSON leaves out what is empty or zero: nearly all is optional.
import type { components } from "./contract.gen";

type Schemas = components["schemas"];

// ---- content

export type Reasoning = Schemas["Reasoning"];
export type ToolCall = Schemas["ToolCall"];
export type ToolResult = Schemas["ToolResult"];
export type Image = Schemas["Image"];
export type FileContent = Schemas["File"];
export type Audio = Schemas["Audio"];
export type Citation = Schemas["Citation"];
export type ContentPart = Schemas["ContentPart"];
export type Message = Schemas["Message"];

// ---- chat

export type Effort = Schemas["ThinkingEffort"];
export type Thinking = Schemas["Thinking"];
/** What a session keeps and a request may override. */
export type Settings = Schemas["SessionSettings"];
export type Tool = Schemas["Tool"];
export type ChatRequest = Schemas["ChatRequest"];
export type Usage = Schemas["Usage"];
export type Timings = Schemas["Timings"];
export type ModelResolution = Schemas["ModelResolution"];
export type Warning = Schemas["Warning"];
export type Meta = Schemas["MetaEvent"];
export type Done = Schemas["DoneEvent"];
/** Why a call failed; `unreachable` is these pages' own word for a gateway that did not answer. */
export type ErrorDetail = Omit<Schemas["ErrorDetail"], "reason"> & { reason?: Schemas["ErrorReason"] | "unreachable" };
export type Verdict = Schemas["Verdict"];
export type Estimate = Schemas["EstimateChatResponse"];

/** An event of a chat; its case is the server-sent event's name, `sequence` its id. */
export type ChatEvent = {
  [Event in keyof Schemas["ChatEvents"]]: { sequence: number; event: Event; data: Schemas["ChatEvents"][Event] };
}[keyof Schemas["ChatEvents"]];

// ---- sessions

export type SessionTotals = Schemas["SessionTotals"];
export type Session = Schemas["Session"];
export type SessionPage = Schemas["ListSessionsResponse"];
export type StoredMessage = Schemas["StoredMessage"];
export type MessagePage = Schemas["ListMessagesResponse"];
export type SessionDocument = Schemas["ExportSessionResponse"];

// ---- models

/** Amounts are decimal strings in USD for one token, request or search. */
export type Price = Schemas["Price"];
export type ModelEndpoint = Schemas["ModelEndpoint"];
export type ModalityLimit = Schemas["ModalityLimit"];
export type Model = Schemas["Model"];
export type ModelPage = Schemas["ListModelsResponse"];
export type ModelAnswer = Schemas["GetModelResponse"];

// ---- the books

export type GenerationState = Schemas["GenerationState"];
export type Adjustment = Schemas["Adjustment"];
export type Generation = Schemas["Generation"];
export type GenerationPage = Schemas["ListGenerationsResponse"];
export type Attempt = Schemas["Attempt"];
export type Candidate = Schemas["Candidate"];
export type GenerationAnswer = Schemas["GetGenerationResponse"];
export type CapturedContent = Schemas["GetGenerationContentResponse"];
export type Percentiles = Schemas["Percentiles"];
export type ErrorCount = Schemas["ErrorCount"];
export type UsageTotals = Schemas["UsageTotals"];
export type UsageRow = Schemas["UsageRow"];
export type UsageSummary = Schemas["SummarizeUsageResponse"];

// ---- projects and the gateway itself

export type Scope = Schemas["Scope"];
export type Limits = Schemas["Limits"];
export type LimitStatus = Schemas["LimitStatus"];
export type Project = Schemas["Project"];
export type ApiKey = Schemas["ApiKey"];
export type BudgetWindow = Schemas["BudgetWindow"];
export type Budget = Schemas["Budget"];
/** The answer to making or rotating a key: the only place where it can be read in full. */
export type KeyAnswer = Schemas["CreateApiKeyResponse"];
export type ModelAlias = Schemas["ModelAlias"];
export type Breaker = Schemas["Breaker"];
export type ProviderStatus = Schemas["ProviderStatus"];
export type ConfigurationValue = Schemas["ConfigurationValue"];
export type Configuration = Schemas["GetConfigurationResponse"];
export type AuditEvent = Schemas["AuditEvent"];
export type Caller = Schemas["GetCallerResponse"];
