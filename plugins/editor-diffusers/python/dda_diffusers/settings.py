"""What ``open`` is told."""

from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True)
class Settings:
    model: str
    """A name on the hub, or a folder."""
    pipeline: str | None = None
    """Class of diffusers. None: the one that the model names."""
    revision: str | None = None
    variant: str | None = None
    dtype: str | None = None
    """``float32``, ``float16`` or ``bfloat16``. None: bfloat16 on CUDA, else float32."""
    device: str | None = None
    """``cpu``, ``cuda``, ``cuda:1``, ``mps``. None: CUDA where there is some."""
    offload: str = "none"
    """``none``; ``model`` or ``sequential``: weights wait in main memory until they are needed."""
    deterministic: bool = True
    params: dict[str, Any] = field(default_factory=dict)
    """Arguments of the pipeline, by its own names."""
    batch: int = 1
    """Edits in one call, at most."""
    max_images: int = 1
    pixels: int = 1024 * 1024
    """Area at which the pipeline works, about."""
    size: str = "source"
    """``source``: the result gets the size of the first source; ``pipeline``: it keeps its own."""
    cut_plans: bool = False
    """Let a tokenizer drop the end of a plan that is too long for it."""
    batches: bool | None = None
    """What a process before this one found out about batches. None: find out."""

    room: int | None = None
    """What it found out about plans: tokens that are read to the end. None: find out, or not known."""

    @staticmethod
    def from_json(given: dict[str, Any]) -> "Settings":
        names = {"maxImages": "max_images", "cutPlans": "cut_plans"}
        known = {each.name for each in fields(Settings)}
        named = {names.get(key, key): value for key, value in given.items()}
        return Settings(**{key: value for key, value in named.items() if key in known})
