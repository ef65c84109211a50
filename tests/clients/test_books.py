"""The books after the gateway is killed under load."""

import http.client
import threading

from running import SLOW, TEXT, Gateway, read_events

STREAMS = 16  # at once, each of them running when the gateway dies
WORKERS = 4  # that ask and ask again, so that it dies between their requests as well


class Load:
    """What callers saw until their connections broke."""

    def __init__(self, gateway: Gateway):
        self.gateway = gateway
        self.lock = threading.Lock()
        self.changed = threading.Condition(self.lock)
        self.begun: set[str] = set()
        self.finished: dict[str, dict] = {}
        self.hanging: set[str] = set()
        self.over = False
        self.threads = [threading.Thread(target=self.stream, args=(SLOW,), daemon=True) for _ in range(STREAMS)]
        self.threads += [threading.Thread(target=self.keep_asking, daemon=True) for _ in range(WORKERS)]
        for thread in self.threads:
            thread.start()

    def stream(self, model: str) -> None:
        body = {"model": model, "stream": True, "messages": [{"role": "user", "content": "hello"}]}
        generation = ""
        try:
            with self.gateway.open("/api/v1/chat", body, timeout=60) as answer:
                generation = answer.headers["x-generation-id"]
                for _, event, data in read_events(answer):
                    with self.changed:
                        self.begun.add(generation)
                        if model == SLOW and event == "token":
                            self.hanging.add(generation)
                        if event == "done":
                            self.finished[generation] = data
                            self.hanging.discard(generation)
                        self.changed.notify_all()
        except (OSError, http.client.HTTPException):
            self.over = True  # the gateway is gone

    def keep_asking(self) -> None:
        while not self.over:
            self.stream(TEXT)

    def wait_until(self, condition) -> None:
        with self.changed:
            assert self.changed.wait_for(condition, 60), (len(self.hanging), len(self.finished))


def test_no_call_is_lost_or_booked_twice_when_the_gateway_is_killed(start):
    gateway = start()
    load = Load(gateway)
    # Slow streams are in their middle, and many short ones have come and gone.
    load.wait_until(lambda: len(load.hanging) == STREAMS and len(load.finished) >= 5 * WORKERS)
    gateway.kill()
    for thread in load.threads:
        thread.join(30)
        assert not thread.is_alive()

    gateway.start()
    books = gateway.generations(page_size=7)
    by_id = {generation["id"]: generation for generation in books}
    assert len(by_id) == len(books), "a generation is listed twice"
    assert load.begun <= by_id.keys(), "a generation that a caller saw is missing"
    assert len(books) <= len(load.begun) + STREAMS + WORKERS, "there are more generations than were asked for"

    for generation, done in load.finished.items():
        assert by_id[generation]["state"] == "completed", by_id[generation]
        assert by_id[generation]["cost_usd"] == done["cost_usd"]
        assert by_id[generation]["usage"] == done["usage"]
    for generation in load.hanging:
        assert gateway.settled(generation)["state"] == "unknown"
        assert "cost_usd" not in gateway.settled(generation), "nobody can know the cost"
    assert all(gateway.settled(generation)["state"] != "admitted" for generation in by_id)

    # It serves again.
    chat = {"model": TEXT, "messages": [{"role": "user", "content": "hello"}]}
    assert gateway.read("/api/v1/chat", chat)["finish_reason"] == "stop"


def test_a_stop_settles_what_is_running(start):
    gateway = start(GATEWAY__SERVER__DRAIN_SECONDS="0.2")
    body = {"model": SLOW, "stream": True, "messages": [{"role": "user", "content": "hello"}]}
    with gateway.open("/api/v1/chat", body) as answer:
        generation = answer.headers["x-generation-id"]
        assert next(read_events(answer))[1] == "meta"
        gateway.stop()
    gateway.start()
    assert gateway.read(f"/api/v1/generations/{generation}")["generation"]["state"] == "interrupted"
