"""Failures with a code, and the next step."""

from pathlib import Path
from typing import Any

from dda_worker import ErrorTable, Failure

Kind = str
"""A failure kind of the framework: ``bad-input``, ``unavailable``, ..."""


ERRORS = ErrorTable(Path(__file__).with_name("errors.json"))
"""What each error says: written by `scripts/generate-reference.mjs` from the table of the Node side."""


def failure(key: str, holes: dict[str, Any] | None = None, kind: Kind = "unavailable", **data: Any) -> Failure:
    """A failure that the Node side turns into a DdaError of that row of ``ERRORS`` and kind."""
    code, message, next = ERRORS.texts(key, holes or {})
    return Failure(code, message, next=next, kind=kind, **data)


def is_out_of_memory(error: BaseException) -> bool:
    """CUDA says it with a class of its own, the CPU's allocator with a RuntimeError."""
    import torch

    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and ("out of memory" in text or "can't allocate memory" in text)


def is_device_fault(error: BaseException) -> bool:
    """Nothing works any more on that device in this process."""
    import torch

    return isinstance(error, torch.AcceleratorError) or "device-side assert" in str(error)


def first_line(error: BaseException) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else ''}"[:500]
