"""Failures with a code, the place and the next step."""

from typing import Any


class TrainerError(Exception):
    """A failure that the caller can act on.

    ``code`` is the error's name in the framework (``DDA_...``), ``next`` one sentence on what to do. ``data`` goes
    along to the Node side, for example ``sampleId``.
    """

    def __init__(self, code: str, message: str, next: str, **data: Any):
        super().__init__(message)
        self.code = code
        self.next = next
        self.data = data


class Aborted(Exception):
    """The caller has given up on the work; nothing has been changed by it."""
