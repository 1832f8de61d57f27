"""Everything that an exact resume needs, in a folder of safetensors and JSON with a manifest of hashes."""

import errno
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor

from .errors import TrainerError
from .parallel import assign, sharded_like
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
    """Verifies everything before it changes anything; all ranks must call it.
    Raises ``DDA_CHECKPOINT_CORRUPT``, ``DDA_CHECKPOINT_MISMATCH``; the learner is then as before."""
    found = _read_together(learner, folder)
    weights, reference, state = found.weights, found.reference, found.state
    if state["model"] != learner.model_id or state["settings"] not in learner.settings_ids():
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
    learner.optimiser.import_state(_placed(learner, found.optimiser))
    learner.shuffle, learner.counters = generator, counters
    learner.controller.coefficient = coefficient
    learner.reference.become(reference)


def load_policy(learner: Learner, folder: Path) -> None:
    """The policy's weights alone, into a frozen learner; all ranks must call it."""
    found = _read_together(learner, folder)
    weights, state = found.weights, found.state
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


@dataclass(frozen=True)
class Contents:
    weights: dict[str, Tensor]
    optimiser: dict[str, Tensor]
    # None: the reference policy is the model's.
    reference: dict[str, Tensor] | None
    # Counters and the rest.
    state: dict[str, Any]


def read_checkpoint(folder: Path) -> Contents:
    """Raises ``DDA_CHECKPOINT_CORRUPT`` for a file that is missing or does not have its hash."""
    with _readable(folder):
        manifest = _manifest(folder)
        if manifest["format"] != FORMAT or set(manifest["files"]) - {REFERENCE} != {WEIGHTS, OPTIMISER, STATE}:
            raise _corrupt(folder, "its manifest is not of this format")
        for name, wanted in manifest["files"].items():
            with (folder / name).open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != wanted:
                    raise _corrupt(folder, f"{name} is not what was written")
    return _contents(folder, load_file, load_file)


def read_state(folder: Path) -> dict[str, Any]:
    """What a checkpoint says of itself beside its tensors, which are not looked at."""
    with _readable(folder):
        content = (folder / STATE).read_bytes()
        if hashlib.sha256(content).hexdigest() != _manifest(folder)["files"][STATE]:
            raise _corrupt(folder, f"{STATE} is not what was written")
        return json.loads(content)


def _read_together(learner: Learner, folder: Path) -> Contents:
    """What ``read_checkpoint`` gives or raises on rank 0, on all ranks. It alone reads everything to verify it. Ranks that share their
    weights get them from it later (``assign``), so they read names and shapes; the others read the files too."""
    parallel = learner.parallel
    first = parallel.together(lambda: read_checkpoint(folder) if parallel.rank == 0 else None)
    if not parallel.sharded:
        return parallel.together(lambda: first or _contents(folder, load_file, load_file))
    # A reference without a network of its own is kept whole on every rank.
    reference = load_file if learner.reference.network is None else _without_contents
    return parallel.together(lambda: first or _contents(folder, _without_contents, reference))


Loading = Callable[[Path], dict[str, Tensor]]


def _contents(folder: Path, load: Loading, load_reference: Loading) -> Contents:
    with _readable(folder):
        named = REFERENCE in _manifest(folder)["files"]
        reference = load_reference(folder / REFERENCE) if named else None
        state = json.loads((folder / STATE).read_bytes())
        return Contents(load(folder / WEIGHTS), load(folder / OPTIMISER), reference, state)


def _without_contents(path: Path) -> dict[str, Tensor]:
    """Tensors on the device ``meta``, and the numbers among them."""
    with safe_open(path, "pt") as file:
        found = {}
        for name in file.keys():  # noqa: SIM118
            part = file.get_slice(name)
            shape = part.get_shape()
            found[name] = torch.empty(shape, dtype=part[:0].dtype, device="meta") if shape else file.get_tensor(name)
        return found


def _manifest(folder: Path) -> dict[str, Any]:
    return json.loads((folder / MANIFEST).read_bytes())


@contextmanager
def _readable(folder: Path) -> Iterator[None]:
    try:
        yield
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
        placed[key] = sharded_like(parameter, value) if hasattr(parameter, "full_tensor") and value.dim() > 0 else value
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
