"""A first edit before the run's own: do the settings work, and may several edits share a call?"""

import math
from typing import Any

import numpy as np
from PIL import Image

from .editing import Edit, Editing, pictures_of
from .errors import failure, first_line, is_device_fault, is_out_of_memory
from .loading import out_of_memory
from .pictures import Size

SEED = 1
STEPS = 2
# Of the difference that picture and plan make: how much of it a batch may change a result. Rounding is far below, an exchange
# of pictures or plans far above.
TOLERANCE = 0.05
# Before they are rounded to 256 levels, pictures can be compared finely.
FLOATS = {"output_type": "np"}


def trial(editing: Editing) -> dict[str, Any]:
    """Edits made-up pictures in a few steps: one of the working size, then two alone and together.

    Returns ``batches`` (may edits share calls?) and ``why`` (for people). Raises a failure ``DDA_EDITOR_FAILED`` where the
    pipeline cannot edit with these settings, ``DDA_CUDA_MEMORY`` where one edit does not fit.
    """
    full = _edits(editing.working_size((1, 1)))
    # Some schedules do not go in so few steps.
    for few in (_few_steps(editing), {}):
        try:
            _one(editing, full[0], few)
            break
        except _Failed as error:
            if not few:
                raise _final(editing, error.cause) from error
    editing.find_room(full[0], **few)
    if editing.settings.max_images > 1:
        _several(editing, full, few)
    if editing.settings.batch == 1:
        return {"batches": False, "why": "batch: 1"}
    if not editing.arguments.takes("generator"):
        return {"batches": False, "why": f"{editing.arguments.name} takes no generators"}
    # Of another size than the pipeline's own: some, QwenImageEditPipeline for one, resize a picture but not a list of them.
    size = editing.working_size((4, 3), editing.settings.pixels // 2)
    edits = _edits(size)
    try:
        alone = [_one(editing, each, few) for each in edits]
    except _Failed as error:
        # It edits, at its working size at least.
        why = f"{editing.arguments.name} does not edit a picture of {size[0]} × {size[1]}, where one alone would have been compared"
        return {"batches": False, "why": f"{why}: {first_line(error.cause)}"}
    try:
        together = list(pictures_of(editing.invoke(edits, **few, **FLOATS)))
    except Exception as error:
        if is_device_fault(error):
            raise
        return {"batches": False, "why": f"{editing.arguments.name} does not take several: {first_line(error)}"}
    return _compare(alone, together)


def _compare(alone: list[Any], together: list[Any]) -> dict[str, Any]:
    pictures = [*alone, *together]
    if len(pictures) != 4 or not all(isinstance(each, np.ndarray) for each in pictures) or len({each.shape for each in pictures}) != 1:
        return {"batches": False, "why": "what a call gives for several cannot be compared with what it gives for one"}
    between = _distance(*alone)
    off = max(_distance(a, b) for a, b in zip(alone, together, strict=True))
    said = f"results in a batch are {off:.3g} of 255 off on average, picture and plan make {between:.3g}"
    return {"batches": off <= TOLERANCE * between, "why": said}


class _Failed(Exception):
    def __init__(self, cause: Exception):
        super().__init__(str(cause))
        self.cause = cause


def _one(editing: Editing, edit: Edit, few: dict[str, Any]) -> Any:
    try:
        return pictures_of(editing.invoke([edit], **few, **FLOATS))[0]
    except Exception as error:
        if is_device_fault(error):
            raise
        if is_out_of_memory(error):
            raise _final(editing, error) from error
        raise _Failed(error) from error


def _several(editing: Editing, edits: list[Edit], few: dict[str, Any]) -> None:
    most = editing.settings.max_images
    pictures = [edits[i % 2].pictures[0] for i in range(most)]
    try:
        editing.invoke([Edit(pictures, edits[0].plan, SEED)], **few)
    except Exception as error:
        if is_device_fault(error) or is_out_of_memory(error):
            raise _final(editing, error) from error
        raise failure(
            "DDA_CONFIG_INVALID/max-images",
            {"name": editing.arguments.name, "most": most, "why": first_line(error)},
            location="maxImages",
        ) from error


def _final(editing: Editing, error: Exception) -> Exception:
    if is_out_of_memory(error):
        return out_of_memory("not even one edit fits", error)
    return failure("DDA_EDITOR_FAILED/settings", {"name": editing.arguments.name, "why": first_line(error)})


def _few_steps(editing: Editing) -> dict[str, Any]:
    arguments, params = editing.arguments, editing.settings.params
    if not arguments.takes("num_inference_steps") or any(params.get(name) is not None for name in ("sigmas", "timesteps")):
        return {}
    strength = params.get("strength", arguments.default("strength")) if arguments.takes("strength") else 1
    steps = params.get("num_inference_steps", arguments.default("num_inference_steps"))
    if not isinstance(steps, int) or not isinstance(strength, (int, float)) or not 0 < strength <= 1:
        return {}
    return {"num_inference_steps": min(steps, math.ceil(STEPS / strength))}


def _edits(size: Size) -> list[Edit]:
    width, height = size
    y, x = np.mgrid[0:height, 0:width]
    left = np.stack([255 * x / width, 60 + 0 * x, 255 * y / height], -1)
    right = np.stack([200 + 0 * x, 255 * ((x // 8 + y // 8) % 2), 255 - 255 * y / height], -1)
    pictures = [Image.fromarray(each.astype(np.uint8), "RGB") for each in (left, right)]
    plans = ("Make it blue.", "Paint a large red apple in the middle; change nothing else.")
    return [Edit([picture], plan, SEED) for picture, plan in zip(pictures, plans, strict=True)]


def _distance(a: np.ndarray, b: np.ndarray) -> float:
    """Mean difference of a channel, of 255."""
    return 255 * float(np.abs(a.astype(np.float64) - b.astype(np.float64)).mean())
