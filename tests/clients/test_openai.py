"""The official openai package, pointed at the gateway."""

import base64
import json
import struct

import openai
import pytest

from running import EMBED, TEXT, TOOLS

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


@pytest.fixture(scope="module")
def client(gateway):
    return openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=gateway.key, max_retries=0, timeout=30)


def test_a_streamed_tool_call_is_answered(client):
    messages = [{"role": "user", "content": "What is the weather in Basel?"}]
    calls, finish, usage = {}, None, None
    for chunk in client.chat.completions.create(model=TOOLS, messages=messages, tools=[WEATHER], stream=True,
                                                stream_options={"include_usage": True}):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            finish = choice.finish_reason or finish
            for piece in choice.delta.tool_calls or []:
                call = calls.setdefault(piece.index, {"id": "", "name": "", "arguments": ""})
                call["id"] += piece.id or ""
                call["name"] += piece.function.name or ""
                call["arguments"] += piece.function.arguments or ""
    assert finish == "tool_calls" and calls[0]["name"] == "get_weather"
    assert isinstance(json.loads(calls[0]["arguments"]), dict)
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens > 0
    assert usage.cost > 0

    function = {"name": calls[0]["name"], "arguments": calls[0]["arguments"]}
    messages += [
        {"role": "assistant", "tool_calls": [{"id": calls[0]["id"], "type": "function", "function": function}]},
        {"role": "tool", "tool_call_id": calls[0]["id"], "content": "7.5 degrees, light rain"},
    ]
    answer = client.chat.completions.create(model=TOOLS, messages=messages, tools=[WEATHER])
    assert answer.choices[0].message.content and answer.choices[0].finish_reason == "stop"


def test_a_whole_answer_is_what_is_streamed(client):
    messages = [{"role": "user", "content": "Say something"}]
    whole = client.chat.completions.create(model=TEXT, messages=messages)
    chunks = list(client.chat.completions.create(model=TEXT, messages=messages, stream=True))
    streamed = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    assert whole.choices[0].message.content == streamed != ""


def test_embeddings_are_the_same_as_floats_and_as_base64(client):
    inputs = ["one", "two", "three"]
    floats = client.embeddings.create(model=EMBED, input=inputs, encoding_format="float")
    encoded = client.embeddings.create(model=EMBED, input=inputs, encoding_format="base64")
    usual = client.embeddings.create(model=EMBED, input=inputs)
    assert [item.index for item in floats.data] == [0, 1, 2]
    assert floats.usage.prompt_tokens > 0
    for as_float, as_text, as_usual in zip(floats.data, encoded.data, usual.data, strict=True):
        raw = base64.b64decode(as_text.embedding)
        decoded = list(struct.unpack(f"<{len(raw) // 4}f", raw))
        assert decoded == pytest.approx(as_float.embedding, rel=1e-6)
        assert as_usual.embedding == pytest.approx(as_float.embedding, rel=1e-6)
    assert floats.data[0].embedding != floats.data[1].embedding


def test_models_are_listed(client):
    ids = {model.id for model in client.models.list()}
    assert {TEXT, TOOLS, EMBED} <= ids


def test_errors_are_the_classes_that_programs_catch(gateway, client):
    messages = [{"role": "user", "content": "hello"}]
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.create(model="sandbox-nobody/nothing", messages=messages)
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model=TEXT, messages=[])
    stranger = openai.OpenAI(base_url=f"{gateway.url}/v1", api_key="ggw_nobody_nothing", max_retries=0)
    with pytest.raises(openai.AuthenticationError):
        stranger.models.list()
