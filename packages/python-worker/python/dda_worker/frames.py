"""Frames on a pipe, as src/frames.ts writes them: header length (4 bytes, big-endian), header (JSON in UTF-8, whose
``parts`` holds the lengths of the attachments in bytes), attachments."""

import json
import struct
from typing import BinaryIO, Sequence

MAX_HEADER = 64 * 1024 * 1024
MAX_PARTS = 4 * 1024**3

Frame = tuple[dict, list[bytes]]


class ProtocolError(Exception):
    """What came through the pipe is no frame."""


def write_frame(pipe: BinaryIO, header: dict, parts: Sequence[bytes] = ()) -> None:
    """Writes one frame. NaN and infinities are refused (ValueError): JSON has none."""
    text = json.dumps({**header, "parts": [len(part) for part in parts]}, allow_nan=False, ensure_ascii=False)
    # A lone surrogate has no UTF-8 of its own.
    head = text.encode("utf-8", errors="replace")
    pipe.write(struct.pack(">I", len(head)) + head)
    for part in parts:
        pipe.write(part)
    pipe.flush()


def read_frame(pipe: BinaryIO) -> Frame | None:
    """Reads one frame; None where the pipe ends, also inside a frame: its writer is gone."""
    head = _exactly(pipe, 4)
    if head is None:
        return None
    (length,) = struct.unpack(">I", head)
    if length > MAX_HEADER:
        raise ProtocolError(f"a header of {length} bytes")
    text = _exactly(pipe, length)
    if text is None:
        return None
    header = json.loads(text)
    lengths = header.pop("parts")
    if sum(lengths) > MAX_PARTS:
        raise ProtocolError(f"attachments of {sum(lengths)} bytes")
    parts = []
    for length in lengths:
        part = _exactly(pipe, length)
        if part is None:
            return None
        parts.append(part)
    return header, parts


def _exactly(pipe: BinaryIO, length: int) -> bytes | None:
    data = pipe.read(length) if length > 0 else b""
    return data if len(data) == length else None
