"""Clients of the soak: calls over the native door, each on a connection of its own that may vanish at any moment."""

import asyncio
import json
import socket
import struct
from dataclasses import dataclass, field

VANISHED = (OSError, asyncio.IncompleteReadError, EOFError)


@dataclass
class Call:
    """One chat, and what its client saw of it."""

    name: str
    model: str
    # Goes away after this many events, without waiting for the answer where it is -1; None stays.
    leave_after: int | None = None
    # Goes away by a reset, not by an orderly close.
    by_reset: bool = False
    headers: dict = field(default_factory=dict)

    status: int = 0
    generation: str = ""
    events: list[str] = field(default_factory=list)
    last: dict = field(default_factory=dict)

    @property
    def is_answered(self) -> bool:
        return bool(self.events) and self.events[-1] == "done"

    @property
    def end_state(self) -> str:
        """The state that its end, as it was told, has on the books."""
        return "cancelled" if self.last.get("finish_reason") == "cancelled" else "completed"

    @property
    def has_failed(self) -> bool:
        """It was told of an error."""
        return self.status >= 400 or bool(self.events) and self.events[-1] == "error"


def request(path: str, key: str, body: bytes, headers: dict) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "host: gateway", f"authorization: Bearer {key}",
             "content-type: application/json", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def read_head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    status, *lines = head.rstrip().split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return int(status.split()[1]), {name.lower(): value.strip() for name, _, value in pairs}


async def read_chunks(reader: asyncio.StreamReader):
    """Yields the events of a chunked body, as text."""
    kept = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        kept += (await reader.readexactly(size + 2))[:-2]
        *whole, kept = kept.split(b"\n\n")
        for event in whole:
            yield event.decode()


async def make(call: Call, address: tuple[str, int], key: str) -> Call:
    """Makes a call; whatever happens to its connection is how it ends."""
    body = json.dumps({"model": f"openrouter/soak/{call.model}", "stream": True, "end_user": call.name,
                       "messages": [{"role": "user", "content": call.name}]}).encode()
    writer = None
    try:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(request("/api/v1/chat", key, body, call.headers))
        await writer.drain()
        if call.leave_after != -1:
            await read_answer(call, reader)
    except VANISHED:
        pass
    finally:
        if writer:
            close(writer, call.by_reset)
    return call


async def read_answer(call: Call, reader: asyncio.StreamReader) -> None:
    call.status, headers = await read_head(reader)
    call.generation = headers.get("x-generation-id", "")
    if headers.get("transfer-encoding") != "chunked":
        body = await reader.readexactly(int(headers["content-length"]))
        call.last = json.loads(body).get("error", {})
        return
    if call.leave_after == 0:
        return
    async for event in read_chunks(reader):
        lines = dict(line.split(": ", 1) for line in event.split("\n") if not line.startswith(":"))
        if not lines:
            continue
        call.events.append(lines["event"])
        call.last = json.loads(lines["data"])
        if call.leave_after == len(call.events):
            return


def close(writer: asyncio.StreamWriter, by_reset: bool) -> None:
    if by_reset:
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()
