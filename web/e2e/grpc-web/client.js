// A client as others would write it: generated code over grpc-web, bundled and run in the browser by the test beside it.
import { fromJson } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";

import { ChatRequestSchema, ChatService } from "../../.next/grpc-web/gen/gateway/v1/chat_service_pb";
import { Role } from "../../.next/grpc-web/gen/gateway/v1/content_pb";
import { EmbedRequestSchema } from "../../.next/grpc-web/gen/gateway/v1/embedding_service_pb";
import { ModelService } from "../../.next/grpc-web/gen/gateway/v1/model_service_pb";

function clients(key) {
  const authorize = (next) => (request) => {
    request.header.set("authorization", `Bearer ${key}`);
    return next(request);
  };
  const transport = createGrpcWebTransport({ baseUrl: location.origin, interceptors: [authorize] });
  return { chat: createClient(ChatService, transport), models: createClient(ModelService, transport) };
}

/** A whole answer, the same one streamed, a listing, and what a wrong key gets. */
export async function tryAll(key, text) {
  const { chat, models } = clients(key);
  const content = [{ part: { case: "text", value: text } }];
  const request = { model: "sandbox/echo", messages: [{ role: Role.USER, content }] };
  const textOf = (parts) => parts.map(({ part }) => (part.case === "text" ? part.value : "")).join("");

  const whole = await chat.chat(request);
  const events = [];
  let streamed = "";
  for await (const { event, sequence } of chat.streamChat(request)) {
    events.push([sequence, event.case]);
    streamed += event.case === "token" ? event.value.text : "";
  }
  const listed = await models.listModels({ query: "sandbox" });
  const refused = await clients("ggw_nobody_nothing").chat.chat(request).catch((error) => ConnectError.from(error));
  return {
    whole: textOf(whole.message.content),
    cost: whole.costUsd,
    events,
    streamed,
    models: listed.models.map(({ id }) => id),
    refusal: Code[refused.code],
  };
}

/** Reads requests as strict ProtoJSON, as grpcurl does; throws where one is none. Returns their models. */
export function readAll(chat, embed) {
  return [fromJson(ChatRequestSchema, JSON.parse(chat)).model, fromJson(EmbedRequestSchema, JSON.parse(embed)).model];
}
