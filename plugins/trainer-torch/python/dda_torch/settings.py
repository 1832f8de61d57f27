"""Everything that can be set. Names are those of the Node side's options, in snake case; it owns the defaults and sends every value."""

import dataclasses
import re
import types
import typing
from dataclasses import dataclass
from typing import Any, Literal

from .errors import TrainerError
from .ppo.critic_advantages import AdvantageSettings


@dataclass(frozen=True)
class Lora:
    """Low-rank adaptation (Hu et al. 2021). No dropout: it would make the ratio of an unchanged policy differ from 1."""

    rank: int
    alpha: float
    # Names of linear layers; ["all-linear"]: all of the language model, and of the vision tower unless it is frozen.
    targets: tuple[str, ...]

    @staticmethod
    def from_json(given: dict[str, Any]) -> "Lora":
        return _read(Lora, given, "lora")


@dataclass(frozen=True)
class Critic:
    # head: a linear layer on the policy's own trunk, zero at the start. model: a network of its own.
    kind: Literal["head", "model"]
    # Folder or name of the critic's network; None: that of the policy.
    model: str | None
    # The value loss does not reach the trunk of the policy.
    detach: bool
    # Updates in which the critic learns alone.
    warmup: int
    learning_rate: float | None


@dataclass(frozen=True)
class Clip:
    low: float
    high: float
    dual: float | None
    value: float | None


@dataclass(frozen=True)
class Kl:
    place: Literal["reward", "loss", "off"]
    coefficient: float
    target: float | None
    horizon: float
    estimator: Literal["k1", "abs", "k2", "k3"]
    loss_estimator: Literal["k1", "abs", "k2", "k3", "k3+"]


@dataclass(frozen=True)
class Adam:
    beta1: float
    beta2: float
    epsilon: float
    weight_decay: float


@dataclass(frozen=True)
class Imitation:
    learning_rate: float
    schedule: Literal["constant", "linear", "cosine"]
    warmup: int
    total: int | None
    floor: float
    max_gradient_norm: float


@dataclass(frozen=True)
class Prompt:
    """What the policy is told. ``{instruction}`` stands for the sample's; images come before the text."""

    system: str | None
    user: str
    # Further variables of the chat template, for example {"enable_thinking": false}.
    template: dict[str, Any]


@dataclass(frozen=True)
class Rollout:
    engine: Literal["native", "vllm"]
    # Plans that are written side by side.
    concurrency: int
    # Texts that end a plan besides the end-of-turn token; the plan keeps them.
    stop: tuple[str, ...]


@dataclass(frozen=True)
class Settings:
    model: str
    revision: str | None
    # random: the architecture alone, weights from the run's seed; for tests and benchmarks.
    weights: Literal["pretrained", "random"]
    device: str | None
    dtype: Literal["float32", "bfloat16"] | None
    attention: str | None
    seed: int
    deterministic: bool

    lora: Lora | None
    freeze_vision: bool
    gradient_checkpointing: bool
    min_pixels: int | None
    max_pixels: int | None
    prompt: Prompt
    max_prompt: int
    max_plan: int
    rollout: Rollout

    advantage: Literal["gae", "grpo", "rloo", "reinforce++"]
    # Streams of the reward that have a value head of their own, in the order of the heads; none: one head, of the total.
    value_streams: tuple[str, ...]
    critic: Critic
    gamma: float
    lambda_: float
    whiten: bool
    whiten_variance: Literal["unbiased", "biased"]
    group_centre: Literal["off", "plan", "prefix"]
    clip: Clip
    value_coefficient: float
    entropy: float
    kl: Kl
    old_log_probs: Literal["behaviour", "recompute"]
    # Of the weight by which a recomputed token counts; None: it counts whole.
    importance_cap: float | None
    epochs: int
    mini_batch: int
    # Padded tokens in one pass through the network; and, if set, rollouts.
    micro_batch_tokens: int
    micro_batch: int | None
    aggregation: Literal[
        "token-mean", "token-sum", "seq-mean-token-sum", "seq-mean-token-mean", "seq-mean-token-sum-norm"
    ]
    stop_kl: float | None
    learning_rate: float
    schedule: Literal["constant", "linear", "cosine"]
    warmup: int
    total: int | None
    floor: float
    max_gradient_norm: float
    adam: Adam
    imitation: Imitation
    # An abort or a failure in the middle of an update takes its steps back; needs memory for a copy of what is trained.
    rollback: bool
    # How several processes share the work.
    parallel: Literal["ddp", "fsdp"]

    @property
    def has_critic(self) -> bool:
        return self.advantage == "gae"

    @property
    def advantages(self) -> AdvantageSettings:
        return AdvantageSettings(
            self.advantage, self.gamma, self.lambda_, self.whiten, self.whiten_variance, self.group_centre
        )

    @staticmethod
    def from_json(given: dict[str, Any]) -> "Settings":
        """Raises ``DDA_CONFIG_INVALID`` with the place of what does not fit or is missing."""
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
    missing = next((key for key, name in known.items() if name not in values), None)
    if missing is not None:
        raise _invalid(f"{place}.{missing}" if place else missing, "is missing")
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
    return TrainerError("DDA_CONFIG_INVALID/torch-option", {"place": place, "problem": problem}, location=place)
