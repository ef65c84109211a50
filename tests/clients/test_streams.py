"""Streams that outlive their connections, and calls that have a second attempt or a double."""

import json
import urllib.error

import pytest

from running import TEXT, read_events

# Begins after 50 ms, then pauses 150 ms between words.
PACED = "sandbox/slow:50:150"


def chat(model, text="hello", **more):
    return {"model": model, "stream": True, "messages": [{"role": "user", "content": text}]} | more


def test_a_cut_stream_goes_on_where_it_was(gateway):
    seen = []
    with gateway.open("/api/v1/chat", chat(PACED, "one two three four five")) as answer:
        generation = answer.headers["x-generation-id"]
        for event in read_events(answer):
            seen.append(event)
            if len(seen) == 3:
                break
    headers = {"last-event-id": str(seen[-1][0])}
    with gateway.open(f"/api/v1/generations/{generation}/events", **headers) as answer:
        rest = list(read_events(answer))
    assert [sequence for sequence, _, _ in seen + rest] == list(range(1, len(seen + rest) + 1))
    assert rest[-1][1] == "done" and rest[-1][2]["finish_reason"] == "stop"
    assert gateway.settled(generation)["state"] == "completed"

    # Once more from the beginning, as the stream was.
    with gateway.open(f"/api/v1/generations/{generation}/events") as answer:
        assert list(read_events(answer)) == seen + rest


def test_another_connection_cancels_and_the_first_is_told(gateway):
    with gateway.open("/api/v1/chat", chat("sandbox/slow:50:1000")) as answer:
        generation = answer.headers["x-generation-id"]
        events = read_events(answer)
        assert next(events)[1] == "meta"
        gateway.read(f"/api/v1/generations/{generation}/cancel", {})
        last = list(events)[-1]
    assert (last[1], last[2]["finish_reason"]) == ("done", "cancelled")
    assert gateway.settled(generation)["state"] == "cancelled"


def test_the_same_request_is_answered_once_and_another_one_is_refused(gateway):
    def ask(body):
        with gateway.open("/api/v1/chat", body, **{"idempotency-key": "order 7"}) as answer:
            return json.load(answer)

    first = ask(chat(TEXT, stream=False))
    assert ask(chat(TEXT, stream=False)) == first
    assert [generation["id"] for generation in gateway.generations()].count(first["generation_id"]) == 1
    with pytest.raises(urllib.error.HTTPError) as refused:
        ask(chat(TEXT, "something else", stream=False))
    assert refused.value.code == 409 and json.load(refused.value)["error"]["reason"] == "already_exists"


def test_a_slow_call_has_a_second_attempt_beside_it(start):
    gateway = start(GATEWAY__ROUTING__HEDGE_BUDGET="1")
    body = chat("sandbox/slow:1500:0", stream=False, routing={"hedge": {"delay_ms": 100}})
    generation = gateway.read("/api/v1/chat", body)["generation_id"]
    booked = gateway.read(f"/api/v1/generations/{generation}")
    assert [attempt["kind"] for attempt in booked["attempts"]] == ["primary", "hedge"], booked
    assert [attempt.get("won", False) for attempt in booked["attempts"]].count(True) == 1
    assert booked["generation"]["state"] == "completed"


def test_refusals_of_streams_that_are_not_there(gateway):
    stranger = gateway.command("keys", "create", "--name", "stranger").strip()
    with gateway.open("/api/v1/chat", chat(TEXT)) as answer:
        generation = answer.headers["x-generation-id"]
        answer.read()
    for path, key, code in [
        ("/api/v1/generations/gen_0198c0de-0000-7000-8000-000000000000/events", gateway.key, 404),
        (f"/api/v1/generations/{generation}/events", stranger, 404),
        (f"/api/v1/generations/{generation}/events?after_sequence=9999", gateway.key, 400),
    ]:
        with pytest.raises(urllib.error.HTTPError) as refused:
            gateway.open(path, authorization=f"Bearer {key}")
        assert refused.value.code == code, path
        assert json.load(refused.value)["error"]["message"]
