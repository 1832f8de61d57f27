"""What a handler gets, and how it says that it failed."""

import threading
from typing import Any, Callable, Sequence


class Failure(Exception):
    """A failure with a name, which the Node side turns into a coded error.

    ``reason`` is for programs (``out-of-memory``), the message for people; ``data`` (JSON) for what the message needs.
    """

    def __init__(self, reason: str, message: str, **data: Any):
        super().__init__(message)
        self.reason = reason
        self.data = data


class Cancelled(Exception):
    """The caller does not want the result any more."""


class Request:
    """One call: its parameters (JSON), attachments, and the way back for events while it runs."""

    def __init__(self, id: int, method: str, params: Any, parts: list[bytes], send: Callable[..., None]):
        self.id = id
        self.method = method
        self.params = params
        self.parts = parts
        self._send = send
        self._cancel = threading.Event()

    @property
    def cancelled(self) -> bool:
        return self._cancel.is_set()

    def cancel(self) -> None:
        self._cancel.set()

    def check(self) -> None:
        """Call it between steps of long work. Raises Cancelled where the caller has given up."""
        if self.cancelled:
            raise Cancelled()

    def event(self, data: Any, parts: Sequence[bytes] = ()) -> None:
        """Tells the caller something before the result: a plan that is finished, progress."""
        self._send({"type": "event", "id": self.id, "data": data}, parts)
