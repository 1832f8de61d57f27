"""A pipeline by name: class, folder, weights, device."""

import difflib
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import torch

from .errors import failure, first_line, is_out_of_memory
from .arguments import Arguments
from .settings import Settings

INDEX = "model_index.json"
# Of a weight file larger than this, a sample is hashed: 50 GB would take minutes at every start.
WHOLE = 8 * 2**20


def load(settings: Settings) -> tuple[Any, str]:
    """The pipeline on its device, and the identity of its weights: ``name@commit`` from the hub, a hash of a folder.

    Raises failures ``DDA_EDITOR_PIPELINE``, ``DDA_MODEL_NOT_FOUND``, ``DDA_MODEL_UNSUPPORTED``, ``DDA_CONFIG_INVALID``,
    ``DDA_EDITOR_PARAM``, ``DDA_CUDA_MEMORY``.
    """
    device = choose_device(settings.device)
    named = None if settings.pipeline is None else pipeline_class(settings.pipeline)
    folder, identity = locate(settings)
    kind = named or pipeline_class(class_in(folder, settings.model))
    check_edits(kind, named is not None)
    arguments = Arguments(kind)
    arguments.check(settings.params)
    pipeline = _load(kind, folder, settings, dtype_of(settings.dtype, device, arguments))
    pipeline.set_progress_bar_config(disable=True)
    _place(pipeline, settings, device)
    return pipeline, identity


def choose_device(wanted: str | None) -> torch.device:
    cuda = torch.cuda.device_count() if torch.cuda.is_available() else 0
    mps = torch.backends.mps.is_available()
    if wanted is None:
        return torch.device("cuda" if cuda else "mps" if mps else "cpu")
    try:
        device = torch.device(wanted)
    except RuntimeError:
        device = None
    there = device is not None and (
        device.type == "cpu" or (device.type == "mps" and mps) or (device.type == "cuda" and (device.index or 0) < cuda)
    )
    if not there:
        raise failure(
            "DDA_CONFIG_INVALID/diffusers-device",
            {"device": wanted, "version": torch.__version__, "count": cuda or "no", "s": "" if cuda == 1 else "s"},
            location="device",
        )
    return device


def dtype_of(wanted: str | None, device: torch.device, arguments: Arguments) -> torch.dtype:
    """Raises a failure ``DDA_CONFIG_INVALID`` where the pipeline works with another type alone."""
    only = arguments.ways.dtype
    if None not in (wanted, only) and wanted != only:
        raise failure("DDA_CONFIG_INVALID/diffusers-dtype", {"name": arguments.name, "only": only, "dtype": wanted}, location="dtype")
    return getattr(torch, wanted or only or ("bfloat16" if device.type == "cuda" else "float32"))


def pipeline_class(name: str) -> type:
    """A class of diffusers by its name. Raises a failure ``DDA_EDITOR_PIPELINE`` that names near ones."""
    import diffusers

    known = [each for each in dir(diffusers) if each.endswith("Pipeline") and "Modular" not in each]
    found = getattr(diffusers, name, None) if name in known else None
    if isinstance(found, type) and issubclass(found, diffusers.DiffusionPipeline):
        return found
    near = difflib.get_close_matches(name, known, 3, 0.6) or edit_classes(known)
    raise failure(
        "DDA_EDITOR_PIPELINE/unknown",
        {"version": diffusers.__version__, "name": name, "near": ", ".join(near)},
        location="pipeline",
    )


def edit_classes(known: list[str]) -> list[str]:
    """Of names of diffusers, those that say that they edit."""
    words, others = ("Edit", "Kontext", "Pix2Pix"), ("Inpaint", "DiffEdit", "ModelEditing", "Zero", "Modular", "Lucy", "Chrono")
    return [
        each
        for each in known
        if each.endswith("Pipeline") and any(word in each for word in words) and not any(word in each for word in others)
    ]


def check_edits(kind: type, named: bool) -> None:
    if Arguments(kind).edits:
        return
    import diffusers

    whose = "`pipeline` names" if named else "the model is made for"
    raise failure(
        "DDA_EDITOR_PIPELINE/no-edit",
        {"whose": whose, "pipeline": kind.__name__, "others": ", ".join(edit_classes(dir(diffusers)))},
        location="pipeline",
    )


def locate(settings: Settings) -> tuple[Path, str]:
    """The folder of the model, downloaded where it is not here yet, and what names its content."""
    name = settings.model
    if os.path.isabs(name):
        folder = Path(name)
        if not (folder / INDEX).is_file():
            what = "has no model_index.json" if folder.is_dir() else "is not there"
            raise failure("DDA_MODEL_NOT_FOUND/diffusers-folder", {"name": name, "what": what}, location="model")
        return folder, f"sha256:{digest(folder)}"
    from diffusers import DiffusionPipeline

    try:
        folder = Path(DiffusionPipeline.download(name, revision=settings.revision, variant=settings.variant))
    except Exception as error:  # The hub's errors have many classes, and those of the network more.
        raise failure(
            "DDA_MODEL_NOT_FOUND/hub",
            {"name": name, "revision": "" if settings.revision is None else f' at {settings.revision}', "why": first_line(error)},
            location="model",
        ) from error
    # The cache's folder of a snapshot is named by its commit.
    return folder, f"{name}@{folder.name}"


def class_in(folder: Path, model: str) -> str:
    try:
        found = json.loads((folder / INDEX).read_text("utf-8"))["_class_name"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise failure("DDA_MODEL_UNSUPPORTED/index", {"index": INDEX, "model": model}, location="model") from error
    return found if isinstance(found, str) else str(found[-1])


def _load(kind: type, folder: Path, settings: Settings, dtype: torch.dtype) -> Any:
    try:
        return kind.from_pretrained(folder, dtype=dtype, variant=settings.variant, local_files_only=True)
    except ImportError as error:
        raise failure(
            "DDA_MODEL_UNSUPPORTED/diffusers-package",
            {"pipeline": kind.__name__, "why": first_line(error), "executable": sys.executable},
        ) from error
    except Exception as error:
        if is_out_of_memory(error):
            raise out_of_memory("the weights do not fit", error) from error
        raise failure(
            "DDA_MODEL_UNSUPPORTED/load",
            {"pipeline": kind.__name__, "model": settings.model, "why": first_line(error)},
            location="model",
        ) from error


def _place(pipeline: Any, settings: Settings, device: torch.device) -> None:
    try:
        if settings.offload == "none" or device.type == "cpu":
            pipeline.to(device)
        elif settings.offload == "model":
            pipeline.enable_model_cpu_offload(device=device)
        else:
            pipeline.enable_sequential_cpu_offload(device=device)
    except Exception as error:
        if is_out_of_memory(error):
            raise out_of_memory(f"the weights do not fit on {device}", error) from error
        raise


def out_of_memory(what: str, error: BaseException) -> Exception:
    return failure("DDA_CUDA_MEMORY/diffusers", {"what": what, "why": first_line(error)})


def digest(folder: Path) -> str:
    """Hash of a model's folder: names, small files whole, of large ones their size and a sample."""
    state = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if not path.is_file() or any(part.startswith(".") for part in relative.parts):
            continue
        size = path.stat().st_size
        state.update(f"{relative.as_posix()}\0{size}\0".encode())
        with path.open("rb") as file:
            if size <= WHOLE:
                state.update(file.read())
                continue
            # safetensors begin with names and shapes of all tensors.
            state.update(file.read(2**20))
            for i in range(1, 64):
                file.seek(i * (size - 65536) // 63)
                state.update(file.read(65536))
    return state.hexdigest()[:32]
