"""The faults. Each is a function that lets one happen on a stage, and says how often it was seen to happen."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Awaitable, Callable

from stage import PROVIDER, Stage

# Concurrent streams of a fault.
CROWD = 200


@dataclass
class Fault:
    name: str
    run: Callable[[Stage], Awaitable[int]]
    settings: dict[str, str]
    # Why it cannot be made here; empty where it can.
    missing: Callable[[], str]


FAULTS: list[Fault] = []


def fault(name: str, missing=lambda: "", **settings: str):
    """Puts a function into the table."""
    def add(run):
        FAULTS.append(Fault(name, run, settings, missing))
        return run
    return add


def ended(stage: Stage, *ends: str) -> int:
    """Requests that ended so, by the provider's account."""
    return sum(request["end"] in ends for request in stage.provider.tell("report"))


def failed(stage: Stage, *reasons: str) -> int:
    """Clients that were told of an error, for one of these reasons where they are given."""
    return sum(call.has_failed and (not reasons or call.last.get("reason") in reasons) for call in stage.calls)


# ---- the gateway dies

@fault("kill -9 in the middle of 200 streams")
async def kill(stage: Stage) -> int:
    return await die(stage, stage.kill)


@fault("stop in the middle of 200 streams")
async def stop(stage: Stage) -> int:
    return await die(stage, stage.gateway.stop)


