"""The methods of the worker: ``open`` and ``edit``."""

import hashlib
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from dda_worker import Cancelled, Failure, Request, Worker

from .editing import Edit, Editing, Stopped
from .errors import failure, first_line, is_device_fault
from .loading import load
from .plan_room import MOST, PlanRoom
from .pictures import Sources, encode
from .said import listening
from .settings import Settings
from .trial import trial


@dataclass(frozen=True)
class Tried:
    """What a trial found out and what was warned of meanwhile."""

    said: dict[str, Any]
    room: float | None
    """Tokens of a plan that are read to the end; None where it is not known."""
    warnings: Sequence[str]


class Service:
    def __init__(self) -> None:
        self._editing: Editing | None = None
        self._sources = Sources()
        # What trials have found out in this process, by what decides it: the same weights with the same settings are not tried again.
        self._tried: dict[tuple[str, str], Tried] = {}

    def open(self, request: Request) -> dict[str, Any]:
        """Loads a pipeline. Params: ``settings``. Result: what it is, and whether edits share calls."""
        import diffusers

        settings = Settings.from_json(request.params["settings"])
        self._editing = None
        torch.use_deterministic_algorithms(settings.deterministic, warn_only=True)
        torch.backends.cudnn.benchmark = not settings.deterministic
        pipeline, identity = load(settings)
        editing = Editing(pipeline, settings)
        said: dict[str, Any] = {"batches": settings.batches, "why": "found out before"}
        if settings.batches is None:
            said = self._trial(editing, (identity, repr(settings)), request)
        editing.batches = said["batches"]
        self._editing = editing
        device = pipeline._execution_device
        return {
            "pipeline": type(pipeline).__name__,
            "model": identity,
            "diffusers": diffusers.__version__,
            "device": str(device),
            "deviceName": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
            "dtype": str(pipeline.dtype).removeprefix("torch."),
            "memory": torch.cuda.max_memory_allocated(device) if device.type == "cuda" else None,
            "room": None if editing.room is None or editing.room.most > MOST else int(editing.room.most),
            **said,
        }

    def _trial(self, editing: Editing, key: tuple[str, str], request: Request) -> dict[str, Any]:
        if key not in self._tried:
            with listening() as warnings:
                said = trial(editing)
            self._tried[key] = Tried(said, editing.room.most if editing.room is not None else None, tuple(warnings))
        tried = self._tried[key]
        if editing.room is not None and tried.room is not None:
            editing.room = PlanRoom(editing.room.count, tried.room)
        for line in tried.warnings:
            request.event({"warning": line})
        return dict(tried.said)

    @property
    def size(self) -> int:
        return 1 if self._editing is None else self._editing.size

    def edit(self, requests: Sequence[Request]) -> list[Any]:
        """Edits. Params of each: ``images`` (``hash``, ``path``, ``width``, ``height``), ``plan``, ``seed``. Result: ``width``,
        ``height`` and ``sha256`` of the PNG that is attached."""
        if self._editing is None:
            return [failure("DDA_EDITOR_CLOSED")] * len(requests)
        read = [self._read(request) for request in requests]
        edits = [each for each in read if isinstance(each, Edit)]
        made = iter(
            self._editing.run(
                edits,
                # One that is given up does not end the others'.
                stop=lambda: all(request.cancelled for request in requests),
                warn=lambda text: requests[0].event({"warning": text}),
            )
        )
        results = [next(made) if isinstance(each, Edit) else each for each in read]
        return [Cancelled() if request.cancelled else _answer(each) for request, each in zip(requests, results, strict=True)]

    def _read(self, request: Request) -> Edit | Exception:
        try:
            pictures = [self._sources.get(given) for given in request.params["images"]]
        except Failure as error:
            return error
        return Edit(pictures, request.params["plan"], request.params["seed"])


def _answer(result: Any) -> Any:
    if isinstance(result, Exception):
        return result
    png = encode(result)
    return {"width": result.width, "height": result.height, "sha256": hashlib.sha256(png).hexdigest()}, [png]


def key(request: Request) -> Any:
    """Edits of one call have sources of one size."""
    images = request.params["images"]
    return len(images), images[0]["width"], images[0]["height"]


def register(worker: Worker, service: Service) -> None:
    worker.method("open")(_guarded(service.open))
    worker.method("edit", batch=lambda: service.size, key=key)(_guarded(service.edit))


def _guarded(handle: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def guarded(given: Any) -> Any:
        try:
            return handle(given)
        except Stopped:
            raise Cancelled() from None
        except Exception as error:
            if not is_device_fault(error):
                raise
            # The device is spoilt for this process: these are its last words, and another takes its place.
            traceback.print_exception(error, file=sys.stderr)
            print(f"dda_diffusers: the device failed: {first_line(error)}", file=sys.stderr, flush=True)
            os._exit(1)

    return guarded
