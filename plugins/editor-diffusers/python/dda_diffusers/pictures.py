"""Pictures: files by content hash in, PNG out, and the sizes between."""

import hashlib
import io
import math
from collections import OrderedDict
from pathlib import Path
from typing import Any

from PIL import Image

from dda_worker.pictures import read_rgb

from .errors import failure

Size = tuple[int, int]
"""Width and height in pixels."""

# Latents of all families are cut by 8 and patched by 2.
MULTIPLE = 16


class Sources:
    """Decoded source pictures by content hash, the longest unused forgotten first: members of a group share theirs."""

    def __init__(self, keep: int = 16):
        self._kept: OrderedDict[str, Image.Image] = OrderedDict()
        self._keep = keep

    def get(self, given: dict[str, Any]) -> Image.Image:
        """``given``: ``hash`` (SHA-256 in hex) and ``path``. Raises a failure ``DDA_IMAGE_INVALID``."""
        digest = given["hash"]
        if digest not in self._kept:
            self._kept[digest] = _read(given["path"], digest)
            if len(self._kept) > self._keep:
                self._kept.popitem(last=False)
        self._kept.move_to_end(digest)
        return self._kept[digest]


def _read(path: str, digest: str) -> Image.Image:
    def refuse(why: str):
        return failure("DDA_IMAGE_INVALID/source", {"hash": digest, "why": why}, "bad-input")

    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise refuse(f"cannot be read: {error.strerror}") from error
    if hashlib.sha256(data).hexdigest() != digest:
        raise refuse("is not what its hash says")
    try:
        return read_rgb(data)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise refuse(f"cannot be decoded: {error}") from error


def working_size(size: Size, pixels: int, multiple: int = MULTIPLE, least: int = 0) -> Size:
    """The size nearest to an area in pixels with the aspect ratio of ``size``, of sides that are multiples of ``multiple``.

    Where a side would be shorter than ``least``, the area is larger.
    """
    width, height = size
    scale = max(math.sqrt(pixels / (width * height)), least / min(size))
    return tuple(max(multiple, round(side * scale / multiple) * multiple) for side in (width, height))


def resized(picture: Image.Image, size: Size) -> Image.Image:
    return picture if picture.size == size else picture.resize(size, Image.Resampling.LANCZOS)


def encode(picture: Image.Image) -> bytes:
    """PNG without metadata: the same pixels are the same bytes."""
    out = io.BytesIO()
    Image.frombytes("RGB", picture.size, picture.convert("RGB").tobytes()).save(out, "PNG", compress_level=6)
    return out.getvalue()
