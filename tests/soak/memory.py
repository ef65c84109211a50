"""What the gateway's memory does: with thousands of open streams, and over many requests."""

import asyncio
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

from load import Call, make, read_head, request
from stage import Stage

# Streams of one client process, and requests that one makes at the same time.
STREAMS_A_CLIENT = 2500
AT_ONCE = 8
# Descriptors that the gateway needs besides one towards the client and one towards the provider.
SPARE = 200
KIB = 1024


def resident(process: int) -> int:
    """Resident memory of a process in bytes."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def raise_descriptors() -> int:
    """Lets this process and its children open as many files as they may; returns how many."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


class Client:
    """A client process: its part of the load, told over pipes."""

    def __init__(self, what: str, stage: Stage, count: int):
        gateway = stage.gateway
        self.process = subprocess.Popen(
            [sys.executable, Path(__file__), what, str(gateway.port), gateway.key, str(count)],
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def told(self) -> int:
        """The next number that it tells."""
        return int(self.process.stdout.readline())

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


def of_open_streams(stage: Stage, wanted: int, bytes_a_stream: int) -> list[str]:
    """Opens paced streams and holds them; returns what is wrong."""
    count = min(wanted, (raise_descriptors() - SPARE) // 2)
    if count < wanted:
        print(f"{count} streams instead of {wanted}: this machine allows no more descriptors a process")
    # What the first requests leave behind is not a stream's.
    warm_up = Client("requests", stage, 500)
    warm_up.told()
    before = resident(stage.gateway.process.pid)
    parts = [min(STREAMS_A_CLIENT, count - at) for at in range(0, count, STREAMS_A_CLIENT)]
    clients = [Client("streams", stage, part) for part in parts]
    open_ = sum(client.told() for client in clients)
    after = resident(stage.gateway.process.pid)
    for client in [warm_up, *clients]:
        client.end()
    each = (after - before) / max(open_, 1)
    print(f"{open_} open streams: {before / KIB / KIB:.1f} MiB before, {after / KIB / KIB:.1f} MiB with them, "
          f"{each / KIB:.1f} KiB each")
    wrong = [f"{count - open_} streams did not begin"] if open_ < count else []
    return wrong + ([f"a stream takes {each / KIB:.1f} KiB"] if each > bytes_a_stream else [])


def of_many_requests(stage: Stage, count: int, growth_bytes: int) -> list[str]:
    """Sends requests after as many as fill what is kept on purpose; returns what is wrong."""
    sizes, begun, sent = [], time.monotonic(), 0
    # A tenth fills caches, statements, and the replay buffers of what has just ended.
    for part in [count // 10] + [count * 3 // 10] * 3:
        clients = [Client("requests", stage, part // 2) for _ in range(2)]
        sent += sum(client.told() for client in clients)
        for client in clients:
            client.end()
        sizes.append(resident(stage.gateway.process.pid))
        print(f"{sent} requests: {sizes[-1] / KIB / KIB:.1f} MiB, {sent / (time.monotonic() - begun):.0f}/s", flush=True)
    grown = sizes[-1] - sizes[0]
    print(f"grown by {grown / KIB / KIB:.1f} MiB since the first tenth, {(sizes[-1] - sizes[-2]) / KIB / KIB:.1f} MiB "
          "in the last third of the rest")
    wrong = [] if sent >= count * 99 // 100 else [f"only {sent} of {count} requests were answered"]
    # What is filled once may grow in the beginning; what leaks grows to the end.
    leaks = grown > growth_bytes and sizes[-1] - sizes[-2] > growth_bytes // 4
    return wrong + ([f"memory grew by {grown / KIB / KIB:.1f} MiB"] if leaks else [])


# ---- the client process

async def open_streams(address: tuple[str, int], key: str, count: int) -> None:
    calls = [Call(f"stream {number}", "bulk-100000-20000") for number in range(count)]
    tasks = []
    for call in calls:
        tasks.append(asyncio.ensure_future(make(call, address, key)))
        if len(tasks) % 50 == 0:
            await asyncio.sleep(0.05)
    until = time.monotonic() + 120
    while (begun := sum("token" in call.events for call in calls)) < count and time.monotonic() < until:
        await asyncio.sleep(0.1)
    print(begun, flush=True)
    await asyncio.wait(tasks)


async def send_requests(address: tuple[str, int], key: str, count: int) -> None:
    body = json.dumps({"model": "openrouter/soak/bulk-3-0",
                       "messages": [{"role": "user", "content": "hello"}]}).encode()
    message = request("/api/v1/chat", key, body, {})
    answered = 0

    async def one_after_another() -> None:
        nonlocal answered
        reader, writer = await asyncio.open_connection(*address)
        for _ in range(count // AT_ONCE):
            writer.write(message)
            status, headers = await read_head(reader)
            await reader.readexactly(int(headers["content-length"]))
            answered += status == 200
        writer.close()

    await asyncio.gather(*(one_after_another() for _ in range(AT_ONCE)), return_exceptions=True)
    print(answered, flush=True)


if __name__ == "__main__":
    raise_descriptors()
    what, port, key, count = sys.argv[1:]
    work = {"streams": open_streams, "requests": send_requests}[what]
    asyncio.run(work(("127.0.0.1", int(port)), key, int(count)))
