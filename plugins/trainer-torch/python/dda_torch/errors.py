"""Failures with a code, the place and the next step."""

from pathlib import Path
from typing import Any

from dda_worker import ErrorTable

ERRORS = ErrorTable(Path(__file__).with_name("errors.json"))
"""What each error says: written by `scripts/generate-reference.mjs` from the tables of the Node side."""


class TrainerError(Exception):
    """A failure that the caller can act on.

    ``key`` is a row of ``ERRORS``: the error's name in the framework (``DDA_...``), with the name of a case behind a
    slash where one code says several things. ``holes`` fill the texts of the row; ``data`` goes along to the Node side,
    for example ``sampleId``.
    """

    def __init__(self, key: str, holes: dict[str, Any] | None = None, **data: Any):
        self.code, message, self.next = ERRORS.texts(key, holes or {})
        super().__init__(message)
        self.data = data
        self._given = (key, holes)

    def __reduce__(self) -> tuple[Any, ...]:
        # To other processes; an exception is made anew of its message alone otherwise.
        return _made, (*self._given, self.data)


def _made(key: str, holes: dict[str, Any] | None, data: dict[str, Any]) -> TrainerError:
    return TrainerError(key, holes, **data)


class Aborted(Exception):
    """The caller has given up on the work; nothing has been changed by it."""
