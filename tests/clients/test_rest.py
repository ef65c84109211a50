"""The native door, as curl and any HTTP client use it."""

import json
import subprocess
import urllib.error

import pytest

from running import SLOW, TEXT, read_events


def curl(gateway, path, body, *options):
    """Status, headers and body of an answer."""
    command = ["curl", "-sS", "-N", "--max-time", "60", "-D", "-", f"{gateway.url}{path}",
               "-H", f"authorization: Bearer {gateway.key}", "-d", json.dumps(body), *options]
    answer = subprocess.run(command, capture_output=True, timeout=90, check=True).stdout
    head, _, content = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(status.split()[1]), headers, content


def test_curl_reads_a_stream_as_everybody_would_type_it(gateway):
    body = {"model": TEXT, "stream": True, "messages": [{"role": "user", "content": "hello"}]}
    status, headers, content = curl(gateway, "/api/v1/chat", body)
    assert status == 200 and headers["content-type"].startswith("text/event-stream")
    assert headers["x-request-id"] and float(headers["x-gateway-overhead-ms"]) >= 0

    events = list(read_events(content.splitlines(keepends=True)))
    assert [sequence for sequence, _, _ in events] == list(range(1, len(events) + 1))
    assert events[0][1] == "meta" and events[-1][1] == "done"
    assert events[0][2]["generation_id"] == headers["x-generation-id"]
    assert "".join(data.get("text", "") for _, event, data in events if event == "token")

    booked = gateway.read(f"/api/v1/generations/{headers['x-generation-id']}")
    assert booked["generation"]["state"] == "completed" and booked["generation"]["door"] == "rest"
    assert booked["generation"]["cost_usd"] == pytest.approx(events[-1][2]["cost_usd"], abs=1e-9)
    assert len(booked["attempts"]) == 1

    whole = json.loads(curl(gateway, "/api/v1/chat", body | {"stream": False})[2])
    text = "".join(data.get("text", "") for _, event, data in events if event == "token")
    assert "".join(part.get("text", "") for part in whole["message"]["content"]) == text


def test_refusals_say_what_to_change(gateway):
    chat = {"model": TEXT, "messages": [{"role": "user", "content": "hello"}]}
    for body, code, reason in [
        (chat | {"model": "sandbox-nobody/nothing"}, 404, "model_not_found"),
        (chat | {"messages": []}, 400, "invalid_request"),
        (chat | {"mesages": []}, 400, "malformed_body"),
        (chat | {"temperature": 9}, 400, "invalid_request"),
    ]:
        with pytest.raises(urllib.error.HTTPError) as refused:
            gateway.read("/api/v1/chat", body)
        detail = json.load(refused.value)
        detail = detail.get("error", detail)
        assert (refused.value.code, detail["reason"]) == (code, reason), detail
        assert detail["message"] and detail["blame"] == "caller"
        assert refused.value.headers["x-request-id"]


def test_a_caller_who_leaves_is_still_booked(gateway):
    # The native door would wait a while for its client to come back.
    body = {"model": SLOW, "stream": True, "messages": [{"role": "user", "content": "hello"}]}
    with gateway.open("/v1/chat/completions", body) as answer:
        generation = answer.headers["x-generation-id"]
        assert next(read_events(answer))[2]["object"] == "chat.completion.chunk"
        assert gateway.read(f"/api/v1/generations/{generation}")["generation"]["state"] == "admitted"
    assert gateway.settled(generation)["state"] == "cancelled"


def test_a_key_made_by_the_command_line_counts_at_once(gateway):
    key = gateway.command("keys", "create", "--project", "default", "--name", "test", "--scope", "inference").strip()
    assert key.startswith("ggw_") and "\n" not in key
    chat = {"model": TEXT, "messages": [{"role": "user", "content": "hello"}]}
    with gateway.open("/api/v1/chat", chat, authorization=f"Bearer {key}") as answer:
        assert json.load(answer)["finish_reason"] == "stop"
    with pytest.raises(urllib.error.HTTPError) as refused:
        gateway.open("/api/v1/models/refresh", {}, authorization=f"Bearer {key}")
    assert refused.value.code == 403
