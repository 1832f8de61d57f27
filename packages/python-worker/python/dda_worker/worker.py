"""The worker's side of a framed pipe: handshake, a loop that serves requests, and an end when its owner ends."""

import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from typing import Any

from .frames import ProtocolError, read_frame, write_frame
from .request import Cancelled, Failure, Request

PROTOCOL = 1

Result = Any
"""What a handler returns: JSON data, or a pair of data and a list of attachments (bytes)."""


class _Method:
    def __init__(self, handle: Callable, batch: Callable[[], int] | None, key: Callable[[Request], Any] | None):
        self.handle = handle
        self.batch = batch
        self.key = key


class Worker:
    """Make it as the first thing of the script: it takes standard input and output for the protocol, and from then on
    whatever prints to standard output, C libraries included, writes to standard error.

    Requests are handled one by one on the thread that calls ``serve``, in the order in which they came; a method with
    ``batch`` gets those that wait together. Reading, and with it cancelling, goes on meanwhile.
    """

    def __init__(self, name: str, version: str, capabilities: dict | None = None):
        self.hello = {"name": name, "version": version, "capabilities": capabilities or {}}
        self._methods: dict[str, _Method] = {}
        self._waiting: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self._held: list[Request] = []
        self._open: dict[int, Request] = {}
        self._lock = threading.Lock()
        self._in, self._out = _take_pipes()
        # Ctrl-C in a terminal reaches the whole group; when to stop is the owner's to say, by closing the pipe.
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def method(self, name: str, batch: int | Callable[[], int] | None = None, key: Callable[[Request], Any] | None = None):
        """Decorator. Without ``batch``: ``handle(request) -> Result``. With it: ``handle(requests) -> list`` of results,
        or of exceptions for those that failed, at most ``batch`` requests with the same ``key`` at a time."""

        def register(handle: Callable) -> Callable:
            size = batch if batch is None or callable(batch) else lambda: batch
            self._methods[name] = _Method(handle, size, key)
            return handle

        return register

    def serve(self, at_end: Callable[[], None] | None = None) -> None:
        """Says hello, then works until the pipe is closed, and ends the process.

        at_end: done before that, when no request is open any more: telling other processes, for example.
        """
        self._send({"type": "hello", "protocol": PROTOCOL, "python": sys.version.split()[0], "pid": os.getpid(), **self.hello})
        threading.Thread(target=self._read, name="dda-worker-reader", daemon=True).start()
        while True:
            request = self._held.pop(0) if self._held else self._waiting.get()
            if request is None:
                break
            self._handle(request)
        if at_end is not None:
            at_end()
        sys.stderr.flush()
        _end_children()
        # Threads of libraries must not hold up the end.
        os._exit(0)

    def give_up(self, failure: Failure) -> None:
        """Answers every open request with the failure and ends the process: for work that will never come back. From any thread."""
        with self._lock:
            lost = list(self._open.values())
        for request in lost:
            self._fail(request, failure)
        sys.stderr.flush()
        _end_children()
        os._exit(1)

    def _read(self) -> None:
        try:
            while (frame := read_frame(self._in)) is not None:
                self._accept(*frame)
        except (ProtocolError, ValueError, KeyError) as error:
            print(f"dda_worker: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
        except OSError:
            pass
        self._owner_is_gone()

    def _accept(self, header: dict, parts: list[bytes]) -> None:
        if header["type"] == "request":
            request = Request(header["id"], header["method"], header.get("params"), parts, self._send)
            with self._lock:
                self._open[request.id] = request
            self._waiting.put(request)
        elif header["type"] == "cancel":
            with self._lock:
                request = self._open.get(header["id"])
            if request is not None:
                request.cancel()

    def _owner_is_gone(self) -> None:
        """Nobody reads the results any more: idle workers end at once, busy ones get a moment to notice."""
        with self._lock:
            for request in self._open.values():
                request.cancel()
        self._waiting.put(None)
        time.sleep(float(os.environ.get("DDA_WORKER_LINGER", "5")))
        _kill_group()
        os._exit(0)

    def _handle(self, request: Request) -> None:
        method = self._methods.get(request.method)
        if method is None:
            self._fail(request, Failure("unknown-method", f"There is no method {request.method}"))
            return
        batch = self._gather(request, method)
        live = [each for each in batch if not each.cancelled]
        for each in batch:
            if each not in live:
                self._fail(each, Cancelled())
        if not live:
            return
        for each in live:
            self._send({"type": "started", "id": each.id})
        try:
            results = [method.handle(live[0])] if method.batch is None else method.handle(live)
        except Exception as error:  # Whatever a handler throws belongs to its requests, not to the worker.
            results = [error] * len(live)
        for each, result in zip(live, results, strict=True):
            if isinstance(result, BaseException):
                self._fail(each, result)
            else:
                self._succeed(each, result)

    def _gather(self, request: Request, method: _Method) -> list[Request]:
        """The request and those that wait and fit to it; the others keep their order."""
        if method.batch is None:
            return [request]
        while not self._waiting.empty():
            other = self._waiting.get()
            if other is None:
                # The end, after what waits.
                self._waiting.put(None)
                break
            self._held.append(other)
        batch, key = [request], method.key and method.key(request)
        for other in list(self._held):
            if len(batch) >= method.batch():
                break
            if other.method == request.method and (method.key is None or method.key(other) == key):
                batch.append(other)
                self._held.remove(other)
        return batch

    def _succeed(self, request: Request, result: Result) -> None:
        data, parts = result if isinstance(result, tuple) else (result, ())
        try:
            self._close(request, {"type": "result", "id": request.id, "data": data}, parts)
        except (ValueError, TypeError) as error:
            self._fail(request, error)

    def _fail(self, request: Request, error: BaseException) -> None:
        header: dict[str, Any] = {"type": "error", "id": request.id}
        if isinstance(error, Failure):
            header |= {"reason": error.reason, "message": str(error), "data": error.data}
        elif isinstance(error, Cancelled):
            header |= {"reason": "cancelled", "message": "Cancelled"}
        else:
            traceback.print_exception(error, file=sys.stderr)
            header |= {"reason": "exception", "message": f"{type(error).__name__}: {error}"[:2000]}
        self._close(request, header)

    def _close(self, request: Request, header: dict, parts: Sequence[bytes] = ()) -> None:
        self._send(header, parts)
        with self._lock:
            self._open.pop(request.id, None)

    def _send(self, header: dict, parts: Sequence[bytes] = ()) -> None:
        try:
            with _WRITING:
                write_frame(self._out, header, parts)
        except BrokenPipeError:
            pass


_WRITING = threading.Lock()


def _take_pipes():
    """Keeps the two pipes under other numbers; 0 reads nothing and 1 writes to standard error from then on."""
    sys.stdout.flush()
    own_in, own_out = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return os.fdopen(own_in, "rb"), os.fdopen(own_out, "wb")


def _end_children() -> None:
    """Ends the processes that this one has started, where it leads a group of its own. For the main thread."""
    if hasattr(os, "killpg") and os.getpid() == os.getpgrp():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.killpg(0, signal.SIGTERM)


def _kill_group() -> None:
    """Ends this process and those that it has started, where it leads a group of its own. For any thread."""
    if hasattr(os, "killpg") and os.getpid() == os.getpgrp():
        os.killpg(0, signal.SIGKILL)
