"""Everything that an exact resume needs, in a folder of safetensors and JSON with a manifest of hashes."""

import errno
import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from .errors import TrainerError
from .parallel import assign
from .training.learner import Counters, Learner, digest

FORMAT = "dda-torch-checkpoint-1"
WEIGHTS, OPTIMISER, STATE, MANIFEST = "weights.safetensors", "optimiser.safetensors", "trainer.json", "manifest.json"
# Only where the reference policy is not the model as it was opened.
REFERENCE = "reference.safetensors"


def save_checkpoint(learner: Learner, folder: Path) -> list[str]:
    """The same state gives the same bytes. All ranks must call it; rank 0 writes. Returns the files' names."""
    weights = learner.parallel.collect(learner.optimiser.parameters)
    optimiser = learner.parallel.collect(learner.optimiser.export_state())
    state = {
        "format": FORMAT,
        "model": learner.model_id,
        "modelName": learner.model_name,
        "settings": learner.settings_id(),
        "freezeVision": learner.settings.freeze_vision,
        "lora": None if learner.settings.lora is None else asdict(learner.settings.lora),
        "counters": asdict(learner.counters),
        "klCoefficient": learner.controller.coefficient,
        "shuffle": learner.shuffle.get_state().numpy().tobytes().hex(),
    }
    reference = learner.reference.weights
    if learner.parallel.rank != 0:
        return [WEIGHTS, OPTIMISER, *([] if reference is None else [REFERENCE]), STATE, MANIFEST]
    with writing():
        folder.mkdir(parents=True, exist_ok=True)
        contents = {
            WEIGHTS: _tensors(weights),
            OPTIMISER: _tensors(optimiser),
            **({} if reference is None else {REFERENCE: _tensors(reference)}),
            STATE: _json(state),
        }
        hashes = {}
        for name, content in contents.items():
            _write(folder / name, content)
            hashes[name] = hashlib.sha256(content).hexdigest()
        # Last: a folder without it is no checkpoint.
        _write(folder / MANIFEST, _json({"format": FORMAT, "files": hashes}))
    return [*contents, MANIFEST]


def load_checkpoint(learner: Learner, folder: Path) -> None:
    """Verifies everything before it changes anything.
    Raises ``DDA_CHECKPOINT_CORRUPT``, ``DDA_CHECKPOINT_MISMATCH``; the learner is then as before."""
    weights, optimiser, reference, state = read_checkpoint(folder)
    if state["model"] != learner.model_id or state["settings"] != learner.settings_id():
        what = "of another model" if state["model"] != learner.model_id else "made with other options"
        raise TrainerError("DDA_CHECKPOINT_MISMATCH/torch", {"folder": folder, "what": what})
    mine = {name: tuple(p.shape) for name, p in learner.optimiser.parameters.items()}
    if mine != {name: tuple(value.shape) for name, value in weights.items()}:
        raise _corrupt(folder, "its tensors do not fit the model")
    if reference is not None and reference.keys() != {name for name in mine if not name.startswith("critic.")}:
        raise _corrupt(folder, "the tensors of its reference policy do not fit the model")
    generator = torch.Generator()
    try:
        generator.set_state(torch.frombuffer(bytearray.fromhex(state["shuffle"]), dtype=torch.uint8))
        counters = _counters(state["counters"], folder)
        coefficient = float(state["klCoefficient"])
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise _corrupt(folder, str(error)) from error
    for name, parameter in learner.optimiser.parameters.items():
        assign(parameter, weights[name])
    learner.optimiser.import_state(_placed(learner, optimiser))
    learner.shuffle, learner.counters = generator, counters
    learner.controller.coefficient = coefficient
    learner.reference.become(reference)


