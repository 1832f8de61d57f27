"""Everything that can be set, with its default. Names are those of the Node side's options, in snake case."""

import dataclasses
import re
import types
import typing
from dataclasses import dataclass, field
from typing import Any, Literal

from .errors import TrainerError


@dataclass(frozen=True)
class Lora:
    """Low-rank adaptation (Hu et al. 2021). No dropout: it would make the ratio of an unchanged policy differ from 1."""

    rank: int = 64
    alpha: float = 64.0
    # Names of linear layers; ["all-linear"]: all of the language model, and of the vision tower unless it is frozen.
    targets: tuple[str, ...] = ("all-linear",)


@dataclass(frozen=True)
class Critic:
    # head: a linear layer on the policy's own trunk, zero at the start. model: a network of its own.
    kind: Literal["head", "model"] = "head"
    # Folder or name of the critic's network; None: that of the policy.
    model: str | None = None
    # The value loss does not reach the trunk of the policy.
    detach: bool = False
    # Updates in which the critic learns alone.
    warmup: int = 0
    learning_rate: float | None = None


@dataclass(frozen=True)
class Clip:
    low: float = 0.2
    high: float = 0.28
    dual: float | None = 3.0
    value: float | None = 0.2


@dataclass(frozen=True)
class Kl:
    place: Literal["reward", "loss", "off"] = "reward"
    coefficient: float = 0.02
    target: float | None = None
    horizon: float = 10_000
    estimator: Literal["k1", "abs", "k2", "k3"] = "k1"
    loss_estimator: Literal["k1", "abs", "k2", "k3", "k3+"] = "k3"


@dataclass(frozen=True)
class Adam:
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.0


@dataclass(frozen=True)
class Imitation:
    learning_rate: float = 1e-5
    schedule: Literal["constant", "linear", "cosine"] = "constant"
    warmup: int = 0
    total: int | None = None
    floor: float = 0.0
    max_gradient_norm: float = 1.0


@dataclass(frozen=True)
class Prompt:
    """What the policy is told. ``{instruction}`` stands for the sample's; images come before the text."""

    system: str | None = None
    user: str = "{instruction}"
    # Further variables of the chat template, for example {"enable_thinking": false}.
    template: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Rollout:
    engine: Literal["native", "vllm"] = "native"
    # Plans that are written side by side.
    concurrency: int = 64
    # Texts that end a plan besides the end-of-turn token; the plan keeps them.
    stop: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    model: str = ""
    revision: str | None = None
    # random: the architecture alone, weights from the run's seed; for tests and benchmarks.
    weights: Literal["pretrained", "random"] = "pretrained"
    device: str | None = None
    dtype: Literal["float32", "bfloat16"] | None = None
    attention: str | None = None
    seed: int = 0
    deterministic: bool = True

    lora: Lora | None = None
    freeze_vision: bool = True
    gradient_checkpointing: bool = True
    min_pixels: int | None = None
    max_pixels: int | None = None
    prompt: Prompt = Prompt()
    max_prompt: int = 4096
    max_plan: int = 1024
    rollout: Rollout = Rollout()

    advantage: Literal["gae", "grpo", "rloo", "reinforce++"] = "gae"
    critic: Critic = Critic()
    gamma: float = 1.0
    lambda_: float = 0.95
    whiten: bool = True
    whiten_variance: Literal["unbiased", "biased"] = "unbiased"
    group_centre: bool = False
    clip: Clip = Clip()
    value_coefficient: float = 0.5
    entropy: float = 0.0
    kl: Kl = Kl()
    old_log_probs: Literal["behaviour", "recompute"] = "behaviour"
    epochs: int = 1
    mini_batch: int = 64
    # Padded tokens in one pass through the network; and, if set, rollouts.
    micro_batch_tokens: int = 16_384
    micro_batch: int | None = None
    aggregation: Literal[
        "token-mean", "token-sum", "seq-mean-token-sum", "seq-mean-token-mean", "seq-mean-token-sum-norm"
    ] = "token-mean"
    stop_kl: float | None = None
    max_staleness: int = 1
    learning_rate: float = 1e-6
    schedule: Literal["constant", "linear", "cosine"] = "constant"
    warmup: int = 0
    total: int | None = None
    floor: float = 0.0
    max_gradient_norm: float = 1.0
    adam: Adam = Adam()
    imitation: Imitation = Imitation()
    # An abort or a failure in the middle of an update takes its steps back; needs memory for a copy of what is trained.
    rollback: bool = True
    # How several processes share the work.
    parallel: Literal["ddp", "fsdp"] = "ddp"

    @property
    def has_critic(self) -> bool:
        return self.advantage == "gae"

    @staticmethod
    def from_json(given: dict[str, Any]) -> "Settings":
        """Raises ``DDA_CONFIG_INVALID`` with the place of what does not fit."""
        return _read(Settings, given, "")


def _read(kind: type, given: Any, place: str) -> Any:
    if not isinstance(given, dict):
        raise _invalid(place or "the options", f"must be an object, not {given!r}")
    hints = typing.get_type_hints(kind)
    known = {_camel(f.name): f.name for f in dataclasses.fields(kind)}
    values = {}
    for key, value in given.items():
        where = f"{place}.{key}" if place else key
        if key not in known:
            raise _invalid(where, "is not known")
        values[known[key]] = _value(hints[known[key]], value, where)
    return kind(**values)


def _value(hint: Any, value: Any, place: str) -> Any:
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in typing.get_args(hint):
            return None
        return _value(next(arg for arg in typing.get_args(hint) if arg is not type(None)), value, place)
    if origin is Literal:
        if value in typing.get_args(hint):
            return value
        raise _invalid(place, f"must be one of {', '.join(map(str, typing.get_args(hint)))}, not {value!r}")
    if origin is tuple:
        if isinstance(value, (list, tuple)) and all(isinstance(each, str) for each in value):
            return tuple(value)
        raise _invalid(place, "must be a list of texts")
    if dataclasses.is_dataclass(hint):
        return _read(hint, value, place)
    if hint is float and isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if origin is dict and isinstance(value, dict) or hint in (int, str, bool) and type(value) is hint:
        return value
    raise _invalid(place, f"has the wrong type: {value!r}")


def _camel(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name.rstrip("_"))


def _invalid(place: str, problem: str) -> TrainerError:
    return TrainerError("DDA_CONFIG_INVALID", f"{place} {problem}", "Correct the options of the trainer.", location=place)
