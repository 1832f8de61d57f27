"""A server that answers as `dda serve` does, with what a test tells it to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: Status, body and further headers.
Reply = tuple[int, object, dict[str, str]]


def scored(cognitive: float, visual: float) -> dict[str, object]:
    return {
        "status": "scored",
        "reward": cognitive + visual,
        "components": {"cognitive": cognitive * 2, "visual": visual * 2},
        "streams": {"cognitive": cognitive, "visual": visual},
        "items": [
            {"itemId": "c1", "scope": "cognitive", "passed": cognitive > 0, "contribution": cognitive},
            {"itemId": "v1", "scope": "visual", "passed": visual > 0, "contribution": visual},
        ],
    }


MASKED: dict[str, object] = {
    "status": "masked",
    "failure": {"stage": "edit", "code": "DDA_EDITOR_TIMEOUT", "message": "the Editor took too long"},
}


class RewardServer:
    def __init__(self, reply: Callable[[dict[str, Any], int], Reply]) -> None:
        #: Bodies, without the time-out of their caller.
        self.requests: list[dict[str, Any]] = []
        #: Those time-outs, in seconds.
        self.deadlines: list[float] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        #: Connections that were opened.
        self.connections = 0
        lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                with lock:
                    outer.connections += 1
                super().setup()

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with lock:
                    outer.deadlines.append(body.pop("deadlineSeconds"))
                    outer.requests.append(body)
                    outer.headers.append(dict(self.headers.items()))
                    outer.paths.append(self.path)
                    count = len(outer.requests)
                status, answer, headers = reply(body, count)
                data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def serving(reply: Callable[[dict[str, Any], int], Reply]) -> Iterator[RewardServer]:
    server = RewardServer(reply)
    try:
        yield server
    finally:
        server.close()


def by_completion(body: dict[str, Any], _count: int) -> Reply:
    """`masked…` is masked; otherwise the number of words is the reward, half cognitive and half visual."""
    text = str(body["completion"])
    if text.startswith("masked"):
        return 200, MASKED, {}
    words = len(text.split())
    return 200, scored(words / 2, words / 2), {}