async def die(stage: Stage, end: Callable[[], None]) -> int:
    over = asyncio.Event()
    short = asyncio.ensure_future(stage.keep_asking(CROWD // 8, "words-3-5", over))
    streams = [stage.call("words-99-200") for _ in range(CROWD)]
    await stage.begun(CROWD)
    # At whatever point the short ones are then: admitted, sent, begun, ended, settled.
    await asyncio.sleep(stage.random.uniform(0, 0.5))
    over.set()
    await asyncio.to_thread(end)
    calls = await asyncio.gather(*streams)
    await short
    stage.gateway.start()
    return sum(not call.is_answered for call in calls)


# ---- the provider fails

@fault("provider resets after the third word")
async def reset(stage: Stage) -> int:
    await stage.crowd(CROWD, "reset-3")
    return min(ended(stage, "reset"), failed(stage))


@fault("provider closes without an answer")
async def close(stage: Stage) -> int:
    await stage.crowd(CROWD // 4, "close-0")
    return min(ended(stage, "cut"), failed(stage))


@fault("provider's stream ends early")
async def cut(stage: Stage) -> int:
    await stage.crowd(CROWD, "cut-2")
    return min(ended(stage, "cut"), failed(stage, "provider_stream_truncated"))


@fault("provider falls silent after two words", **{f"{PROVIDER}__IDLE_TIMEOUT_MS": "700"})
async def stall(stage: Stage) -> int:
    await stage.crowd(CROWD, "stall-2")
    return failed(stage, "provider_timeout")


@fault("provider writes garbage after a word")
async def garbage(stage: Stage) -> int:
    await stage.crowd(CROWD, "garbage-1")
    return min(ended(stage, "garbage"), failed(stage))


@fault("provider answers 429 twice, then answers")
async def storm(stage: Stage) -> int:
    await stage.crowd(CROWD, "refuse-429-2")
    return ended(stage, "refused")


@fault("provider answers 503 for ever")
async def unavailable(stage: Stage) -> int:
    await stage.crowd(CROWD, "refuse-503-99")
    return min(ended(stage, "refused"), failed(stage))


@fault("provider's headers come too late", **{"GATEWAY__ROUTING__ATTEMPT_TIMEOUT_MS": "300"})
async def slow(stage: Stage) -> int:
    await stage.crowd(CROWD // 4, "slow-5000")
    return failed(stage, "provider_timeout")


@fault("provider refuses connections for a while")
async def refuse(stage: Stage) -> int:
    over = asyncio.Event()
    asking = asyncio.ensure_future(stage.keep_asking(CROWD // 4, "words-3-5", over))
    await asyncio.sleep(0.3)
    await asyncio.to_thread(stage.provider.tell, "refuse")
    await asyncio.sleep(0.5)
    await asyncio.to_thread(stage.provider.tell, "accept")
    await asyncio.sleep(0.3)
    over.set()
    await asking
    return failed(stage)


# ---- the client vanishes

@fault("client vanishes at each event, by close and by reset")
async def vanish(stage: Stage) -> int:
    # Before the answer, at its head, then behind each event: meta, six words, done.
    leaving = [stage.call("words-6-20", leave_after=at, by_reset=by_reset)
               for at in range(-1, 9) for by_reset in (False, True) for _ in range(CROWD // 20)]
    await asyncio.gather(*leaving)
    return len(leaving)


@fault("client's deadline passes in the middle")
async def deadline(stage: Stage) -> int:
    await stage.crowd(CROWD, "words-99-50", headers={"x-request-timeout-ms": "1500"})
    return failed(stage, "deadline_exceeded")


@fault("another connection cancels the call")
async def cancel(stage: Stage) -> int:
    running = [stage.call("words-99-200") for _ in range(CROWD // 4)]
    await stage.begun(len(running))
    for call in list(stage.calls):
        await asyncio.to_thread(stage.gateway.read, f"/api/v1/generations/{call.generation}/cancel", {})
    calls = await asyncio.gather(*running)
    return sum(call.last.get("finish_reason") == "cancelled" or call.has_failed for call in calls)


# ---- the books cannot be written

@fault("disk full, then room again")
async def full(stage: Stage) -> int:
    return await without_books(stage, stage.fill_disk, stage.free_disk)


@fault("database locked by another process")
async def locked(stage: Stage) -> int:
    held = []
    # Longer than the books' writer waits for its turn.
    return await without_books(stage, lambda: held.append(stage.lock_database()), lambda: held.pop().close(), 6)


async def without_books(stage: Stage, begin: Callable[[], None], end: Callable[[], None], seconds: float = 1) -> int:
    """Streams that run when the books go away, and clients that go on asking meanwhile."""
    running = [stage.call("words-40-50") for _ in range(CROWD // 2)]
    await stage.begun(CROWD // 4)
    over = asyncio.Event()
    begin()
    asking = asyncio.ensure_future(stage.keep_asking(CROWD // 4, "words-3-5", over))
    await asyncio.sleep(seconds)
    end()
    over.set()
    await asyncio.gather(asking, *running)
    return failed(stage, "books_unavailable")


@fault("database file is gone, then back")
async def gone(stage: Stage) -> int:
    files = sorted(stage.folder.glob("gateway.db*"))

    def move(there: bool) -> None:
        for file in files:
            aside = file.with_name(f"aside-{file.name}")
            file.rename(aside) if there else aside.rename(file)

    return await without_books(stage, lambda: move(True), lambda: move(False))


# ---- the clock

FAKETIME = next(iter(sorted(Path("/usr/lib").glob("**/libfaketime.so.1"))), None)


@fault("clock jumps an hour ahead, then two back", missing=lambda: "" if FAKETIME else "libfaketime is not installed")
async def clock(stage: Stage) -> int:
    jumps = stage.folder / "clock"
    jumps.write_text("+0")
    stage.gateway.settings |= {"LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(jumps),
                               "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    await asyncio.to_thread(stage.gateway.stop)
    await asyncio.to_thread(stage.gateway.start)
    over = asyncio.Event()
    asking = asyncio.ensure_future(stage.keep_asking(CROWD // 4, "words-3-5", over))
    for offset in ("+0", "+1h", "-1h"):
        jumps.write_text(offset)
        await stage.crowd(CROWD // 4, "words-5-20")
    over.set()
    await asking
    return len(stage.booked_hours()) - 1
