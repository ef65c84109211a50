"""The gateway as a client meets it: the release binary on a free port, with its sandbox and a SQLite file."""

import json
import os
import re
import socket
import subprocess
import threading
import time
import urllib.request
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]

# Sandbox models by what they do.
TEXT = "sandbox/echo"
TOOLS = "sandbox/tools"
SLOW = "sandbox/slow:50:2000"  # begins after 50 ms, then pauses 2 s between words
EMBED = "sandbox/embed"


def binary() -> Path:
    """The binary under test, as `make build` leaves it."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", PROJECT / "target"))
    found = Path(os.environ.get("GATEWAY_BINARY", target / "release" / "generative-gateway"))
    if not found.exists():
        raise FileNotFoundError(f"{found} is missing: run `make build`")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Gateway:
    """A running gateway. `key` is from the login line that a first start prints."""

    # What else its process is started with.
    popen_options: dict = {}

    def __init__(self, folder: Path, settings: dict[str, str] | None = None):
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.address = f"127.0.0.1:{self.port}"
        self.settings = settings or {}
        self.key = ""
        self.output: list[str] = []
        self.start()

    def environment(self) -> dict[str, str]:
        """The machine's environment without what would configure a gateway or enable a provider."""
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith("GATEWAY") and not name.endswith("_API_KEY")}
        return kept | {
            "HOME": str(self.folder),
            "GATEWAY__SERVER__LISTEN": self.address,
            "GATEWAY__METRICS__ENABLED": "false",
            "GATEWAY__DATABASE__URL": f"sqlite://{self.folder}/gateway.db?mode=rwc",
        } | self.settings

    def start(self) -> None:
        self.process = subprocess.Popen(
            [binary(), "serve"], env=self.environment(), cwd=self.folder, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **self.popen_options)
        self.reader = threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True)
        self.reader.start()
        self._await(self._ready, 30, "is not ready")
        if not self.key:
            self._await(lambda: bool(self.key), 5, "printed no login line")

    def _read(self, output) -> None:
        for line in output:
            self.output.append(line)
            if login := re.search(r"#key=(ggw_[\w-]+)", line):
                self.key = login.group(1)

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def _await(self, condition, seconds: float, complaint: str) -> None:
        until = time.monotonic() + seconds
        while not condition():
            if self.process.poll() is not None or time.monotonic() > until:
                self.stop()
                raise AssertionError(f"the gateway {complaint}; it said:\n{''.join(self.output[-40:])}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Asks it to stop and waits until it has."""
        self.process.terminate()
        try:
            self.process.wait(40)
        finally:
            self.kill()

    def kill(self) -> None:
        """kill -9, if it still runs."""
        self.process.kill()
        self.process.wait()

    def command(self, *arguments: str) -> str:
        """Output of another command on the same books, while this gateway runs."""
        done = subprocess.run([binary(), *arguments], env=self.environment(), cwd=self.folder, text=True,
                              capture_output=True, timeout=30)
        assert done.returncode == 0, done.stderr
        return done.stdout

    # ---- the native REST door

    def open(self, path: str, body: dict | None = None, timeout: float = 60, **headers: str):
        """An answer that is still to be read; HTTPError where it is a refusal."""
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/json"} | headers
        data = None if body is None else json.dumps(body).encode()
        return urllib.request.urlopen(urllib.request.Request(self.url + path, data, headers), timeout=timeout)

    def read(self, path: str, body: dict | None = None) -> dict:
        with self.open(path, body) as answer:
            return json.load(answer)

    def generations(self, page_size: int = 100) -> list[dict]:
        """Everything in the books, page by page."""
        found, token = [], ""
        while True:
            page = self.read(f"/api/v1/generations?page_size={page_size}&page_token={token}")
            found += page.get("generations", [])
            token = page.get("next_page_token", "")
            if not token:
                return found

    def settled(self, generation_id: str, seconds: float = 10) -> dict:
        """A generation once it is no longer running."""
        until = time.monotonic() + seconds
        while True:
            generation = self.read(f"/api/v1/generations/{generation_id}")["generation"]
            if generation["state"] != "admitted" or time.monotonic() > until:
                return generation
            time.sleep(0.05)


def read_events(lines):
    """Yields (id, event, data) of server-sent events, from lines of bytes."""
    event = {}
    for line in lines:
        line = line.decode().rstrip("\r\n")
        if not line and "data" in event:
            yield int(event.get("id", 0)), event.get("event", "message"), json.loads(event["data"])
        if not line:
            event = {}
        elif not line.startswith(":"):
            field, _, value = line.partition(":")
            event[field] = value.removeprefix(" ")
