"""Edits by an open pipeline, several at once where it can."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image

from dda_worker import Failure

from .arguments import Arguments
from .errors import failure, first_line, is_device_fault, is_out_of_memory
from .loading import out_of_memory
from .pictures import Size, resized, working_size
from .plan_room import PlanRoom, encoded_once, find_room, stated_room, text_tokenizers
from .settings import Settings

Result = Image.Image | Exception


@dataclass(frozen=True)
class Edit:
    pictures: Sequence[Image.Image]
    plan: str
    seed: int


def pictures_of(output: Any) -> Any:
    """The pictures of what a pipeline returned; the field of Kandinsky5I2IPipeline has another name. None where there are none."""
    return getattr(output, "images", getattr(output, "image", None))


class Stopped(Exception):
    """Nobody wants the results of the call any more."""


class Editing:
    """A loaded pipeline, what it is called with, and how many edits fit into one call."""

    def __init__(self, pipeline: Any, settings: Settings):
        self.pipeline = pipeline
        self.settings = settings
        self.arguments = Arguments(type(pipeline))
        # Set where it was found out; False: one at a time.
        self.batches = settings.batches if settings.batch > 1 else False
        self._limits: dict[Size, int] = {}
        # What it reads of a plan; what its tokenizers say until it was found out.
        self.room: PlanRoom | None = stated_room(pipeline, self._counted)
        if settings.room is not None and self.room is not None:
            self.room = PlanRoom(self.room.count, settings.room)
        self._stop: Callable[[], bool] = lambda: False
        for part in pipeline.components.values():
            # Every pipeline calls its networks once a step or more; not every one has a callback for steps.
            if isinstance(part, torch.nn.Module):
                part.register_forward_pre_hook(self._check)

    @property
    def size(self) -> int:
        """Edits that one call takes at most."""
        return self.settings.batch if self.batches else 1

    def run(self, edits: Sequence[Edit], stop: Callable[[], bool] = lambda: False, warn: Callable[[str], None] = lambda text: None) -> list[Result]:
        """Pictures in order, or for each edit why it has none. All have sources of the same size, and as many.

        A call that does not fit into memory is made again with half as many edits. Raises Stopped where ``stop`` says so.
        """
        results: list[Result] = []
        refused: list[Exception | None] = [self._refusal(edit) for edit in edits]
        todo = [edit for edit, why in zip(edits, refused, strict=True) if why is None]
        made = self._run_all(todo, stop, warn)
        for why in refused:
            results.append(next(made) if why is None else why)
        return results

    def _run_all(self, edits: Sequence[Edit], stop: Callable[[], bool], warn: Callable[[str], None]):
        at = 0
        while at < len(edits):
            key = edits[at].pictures[0].size
            several = self.size if len(edits[at].pictures) == 1 else 1
            count = min(several, self._limits.get(key, several), len(edits) - at)
            chunk = edits[at : at + count]
            try:
                made = self.call(chunk, stop=stop)
            except Exception as error:
                if isinstance(error, Stopped) or is_device_fault(error):
                    raise
                if not is_out_of_memory(error):
                    made = [self._failed(error)] if count == 1 else self._one_by_one(chunk, error, stop, warn)
                elif count > 1:
                    self._empty_cache()
                    self._limits[key] = count // 2
                    warn(f"{count} edits of {key[0]} × {key[1]} pixels do not fit into memory; going on with {count // 2} at once")
                    continue
                else:
                    self._empty_cache()
                    made = [out_of_memory("not even one edit fits", error)]
            yield from made
            at += count

    def _one_by_one(self, edits: Sequence[Edit], error: Exception, stop: Callable[[], bool], warn: Callable[[str], None]) -> list[Result]:
        """One odd picture or plan must not fail the others of its call."""
        made = [result for edit in edits for result in self._run_all([edit], stop, warn)]
        if not any(isinstance(result, Exception) for result in made):
            # It is the call that does not work, and it would fail the next time too.
            self._limits[edits[0].pictures[0].size] = 1
            warn(f"{len(edits)} edits at once failed and each alone did not ({first_line(error)}); going on one at a time")
        return made

    def call(self, edits: Sequence[Edit], stop: Callable[[], bool] = lambda: False) -> list[Result]:
        """One call of the pipeline. Raises whatever the pipeline raises, and Stopped."""
        return self._results(edits, self.invoke(edits, stop))

    def invoke(self, edits: Sequence[Edit], stop: Callable[[], bool] = lambda: False, **more: Any) -> Any:
        """What the pipeline returns. ``more`` replaces arguments. Raises whatever the pipeline raises, and Stopped."""
        settings, count = self.settings, len(edits)
        own = {**self.arguments.defaults(settings.pixels), **self._sizes(edits[0].pictures[0].size)}
        given = {**own, **settings.params, **more}
        pictures = [[self._source(each) for each in edit.pictures] for edit in edits]
        own_name = self.arguments.image == "image" and not self.arguments.ways.listed
        generators = [torch.Generator("cpu").manual_seed(edit.seed) for edit in edits]
        if count == 1:
            images = pictures[0][0] if own_name and len(pictures[0]) == 1 else pictures[0]
            call = {"prompt": self._written(edits[0]), "generator": generators[0], **given}
        else:
            images = [each[0] for each in pictures] if own_name else pictures
            call = {"prompt": [self._written(edit) for edit in edits], "generator": generators, **self.arguments.for_batch(given, count)}
        if not self.arguments.takes("generator"):
            del call["generator"]
        # OmniGen, for one, draws from the global generator too, whatever it is given.
        torch.manual_seed(edits[0].seed)
        self._stop = stop
        try:
            with torch.inference_mode():
                return self.pipeline(**{self.arguments.image: images}, **call)
        except BaseException:
            # What it left on the device waits in main memory again.
            self.pipeline.maybe_free_model_hooks()
            raise
        finally:
            self._stop = lambda: False

    def find_room(self, edit: Edit, **more: Any) -> None:
        """Finds out how long a plan is read, with the pictures of ``edit``. ``more`` replaces arguments."""
        if self.settings.cut_plans or self.arguments.ways.by_chance:
            return
        limit = self.settings.params.get("max_sequence_length")
        if limit is None and self.arguments.takes("max_sequence_length"):
            limit = self.arguments.default("max_sequence_length")
        stated = max((each.model_max_length for each in text_tokenizers(self.pipeline)), default=None)
        hints = (limit, getattr(self.pipeline, "tokenizer_max_length", None), stated)
        hint = next((each for each in hints if isinstance(each, int)), None)
        # Of one picture in all these calls: some pipelines encode it at a megapixel whatever the options say.
        with encoded_once(getattr(self.pipeline, "vae", None)):
            found = find_room(self.pipeline, lambda plan: self.invoke([Edit(edit.pictures, plan, edit.seed)], **more), hint, self._counted)
        if found is not None:
            self.room = found

    def _written(self, edit: Edit) -> str:
        return self.arguments.written(edit.plan, len(edit.pictures))

    def _counted(self, plan: str) -> str:
        """What of a plan takes room: JSON has marks of its own, and writes some characters as two."""
        return self.arguments.written(plan, 0)

    def working_size(self, source: Size, pixels: int | None = None) -> Size:
        """At which the pipeline works, of a source of that size; ``pixels`` replaces the settings' own."""
        ways = self.arguments.ways
        return working_size(source, pixels or self.settings.pixels, ways.multiple, ways.least)

    def _source(self, picture: Image.Image) -> Image.Image:
        """The picture as the pipeline takes it: one that is small enough goes in as it is."""
        (width, height), ways = picture.size, self.arguments.ways
        fits = width * height <= self.settings.pixels and min(picture.size) >= ways.least and not ways.fitted
        return picture if fits else resized(picture, self.working_size(picture.size))

    def _results(self, edits: Sequence[Edit], output: Any) -> list[Result]:
        images = pictures_of(output)
        if isinstance(images, list) and len(images) == 1 and isinstance(images[0], list) and len(edits) == 1:
            images = images[0]
        if not isinstance(images, list) or len(images) != len(edits) or not all(isinstance(each, Image.Image) for each in images):
            got = f"{len(images)} of {type(images[0]).__name__}" if isinstance(images, list) and images else type(output).__name__
            raise failure(
                "DDA_EDITOR_PIPELINE/pictures",
                {"name": self.arguments.name, "got": got, "count": len(edits), "s": "" if len(edits) == 1 else "s"},
            )
        flagged = getattr(output, "nsfw_content_detected", None) or [False] * len(edits)
        return [
            _refused() if unsafe else resized(image, edit.pictures[0].size) if self.settings.size == "source" else image
            for edit, image, unsafe in zip(edits, images, flagged, strict=True)
        ]

    def _sizes(self, source: Size) -> dict[str, int]:
        """Width and height in the source's aspect ratio: some pipelines would make a square of everything."""
        own = ("width", "height")
        if not all(map(self.arguments.takes, own)) or any(name in self.settings.params for name in own):
            return {}
        return dict(zip(own, self.working_size(source), strict=True))

    def _refusal(self, edit: Edit) -> Exception | None:
        """A plan whose end no text encoder would see is no plan that was carried out."""
        lacks = None if self.settings.cut_plans or self.room is None else self.room.lacks(edit.plan)
        if lacks is None:
            return None
        length, room = lacks
        return failure(
            "DDA_EDITOR_PROMPT/tokens",
            {"length": length, "name": self.arguments.name, "room": room},
            "bad-input",
        )

    def _failed(self, error: Exception) -> Exception:
        if isinstance(error, Failure):
            return error
        logging.getLogger("dda_diffusers").warning("%s failed", self.arguments.name, exc_info=error)
        return failure("DDA_EDITOR_FAILED/edit", {"name": self.arguments.name, "why": first_line(error)}, "plugin-error")

    def _empty_cache(self) -> None:
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _check(self, *_: Any) -> None:
        if self._stop():
            raise Stopped()


def _refused() -> Failure:
    return failure("DDA_EDITOR_REFUSED", {}, "refusal")
