"""What the service answers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from dda_reward.errors import MaskedRolloutError, RewardServiceError

Status = Literal["scored", "gated", "masked"]


@dataclass(frozen=True)
class Item:
    """One checklist item that was asked."""

    id: str
    #: ``cognitive``: asked of the plan; ``visual``: asked of the edited picture.
    scope: str
    passed: bool
    #: Its share of the reward.
    contribution: float


@dataclass(frozen=True)
class Failure:
    """Why there is no reward."""

    code: str
    message: str
    #: ``plan``, ``edit``, ``judge`` or ``reward``.
    stage: str


@dataclass(frozen=True)
class Score:
    """The reward of one completion, or that it has none."""

    #: ``gated``: its reward is made from the plan alone, no edit was made.
    status: Status
    #: None exactly where it is masked.
    reward: float | None
    #: Weighted share of each stream of the reward; their sum is ``reward``. Empty where masked.
    streams: Mapping[str, float]
    #: Named components, each in [0, 1]. Empty where masked.
    components: Mapping[str, float]
    items: tuple[Item, ...] = ()
    failure: Failure | None = None

    @property
    def masked(self) -> bool:
        return self.status == "masked"

    def number(self, sample: str = "") -> float:
        """The reward. Raises :class:`MaskedRolloutError` where there is none."""
        if self.reward is None:
            failure = self.failure or Failure("DDA_MASKED", "the service gave no reason", "reward")
            raise MaskedRolloutError(failure.code, failure.message, sample=sample)
        return self.reward


def read_score(body: object) -> Score:
    """Reads an answer of ``POST /v1/score``. Raises :class:`RewardServiceError` for one that breaks the contract."""
    if not isinstance(body, dict):
        raise _broken("it is no JSON object")
    status = body.get("status")
    if status not in ("scored", "gated", "masked"):
        raise _broken(f"status is {status!r}")
    if status == "masked":
        if body.get("reward") is not None:
            raise _broken("a masked rollout has a reward")
        return Score("masked", None, {}, {}, failure=_failure(body.get("failure")))
    reward = _number("reward", body.get("reward"))
    return Score(
        cast(Status, status),
        reward,
        _numbers("streams", body.get("streams")),
        _numbers("components", body.get("components")),
        tuple(_item(item) for item in _list("items", body.get("items"))),
    )


def _failure(value: object) -> Failure:
    facts = value if isinstance(value, dict) else {}
    return Failure(
        code=str(facts.get("code", "DDA_MASKED")),
        message=str(facts.get("message", "the service gave no reason")),
        stage=str(facts.get("stage", "reward")),
    )


def _item(value: object) -> Item:
    if not isinstance(value, dict):
        raise _broken("an item is no object")
    name = value.get("itemId", value.get("id"))
    return Item(
        id=str(name),
        scope=str(value.get("scope", "")),
        passed=value.get("passed") is True,
        contribution=_number("items.contribution", value.get("contribution", 0)),
    )


def _numbers(name: str, value: object) -> dict[str, float]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _broken(f"{name} is no object")
    return {str(key): _number(f"{name}.{key}", one) for key, one in value.items()}


def _list(name: str, value: object) -> list[object]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise _broken(f"{name} is no list")
    return value


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise _broken(f"{name} is {value!r}, no finite number")
    return float(value)


def _broken(what: str) -> RewardServiceError:
    return RewardServiceError("DDA_REWARD_ANSWER", f"the answer is not one of `POST /v1/score`: {what}")
