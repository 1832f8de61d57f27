"""What a pipeline can be called with, read from the signature of its ``__call__``."""

import difflib
import inspect
import json
import re
from dataclasses import dataclass
from typing import Any

from .errors import failure
from .pictures import MULTIPLE

# Names under which pipelines take source pictures.
IMAGE_NAMES = ("image", "images", "input_images")
# Given for each edit, or fixed: one picture for each prompt, as PIL.
OWN = ("prompt", "prompt_2", "prompt_3", "seed", "generator", "output_type", "return_dict", "num_images_per_prompt", "num_prompts_per_image")
# Tensors, pictures and functions: not for a configuration.
UNSUITABLE = re.compile(r"embed|latents|callback|kwargs|_ids$|(^|_)images?$|^ip_adapter|^negative_ip_adapter|^clip_skip_fn$")


@dataclass(frozen=True)
class Ways:
    """What a class of pipelines wants and its signature does not say."""

    listed: bool = False
    """A single picture comes in a list too."""
    fitted: bool = False
    """Its source has to have the size of the result."""
    multiple: int = MULTIPLE
    """Of which sides in pixels are multiples."""
    least: int = 0
    """Of a side in pixels."""
    instruction: bool = False
    """Plans are JSON objects with an ``edit_instruction``."""
    dtype: str | None = None
    """The only type of weights that it works with."""
    by_chance: bool = False
    """What the plan says reaches the network that denoises as tokens that are drawn: how much of it is read cannot be seen there."""


WAYS = {
    # Its vision encoder counts a source in squares of 32 pixels, and fails where the autoencoder's tokens are others.
    "GlmImagePipeline": Ways(listed=True, fitted=True, multiple=32, by_chance=True),
    "BriaFiboEditPipeline": Ways(instruction=True),
    # Takes text too, but refuses text that is a JSON object of other keys.
    "BriaFibo2Pipeline": Ways(instruction=True),
    # Turns pictures into it whatever its autoencoder is of.
    "ZImageOmniPipeline": Ways(dtype="bfloat16", least=64),
    # Refuse pictures with a shorter side.
    "Flux2Pipeline": Ways(least=64),
    "Flux2KleinPipeline": Ways(least=64),
    "Flux2KleinKVPipeline": Ways(least=64),
}


class Arguments:
    """Arguments of one class of pipelines."""

    def __init__(self, pipeline_class: type):
        self.name = pipeline_class.__name__
        self.ways = next((WAYS[each.__name__] for each in pipeline_class.__mro__ if each.__name__ in WAYS), Ways())
        parameters = inspect.signature(pipeline_class.__call__).parameters
        self._parameters = {
            name: each for name, each in parameters.items() if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY) and name != "self"
        }
        self.image = next((name for name in IMAGE_NAMES if name in self._parameters), None)

    @property
    def edits(self) -> bool:
        """Does it turn a picture and a text into a picture?"""
        return self.image is not None and "prompt" in self._parameters

    def takes(self, name: str) -> bool:
        return name in self._parameters

    @property
    def accepted(self) -> list[str]:
        """What ``params`` may hold."""
        return [name for name in self._parameters if name not in OWN and not UNSUITABLE.search(name)]

    def default(self, name: str) -> Any:
        found = self._parameters[name].default
        return None if found is inspect.Parameter.empty else found

    def defaults(self, pixels: int) -> dict[str, Any]:
        """What a run's own size of pictures wants of a pipeline that would choose one itself."""
        own: dict[str, Any] = {"_auto_resize": False, "max_area": pixels, "output_resolution": round(pixels**0.5)}
        return {name: value for name, value in own.items() if name in self._parameters}

    def written(self, plan: str, pictures: int) -> str:
        """The plan as the pipeline wants it: some name their pictures in the text, some read JSON."""
        if self.ways.instruction and not _is_instruction(plan):
            return json.dumps({"edit_instruction": plan}, ensure_ascii=False)
        if self.image != "input_images":
            return plan
        return "".join(f"<img><|image_{i + 1}|></img> " for i in range(pictures)) + plan

    def check(self, params: dict[str, Any]) -> None:
        """Raises a failure ``DDA_EDITOR_PARAM`` that names what is accepted."""
        for name in params:
            if name in self.accepted:
                continue
            if name in OWN or name == self.image:
                why = f"`params.{name}` is not for the configuration: each edit brings its own"
            elif name in self._parameters:
                why = f"`params.{name}` of {self.name} takes what no configuration can hold"
            else:
                near = difflib.get_close_matches(name, self.accepted, 1, 0.5)
                why = f"{self.name} takes no argument `{name}`" + (f"; did you mean `{near[0]}`?" if near else "")
            raise failure(
                "DDA_EDITOR_PARAM/diffusers",
                {"why": why.rstrip("?."), "end": "?" if why.endswith("?") else ".", "accepted": ", ".join(self.accepted)},
                location="params",
            )

    def for_batch(self, params: dict[str, Any], count: int) -> dict[str, Any]:
        """``params`` for so many edits at once: texts once for each."""
        return {
            name: [value] * count if isinstance(value, str) and "prompt" in name else value for name, value in params.items()
        }


def _is_instruction(plan: str) -> bool:
    """Has the Thinker learnt to write the object itself?"""
    try:
        given = json.loads(plan)
    except (ValueError, RecursionError):
        return False
    return isinstance(given, dict) and isinstance(given.get("edit_instruction"), str)
