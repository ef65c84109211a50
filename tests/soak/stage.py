"""A gateway before the failing provider, and the crowd of clients before the gateway."""

import asyncio
import random
import resource
import signal
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "clients"))

from ledger import Tally, rows, tally  # noqa: E402
from load import Call, make  # noqa: E402
from provider import Provider  # noqa: E402
from running import Gateway  # noqa: E402

PROVIDER = "GATEWAY__PROVIDERS__OPENROUTER"
# Models are paused by turns otherwise, and what is to be seen would happen less often.
VARIANTS = 64


class Surviving(Gateway):
    """A gateway for which a full disk is an error, as on a real one, not a signal."""

    popen_options = {"restore_signals": False}


class Stage:
    """One fault's gateway, provider, folder and calls."""

    def __init__(self, folder: Path, settings: dict[str, str], seed: str):
        self.folder, self.calls, self.serial = folder, [], 0
        self.random = random.Random(seed)
        self.provider = Provider()
        self.gateway = Surviving(folder, {
            f"{PROVIDER}__BASE_URL": f"http://127.0.0.1:{self.provider.port}/api/v1",
            f"{PROVIDER}__API_KEY": "sk-soak",
            f"{PROVIDER}__IDLE_TIMEOUT_MS": "10000",
            "GATEWAY__ROUTING__RETRY_BASE_MS": "5",
            "GATEWAY__ROUTING__RETRY_MAX_MS": "50",
            "GATEWAY__SERVER__DRAIN_SECONDS": "0.5",
            # The provider lists no prices: a call under the budget below holds a row of it, and nothing in it.
            "GATEWAY__ROUTING__UNPRICED": "allow",
            # A client that left is gone for good, so that its end is seen at once.
            "GATEWAY__STREAMS__RESUME_GRACE_SECONDS": "0",
        } | settings)
        # Never reached: that each call has to hold something and let it go is what it is for.
        self.gateway.read("/api/v1/projects/default/budgets",
                          {"scope": "project", "window": "month", "limit_usd": 1_000_000})

    @property
    def database(self) -> Path:
        return self.folder / "gateway.db"

    # ---- clients

    def call(self, model: str, **how) -> asyncio.Task:
        """Begins a call."""
        self.serial += 1
        call = Call(f"call {self.serial}", f"{model}-x{self.serial % VARIANTS}", **how)
        self.calls.append(call)
        return asyncio.ensure_future(make(call, ("127.0.0.1", self.gateway.port), self.gateway.key))

    async def crowd(self, count: int, model: str, **how) -> list[Call]:
        """Makes that many calls at once and waits for all."""
        return await asyncio.gather(*(self.call(model, **how) for _ in range(count)))

    async def keep_asking(self, count: int, model: str, until: asyncio.Event) -> None:
        """That many clients ask and ask again."""
        async def ask():
            while not until.is_set():
                await self.call(model)
                await asyncio.sleep(0.01)
        await asyncio.gather(*(ask() for _ in range(count)))

    async def begun(self, count: int, seconds: float = 30) -> None:
        """Waits until that many calls have had their first word and run on."""
        until = time.monotonic() + seconds
        while sum("token" in call.events and not call.is_answered for call in self.calls) < count:
            assert time.monotonic() < until, "the streams did not begin"
            await asyncio.sleep(0.01)

    # ---- what befalls it

    def kill(self) -> None:
        self.gateway.kill()

    def fill_disk(self) -> None:
        """No file of the gateway's may grow any more."""
        sizes = [file.stat().st_size for file in self.folder.glob("gateway.db*")]
        self._limit_files(max(sizes))

    def free_disk(self) -> None:
        self._limit_files(resource.RLIM_INFINITY)

    def _limit_files(self, bytes_: int) -> None:
        resource.prlimit(self.gateway.process.pid, resource.RLIMIT_FSIZE, (bytes_, resource.RLIM_INFINITY))

    def lock_database(self) -> sqlite3.Connection:
        """Another process that writes and does not come to an end, until it is closed."""
        other = sqlite3.connect(self.database, timeout=30, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        return other

    def booked_hours(self) -> set[int]:
        """The hours, since 1970, in which generations began by the gateway's clock."""
        return {row[0] for row in rows(self.database, "SELECT DISTINCT created_at_ms / 3600000 FROM generations")}

    # ---- the end

    async def still_serves(self) -> None:
        """A call is answered once whatever befell it is over, which it may take a moment to notice."""
        until = time.monotonic() + 30
        while not (await self.call("words-2-0")).is_answered:
            assert time.monotonic() < until, f"it does not serve any more: {''.join(self.gateway.output[-5:])}"
            await asyncio.sleep(0.1)

    def close(self) -> Tally:
        """Stops the gateway, as an operator would, and counts."""
        self.gateway.process.send_signal(signal.SIGTERM)
        self.gateway.process.wait(40)
        return tally(self.database, self.calls, self.provider.tell("report"))

    def clear(self) -> None:
        self.gateway.kill()
        self.provider.stop()


def folder() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory(prefix="gateway-soak-")