def load_policy(learner: Learner, folder: Path) -> None:
    """The policy's weights alone, into a frozen learner."""
    weights, _, _, state = read_checkpoint(folder)
    own = dict(learner.policy.named_parameters())
    policy = {name: value for name, value in weights.items() if not name.startswith("critic.")}
    if state["model"] != learner.model_id or not policy.keys() <= own.keys():
        raise TrainerError("DDA_CHECKPOINT_MISMATCH/weights", {"folder": folder})
    for name, value in policy.items():
        assign(own[name], value)
    learner.counters = _counters(state["counters"], folder)
    learner.frozen_id = digest({name: own[name] for name in policy}, learner.model_id)


def model_of(state: dict[str, Any], folder: Path) -> str:
    """Name or folder of the model that a checkpoint is of. Raises ``DDA_CHECKPOINT_MISMATCH`` where an environment variable
    that names it is not set."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in os.environ:
            raise TrainerError("DDA_CHECKPOINT_MISMATCH/variable", {"folder": folder, "variable": match[1]})
        return os.environ[match[1]]

    return re.sub(r"\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}", value, state["modelName"])


def _counters(given: dict[str, Any], folder: Path) -> Counters:
    """Nothing is taken to be 0 that was not counted: schedules and moments would start again without a word."""
    # Absent in checkpoints of before phases, whose moments were those of what was learned last.
    given = {"phase": "reinforce" if given.get("updates") else "imitate", **given}
    known = {field.name for field in fields(Counters)}
    lacks, more = ", ".join(sorted(known - given.keys())), ", ".join(sorted(given.keys() - known))
    if lacks or more:
        difference = " and ".join([f"does not count {lacks}"] * bool(lacks) + [f"counts {more}"] * bool(more))
        raise TrainerError("DDA_CHECKPOINT_MISMATCH/version", {"folder": folder, "difference": difference})
    return Counters(**given)


def is_checkpoint(folder: Path) -> bool:
    return (folder / MANIFEST).is_file() and (folder / STATE).is_file()


def read_checkpoint(folder: Path) -> tuple[dict[str, Tensor], dict[str, Tensor], dict[str, Tensor] | None, dict[str, Any]]:
    """Weights, optimiser, reference policy where it is another than the model's, counters and the rest.
    Raises ``DDA_CHECKPOINT_CORRUPT`` for a file that is missing or does not have its hash."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        if manifest["format"] != FORMAT or set(manifest["files"]) - {REFERENCE} != {WEIGHTS, OPTIMISER, STATE}:
            raise _corrupt(folder, "its manifest is not of this format")
        for name, wanted in manifest["files"].items():
            with (folder / name).open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != wanted:
                    raise _corrupt(folder, f"{name} is not what was written")
        state = json.loads((folder / STATE).read_bytes())
        reference = load_file(folder / REFERENCE) if REFERENCE in manifest["files"] else None
        return load_file(folder / WEIGHTS), load_file(folder / OPTIMISER), reference, state
    except (OSError, ValueError, KeyError, TypeError, AttributeError, SafetensorError) as error:
        raise _corrupt(folder, str(error)) from error


@contextmanager
def writing() -> Iterator[None]:
    """Turns a full disk and other trouble with writing into coded errors."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise TrainerError("DDA_DISK_FULL/checkpoint", {"why": error}) from error
        raise TrainerError("DDA_DISK_ERROR", {"why": error}) from error


def _placed(learner: Learner, state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The optimiser's state as its parameters are: sharded where they are."""
    parameters = learner.optimiser.parameters
    placed = {}
    for key, value in state.items():
        parameter = parameters[key.split(".", 1)[1]]
        if hasattr(parameter, "full_tensor") and value.dim() > 0:
            from torch.distributed.tensor import distribute_tensor

            value = distribute_tensor(value.to(parameter.device), parameter.device_mesh, parameter.placements)
        placed[key] = value
    return placed


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _tensors(tensors: dict[str, Tensor]) -> bytes:
    return save(dict(sorted(tensors.items())), metadata={"format": "pt"})


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()


def _corrupt(folder: Path, problem: str) -> TrainerError:
    return TrainerError("DDA_CHECKPOINT_CORRUPT/torch", {"folder": folder, "problem": problem})
