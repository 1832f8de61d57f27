"""The methods of PROTOCOL.md, by name, on an open learner. With several processes all of them call the same methods."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import torch

from . import checkpoint
from .errors import Aborted, TrainerError
from .export import export_policy
from .memory import expected
from .model.prompts import Prompt
from .parallel import default_device, is_there
from .ppo.probe import probe
from .rollout.engine import make_engine
from .rollout.sampler import PlanRequest
from .rollout.shared import shared_plans
from .settings import Lora, Settings
from .training.imitate import DemonstrationRow, imitate
from .training.learner import Hooks, Learner
from .training.tables import UpdateRow, UpdateStreams
from .training.update import ppo_update

Json = Any
Row = TypeVar("Row")


@dataclass(frozen=True)
class Call(Hooks):
    """Hooks, and where finished plans and their failures go."""

    event: Callable[[Json], None] = lambda data: None


class Service:
    def __init__(self, device: torch.device):
        self.device = device
        self._learner: Learner | None = None
        self._engine: Any = None
        self._trained = False
        # Of the current weights; None where they have changed.
        self._state: dict[str, Json] | None = None

    @property
    def learner(self) -> Learner:
        if self._learner is None:
            raise TrainerError("DDA_ROLE_CLOSED/trainer")
        return self._learner

    def call(self, method: str, params: dict[str, Json], call: Call) -> Json:
        handler = getattr(self, f"do_{method}", None)
        if handler is None:
            raise TrainerError("DDA_TRAINER_INPUT/method", {"method": method})
        return handler(params, call)

    def do_open(self, params: dict[str, Json], call: Call) -> Json:
        settings = Settings.from_json({**params["options"], "seed": params["seed"]})
        trained = params.get("role", "trainer") == "trainer"
        self.device = chosen_device(settings.device, self.device)
        source = Path(settings.model)
        if not trained and checkpoint.is_checkpoint(source):
            state = checkpoint.read_state(source)
            adapters = None if state["lora"] is None else Lora.from_json(state["lora"])
            model = checkpoint.model_of(state, source)
            settings = replace(settings, model=model, lora=adapters, freeze_vision=state["freezeVision"])
        self._state = None
        self._learner = learner = Learner(settings, self.device, trained, params.get("modelName"))
        self._trained = trained
        if not trained and checkpoint.is_checkpoint(source):
            checkpoint.load_policy(learner, source)
        self._engine = make_engine(learner)
        memory = expected(learner)
        parameters = list(learner.policy.network.parameters())
        return {
            **self.state(),
            "model": {
                "class": type(learner.policy.base).__name__,
                "parameters": sum(p.numel() for p in parameters),
                "trainable": sum(p.numel() for p in learner.optimiser.parameters.values()),
                "multimodal": learner.encoder.takes_images,
                "vocabulary": len(learner.tokenizer),
                "id": learner.model_id,
            },
            "device": str(self.device),
            "dtype": str(next(learner.policy.base.parameters()).dtype).removeprefix("torch."),
            "memory": {"line": memory.line(self.device), "peak": memory.peak},
        }

    def do_plan(self, params: dict[str, Json], call: Call) -> Json:
        learner, started = self.learner, time.monotonic()
        state, plans, tokens = self.state(), 0, 0
        requests: list[PlanRequest] = []
        for given in params["requests"]:
            try:
                prompt = self._prompt(given["prompt"])
            except TrainerError as error:
                call.event({"id": given["id"], "error": failure(error)})
                continue
            requests.append(PlanRequest(given["id"], prompt, given["seed"], given["temperature"]))
        with learner.parallel.whole(learner.policy):
            for plan in shared_plans(learner.parallel, self._engine, requests, call):
                plans += 1
                tokens += len(plan["ids"])
                call.event({**plan, **state})
        return {"plans": plans, "tokens": tokens, "seconds": time.monotonic() - started}

    def do_update(self, params: dict[str, Json], call: Call) -> Json:
        self._needs_training("update")
        if not params["rows"]:
            raise TrainerError("DDA_TRAINER_INPUT/no-rows")
        rows = self._usable(params["rows"], self._row, "rollouts", call)
        self._state = None
        wanted = params.get("streams")
        streams = None if wanted is None else UpdateStreams(wanted["mode"], wanted["names"], wanted["weights"], wanted["heads"])
        metrics = ppo_update(self.learner, rows, call, streams)
        return {**self.state(), "metrics": metrics}

    def do_imitate(self, params: dict[str, Json], call: Call) -> Json:
        self._needs_training("imitate")
        learner = self.learner
        if not params["demonstrations"]:
            raise TrainerError("DDA_TRAINER_INPUT/none-to-imitate")

        def row(given: dict[str, Json]) -> DemonstrationRow:
            response = learner.encoder.response(given["text"], given["prompt"]["sampleId"], learner.settings.max_plan)
            return DemonstrationRow(self._prompt(given["prompt"]), response)

        rows = self._usable(params["demonstrations"], row, "demonstrations", call)
        self._state = None
        metrics = imitate(learner, rows, call)
        return {**self.state(), "metrics": metrics}

    def do_score(self, params: dict[str, Json], call: Call) -> Json:
        rows = [(self._prompt(given["prompt"]), given["ids"]) for given in params["rows"]]
        scored = self.learner.score(rows, params["which"], [given["temperature"] for given in params["rows"]], call)
        return {"rows": [{"logProbs": each.log_probs, "entropies": each.entropies, "values": each.values} for each in scored]}

    def do_state(self, params: Json, call: Call) -> Json:
        return self.state()

    def do_save(self, params: dict[str, Json], call: Call) -> Json:
        self._needs_training("save")
        return {"files": checkpoint.save_checkpoint(self.learner, Path(params["folder"]))}

    def do_load(self, params: dict[str, Json], call: Call) -> Json:
        self._state = None
        if self._trained:
            checkpoint.load_checkpoint(self.learner, Path(params["folder"]))
        else:
            checkpoint.load_policy(self.learner, Path(params["folder"]))
        self._engine.weights_changed()
        return self.state()

    def do_export(self, params: dict[str, Json], call: Call) -> Json:
        return {"files": export_policy(self.learner, Path(params["folder"]))}

    def do_probe(self, params: dict[str, Json], call: Call) -> Json:
        return probe(params["method"], params["input"])

    def state(self) -> dict[str, Json]:
        # Hashing adapters takes a moment, and every call of `plan` asks.
        if self._state is None:
            self._state = {"weights": self.learner.weights_id(), "policyVersion": self.learner.version}
        return self._state

    def _usable(self, given: Sequence[dict[str, Json]], make: Callable[[dict[str, Json]], Row], what: str, call: Call) -> list[Row]:
        """The rows that can be made; those whose picture the model's processor cannot read are left out, and told. All of them
        unreadable is an error: then it is hardly the pictures."""
        rows: list[Row] = []
        refused: list[TrainerError] = []
        for each in given:
            try:
                rows.append(make(each))
            except TrainerError as error:
                if error.code != "DDA_IMAGE_INVALID":
                    raise
                refused.append(error)
        if refused and not rows:
            raise refused[0]
        if refused:
            call.warn(f"{len(refused)} of {len(given)} {what} are left out of this step, their pictures cannot be read; the first: {refused[0]}")
        return rows

    def _prompt(self, given: dict[str, Json]) -> Prompt:
        return self.learner.encoder.encode(given["instruction"], given["images"], given["sampleId"])

    def _row(self, given: dict[str, Json]) -> UpdateRow:
        learner, prompt = self.learner, self._prompt(given["prompt"])
        sample, ids = given["prompt"]["sampleId"], given["ids"]

        def stale(problem: str) -> TrainerError:
            return TrainerError(
                "DDA_TRAINER_STALE/rollout",
                {"rollout": given["rolloutId"], "sample": sample, "problem": problem},
                sampleId=sample,
                stage="update",
            )

        values = given["values"] if learner.settings.has_critic else None
        lists = [given["logProbs"], given["ends"], *([] if values is None else [values])]
        if not 0 < len(ids) <= learner.settings.max_plan or any(len(each) != len(ids) for each in lists):
            raise stale(f"has a token trace of {len(ids)} tokens that does not fit this policy")
        forbidden = learner.policy.forbidden
        if any(not 0 <= token < forbidden.shape[0] for token in ids) or bool(forbidden[torch.tensor(ids, device=forbidden.device)].any()):
            raise stale("has tokens that this policy cannot write")
        age = learner.version - given["policyVersion"]
        if age < 0:
            raise stale(f"was planned at version {given['policyVersion']} and the policy is at {learner.version}")
        if len(given["rewards"]) != len(ids):
            raise stale(f"has {len(given['rewards'])} rewards for {len(ids)} tokens")
        return UpdateRow(prompt, ids, given["logProbs"], values, given["rewards"], given["group"], given["temperature"], age, given.get("streams", ()))

    def _needs_training(self, method: str) -> None:
        if not self._trained:
            _ = self.learner
            raise TrainerError("DDA_TRAINER_INPUT/frozen", {"method": method})


def chosen_device(wanted: str | None, started: torch.device) -> torch.device:
    """The device of the options; with several processes it was chosen when they started."""
    processes = torch.distributed.get_world_size() if torch.distributed.is_initialized() else 1
    if wanted is None and processes == 1:
        return started
    kind = wanted or default_device()
    if kind == started.type:
        return started
    if processes > 1 or not is_there(kind):
        gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
        many = "" if processes == 1 else f" for each of {processes} processes"
        raise TrainerError(
            "DDA_CONFIG_INVALID/torch-device",
            {"device": kind, "many": many, "version": torch.__version__, "count": gpus or "no", "s": "" if gpus == 1 else "s"},
            location="device",
        )
    return torch.device(kind)


def failure(error: TrainerError) -> dict[str, Json]:
    return {"reason": error.code, "message": str(error), "data": {"next": error.next, **error.data}}


def follow(service: Service, commands: Iterator[tuple[str, dict[str, Json]]]) -> None:
    """What ranks other than 0 do: the same as rank 0. What fails there fails here, and rank 0 reports it."""
    for method, params in commands:
        try:
            service.call(method, params, Call())
        except (TrainerError, Aborted):
            continue



