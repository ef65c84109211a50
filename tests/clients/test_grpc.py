"""A Python client generated from the contract, over gRPC and over grpc-web."""

import json
import struct
import urllib.request

import grpc
import pytest

from running import EMBED, TEXT, TOOLS


@pytest.fixture
def pb(contract):
    from gateway.v1 import chat_service_pb2, content_pb2
    return chat_service_pb2, content_pb2


@pytest.fixture
def chat(gateway, contract):
    from gateway.v1 import chat_service_pb2_grpc
    with grpc.insecure_channel(gateway.address) as channel:
        yield chat_service_pb2_grpc.ChatServiceStub(channel)


@pytest.fixture
def metadata(gateway):
    return [("authorization", f"Bearer {gateway.key}")]


def user(content, text):
    return content.Message(role=content.ROLE_USER, content=[content.ContentPart(text=text)])


def weather_tool(content):
    tool = content.Tool(function=content.FunctionTool(name="get_weather", description="The weather in a city"))
    tool.function.parameters.update({
        "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]})
    return tool


def checked(events):
    """The events of a whole stream, by what every stream promises."""
    events = list(events)
    kinds = [event.WhichOneof("event") for event in events]
    assert kinds[0] == "meta" and kinds[-1] == "done", kinds
    assert kinds.count("meta") == kinds.count("done") == 1
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    return events


def text_of(events):
    return "".join(event.token.text for event in events if event.WhichOneof("event") == "token")


def test_a_tool_is_called_and_its_result_is_answered(gateway, pb, chat, metadata):
    chats, content = pb
    request = chats.ChatRequest(model=TOOLS, messages=[user(content, "What is the weather in Basel?")],
                                tools=[weather_tool(content)])
    events = checked(chat.StreamChat(request, metadata=metadata, timeout=30))
    pieces = [event.tool_calls for event in events if event.WhichOneof("event") == "tool_calls"]
    first = pieces[0].block
    call = content.ToolCall(id=pieces[0].id, name=pieces[0].name,
                            arguments="".join(piece.arguments for piece in pieces if piece.block == first))
    assert call.name == "get_weather" and call.id
    assert isinstance(json.loads(call.arguments), dict)
    assert events[-1].done.finish_reason == chats.FINISH_REASON_TOOL_CALLS

    result = content.ToolResult(tool_call_id=call.id, content=[content.ContentPart(text="7.5 degrees, light rain")])
    request.messages.append(content.Message(role=content.ROLE_ASSISTANT, content=[content.ContentPart(tool_call=call)]))
    request.messages.append(content.Message(role=content.ROLE_TOOL, content=[content.ContentPart(tool_result=result)]))
    events = checked(chat.StreamChat(request, metadata=metadata, timeout=30))
    done = events[-1].done
    assert text_of(events)
    assert done.finish_reason == chats.FINISH_REASON_STOP
    assert done.HasField("cost_usd") and done.cost_usd > 0 and done.usage.total_output_tokens > 0

    booked = gateway.read(f"/api/v1/generations/{events[0].meta.generation_id}")["generation"]
    assert booked["state"] == "completed" and booked["door"] == "grpc"
    assert booked["cost_usd"] == pytest.approx(done.cost_usd, abs=1e-9)


def test_a_whole_answer_is_the_fold_of_its_stream(pb, chat, metadata):
    chats, content = pb
    request = chats.ChatRequest(model=TEXT, messages=[user(content, "Say something")])
    streamed = checked(chat.StreamChat(request, metadata=metadata, timeout=30))
    whole = chat.Chat(request, metadata=metadata, timeout=30)
    assert "".join(part.text for part in whole.message.content) == text_of(streamed)
    assert whole.finish_reason == streamed[-1].done.finish_reason
    assert whole.usage == streamed[-1].done.usage


def test_texts_are_embedded_and_booked_and_models_are_found(gateway, contract, metadata):
    from gateway.v1 import (embedding_service_pb2, embedding_service_pb2_grpc, model_service_pb2,
                            model_service_pb2_grpc, usage_service_pb2, usage_service_pb2_grpc)
    with grpc.insecure_channel(gateway.address) as channel:
        texts = [embedding_service_pb2.EmbedInput(text=text) for text in ("one", "two")]
        request = embedding_service_pb2.EmbedRequest(model=EMBED, inputs=texts, dimensions=8)
        answer = embedding_service_pb2_grpc.EmbeddingServiceStub(channel).Embed(request, metadata=metadata, timeout=30)
        assert [(item.index, len(item.vector)) for item in answer.embeddings] == [(0, 8), (1, 8)]

        wanted = usage_service_pb2.GetGenerationRequest(generation_id=answer.generation_id)
        books = usage_service_pb2_grpc.UsageServiceStub(channel)
        booked = books.GetGeneration(wanted, metadata=metadata, timeout=30).generation
        assert booked.state == usage_service_pb2.GENERATION_STATE_COMPLETED and booked.cost_usd > 0
        exported = list(books.ExportUsage(usage_service_pb2.ExportUsageRequest(), metadata=metadata, timeout=30))
        assert [generation.id for generation in exported].count(answer.generation_id) == 1

        models = model_service_pb2_grpc.ModelServiceStub(channel)
        listing = model_service_pb2.ListModelsRequest(query="sandbox", page_size=1000)
        assert {TEXT, TOOLS, EMBED} <= {model.id for model in models.ListModels(listing, metadata=metadata).models}
        name = model_service_pb2.ResolveModelRequest(name="claude-4.5-sonnet")
        found = models.ResolveModel(name, metadata=metadata, timeout=30)
        assert found.resolution.resolved == "anthropic/claude-sonnet-4.5"


def test_health_and_reflection_ask_for_no_key(gateway):
    with grpc.insecure_channel(gateway.address) as channel:
        check = channel.unary_unary("/grpc.health.v1.Health/Check")
        service = b"gateway.v1.ChatService"
        assert check(b"\x0a" + bytes([len(service)]) + service, timeout=30) == b"\x08\x01", "SERVING"
        reflect = channel.stream_stream("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
        list_services = b"\x3a\x00"
        names = next(reflect(iter([list_services]), timeout=30))
        for name in ("Chat", "Embedding", "Model", "Usage"):
            assert f"gateway.v1.{name}Service".encode() in names


def test_refusals_have_a_code_and_a_stable_reason(gateway, pb, chat, metadata):
    chats, content = pb
    request = chats.ChatRequest(model="sandbox-nobody/nothing", messages=[user(content, "Hello")])
    for method in (chat.Chat, lambda *args, **kwargs: list(chat.StreamChat(*args, **kwargs))):
        with pytest.raises(grpc.RpcError) as unknown:
            method(request, metadata=metadata, timeout=30)
        assert unknown.value.code() == grpc.StatusCode.NOT_FOUND
        trailers = dict(unknown.value.trailing_metadata())
        assert b"MODEL_NOT_FOUND" in trailers["grpc-status-details-bin"].upper()

    with pytest.raises(grpc.RpcError) as stranger:
        chat.Chat(request, metadata=[("authorization", "Bearer ggw_nobody_nothing")], timeout=30)
    assert stranger.value.code() == grpc.StatusCode.UNAUTHENTICATED

    method = grpc.insecure_channel(gateway.address).unary_unary("/gateway.v1.ChatService/Nothing")
    with pytest.raises(grpc.RpcError) as missing:
        method(b"", metadata=metadata, timeout=30)
    assert missing.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_a_browser_streams_over_grpc_web(gateway, pb):
    chats, content = pb
    message = chats.ChatRequest(model=TEXT, messages=[user(content, "Hello")]).SerializeToString()
    request = urllib.request.Request(
        f"{gateway.url}/gateway.v1.ChatService/StreamChat", struct.pack(">BI", 0, len(message)) + message,
        {"content-type": "application/grpc-web+proto", "x-grpc-web": "1", "authorization": f"Bearer {gateway.key}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.headers["content-type"].startswith("application/grpc-web")
        body = answer.read()

    events, trailers, at = [], b"", 0
    while at < len(body):
        flag, length = struct.unpack_from(">BI", body, at)
        frame = body[at + 5:at + 5 + length]
        at += 5 + length
        if flag & 0x80:
            trailers += frame
        else:
            events.append(chats.ChatEvent.FromString(frame))
    assert text_of(checked(events))
    assert b"grpc-status:0" in trailers.replace(b" ", b"")
    booked = gateway.read(f"/api/v1/generations/{events[0].meta.generation_id}")["generation"]
    assert booked["door"] == "grpc_web"
