"""Failures with a code, and the next step."""

from typing import Any

from dda_worker import Failure

Kind = str
"""A failure kind of the framework: ``bad-input``, ``unavailable``, ..."""


def failure(code: str, message: str, next: str, kind: Kind = "unavailable", **data: Any) -> Failure:
    """A failure that the Node side turns into a DdaError of that code and kind."""
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
