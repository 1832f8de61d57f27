"""One HTTP exchange after another over connections that stay open."""

from __future__ import annotations

import http.client
import threading
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

#: Of an answer. One with the reasons of some hundred items is far smaller.
LARGEST_ANSWER = 16 * 1024 * 1024


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    retry_after: str | None


class Connections:
    """Connections to one service; as many are kept as were in use at once. Safe from any thread.

    Proxies of the environment are not asked: the service is usually on this machine or in its network.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._port = parts.port
        self._secure = parts.scheme == "https"
        self._base = parts.path.rstrip("/")
        self._idle: list[http.client.HTTPConnection] = []
        self._lock = threading.Lock()

    def post(self, path: str, body: bytes, headers: dict[str, str], timeout: float) -> Answer:
        """Raises ``OSError`` or ``http.client.HTTPException`` where no answer came within so many seconds of silence."""
        with self._lock:
            kept = self._idle.pop() if self._idle else None
        if kept is not None:
            try:
                return self._exchange(kept, path, body, headers, timeout)
            except (ConnectionError, http.client.BadStatusLine, http.client.CannotSendRequest):
                # The service has closed it while it lay idle. What is asked for is known by its content, so asking again buys nothing twice.
                pass
        return self._exchange(self._connect(timeout), path, body, headers, timeout)

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _connect(self, timeout: float) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        return kind(self._host, self._port, timeout=timeout)

    def _exchange(
        self, connection: http.client.HTTPConnection, path: str, body: bytes, headers: dict[str, str], timeout: float
    ) -> Answer:
        try:
            if connection.sock is not None:
                connection.sock.settimeout(timeout)
            # A service that refuses a body may answer before it has all of it: what it says is there to be read.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.request("POST", self._base + path, body, headers)
            response = connection.getresponse()
            text = response.read(LARGEST_ANSWER + 1)
            if len(text) > LARGEST_ANSWER:
                raise http.client.HTTPException(f"the answer is larger than {LARGEST_ANSWER} bytes")
            keep = not response.will_close
            answer = Answer(response.status, text, response.getheader("Retry-After"))
        except BaseException:
            connection.close()
            raise
        if keep:
            with self._lock:
                self._idle.append(connection)
        else:
            connection.close()
        return answer
