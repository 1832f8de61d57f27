"""Threads that wait for the service."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


class Workers:
    """Runs calls side by side, at most ``most`` of them, in daemon threads.

    The pool of the standard library is joined at the end of the process: a trainer that is stopped would hang until the last edit is
    made. And asyncio's own default pool has as few threads as there are processors.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._tasks: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._idle = 0

    def submit(self, call: Callable[[], T]) -> Future[T]:
        future: Future[T] = Future()

        def task() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(call())
            except BaseException as error:
                future.set_exception(error)

        with self._lock:
            if self._idle > 0:
                self._idle -= 1
            elif self._threads < self._most:
                self._threads += 1
                threading.Thread(target=self._work, name="dda-reward", daemon=True).start()
        self._tasks.put(task)
        return future

    def _work(self) -> None:
        while True:
            task = self._tasks.get()
            task()
            with self._lock:
                # One that finds more to do takes it at once and is no idle one.
                self._idle = min(self._idle + 1, self._threads)
