"""A provider that fails on request, and keeps its own count of what it served: the witness of the fault table.

A model's name says what is done: `words-6-30` writes six words with 30 ms between; `reset-3` breaks off after three.
The prompt names the call, so each request can be held against the books. Run by `Provider`, over pipes.
"""

import asyncio
import json
import re
import socket
import struct
import subprocess
import sys
from pathlib import Path

NANO_USD_A_WORD = 1250
FINAL = "HTTP/1.1 {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{}\r\n"
STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
OVER = b"0\r\n\r\n"


class Provider:
    """The process that serves, as the one who started it sees it."""

    def __init__(self, port: int = 0):
        self.process = subprocess.Popen([sys.executable, Path(__file__), str(port)], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())

    def tell(self, command: str):
        """`report`: every request so far. `refuse`, `accept`: connections."""
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


class Served:
    """The requests so far, each as the provider saw it."""

    def __init__(self):
        self.requests: list[dict] = []
        self.tries: dict[tuple[str, str], int] = {}

    def count(self, call: str, model: str, is_kept: bool) -> dict:
        tries = self.tries[call, model] = self.tries.get((call, model), 0) + 1
        request = {"id": f"up-{id(self):x}-{len(self.requests)}", "call": call, "model": model, "try": tries,
                   "end": "open", "words": 0, "cost_nano_usd": None}
        if is_kept:
            self.requests.append(request)
        return request


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, served: Served) -> None:
    request = None
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: *(\d+)", head, re.I)
            body = await reader.readexactly(int(length.group(1))) if length else b""
            if not body:  # a listing of models: there is none
                writer.write(FINAL.format("200 OK", 11, "").encode() + b'{"data":[]}')
                continue
            asked = json.loads(body)
            model = asked["model"].removeprefix("soak/")
            content = asked["messages"][-1]["content"]
            call = content if isinstance(content, str) else content[0]["text"]
            request = served.count(call, model, is_kept=not model.startswith("bulk"))
            request["end"] = await answer(writer, asked, model, request)
            if request["end"] not in ("whole", "refused"):
                break
    except (asyncio.IncompleteReadError, ConnectionError):
        if request and request["end"] == "open":
            request["end"] = "left"
    finally:
        writer.close()


async def answer(writer: asyncio.StreamWriter, asked: dict, model: str, request: dict) -> str:
    """Answers as the model's name says; returns how that ended."""
    kind, *numbers = re.match(r"([a-z]+)((?:-\d+)*)", model).group(0).split("-")
    first, second = [int(number) for number in numbers + ["0", "0"]][:2]
    if kind == "refuse" and request["try"] <= second:
        body = json.dumps({"error": {"code": first, "message": "not now"}}).encode()
        writer.write(FINAL.format(f"{first} No", len(body), "retry-after-ms: 5\r\n").encode() + body)
        await writer.drain()
        return "refused"
    if kind == "slow":
        await asyncio.sleep(first / 1000)
    words, pause = (first, second / 1000) if kind in ("words", "bulk") else (4, 0.01)
    if not asked.get("stream"):
        return await whole(writer, request, words)
    if kind == "close" and first == 0:
        return "cut"
    writer.write(STREAM)
    for word in range(words):
        if kind in ("reset", "cut", "stall", "garbage") and word == first:
            return await fail(kind, writer)
        writer.write(event(request, {"choices": [{"index": 0, "delta": {"content": f"word {word} "}}]}))
        await writer.drain()
        request["words"] += 1
        await asyncio.sleep(pause)
    request["cost_nano_usd"] = words * NANO_USD_A_WORD
    writer.write(event(request, {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}],
                                 "usage": usage(words)}) + chunk(b"data: [DONE]\n\n") + OVER)
    await writer.drain()
    return "whole"


async def whole(writer: asyncio.StreamWriter, request: dict, words: int) -> str:
    message = {"role": "assistant", "content": "word " * words}
    request["cost_nano_usd"] = words * NANO_USD_A_WORD
    body = json.dumps({"id": request["id"], "model": request["model"], "usage": usage(words),
                       "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}).encode()
    writer.write(FINAL.format("200 OK", len(body), "").encode() + body)
    await writer.drain()
    return "whole"


async def fail(kind: str, writer: asyncio.StreamWriter) -> str:
    if kind == "reset":
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()
    elif kind == "garbage":
        writer.write(chunk(b'data: {"choices":[<html>\xff\xfe\n\n') + OVER)
        await writer.drain()
    elif kind == "stall":
        await asyncio.sleep(60)
    return kind


def usage(words: int) -> dict:
    return {"prompt_tokens": 3, "completion_tokens": words, "total_tokens": words + 3,
            "cost": words * NANO_USD_A_WORD / 1e9}


def event(request: dict, data: dict) -> bytes:
    return chunk(b"data: " + json.dumps({"id": request["id"], "model": request["model"]} | data).encode() + b"\n\n")


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


async def main(port: int) -> None:
    served, serving = Served(), set()

    def begin(reader, writer):
        task = asyncio.ensure_future(serve(reader, writer, served))
        serving.add(task)
        task.add_done_callback(serving.discard)

    async def listen(port: int) -> asyncio.Server:
        return await asyncio.start_server(begin, "127.0.0.1", port, backlog=4096, limit=1 << 20)

    server = await listen(port)
    port = server.sockets[0].getsockname()[1]
    print(port, flush=True)
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    while command := (await commands.readline()).decode().strip():
        if command == "refuse":
            server.close()
            for task in serving:
                task.cancel()
        elif command == "accept":
            server = await listen(port)
        print(json.dumps(served.requests if command == "report" else None), flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
