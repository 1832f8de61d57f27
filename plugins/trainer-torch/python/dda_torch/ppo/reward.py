"""Where a rollout's reward stands: per-token credit."""

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import TrainerError


def place_reward(reward: Mapping[str, Any], ends: Sequence[int], sample_id: str) -> list[float]:
    """Puts a reward on its tokens: an item's contribution on the token that writes the character before ``creditAt``,
    everything else on the last token. The sum over tokens is the reward's total.

    ``ends``: exclusive end of each token in the plan text, ascending; at least one.
    Raises ``DDA_REWARD_NOT_FINITE`` naming the sample.
    """
    placed = [0.0] * len(ends)
    total = _finite(reward.get("total"), "total", sample_id)
    for item in reward.get("items", ()):
        share = _finite(item.get("contribution"), f"item {item.get('itemId')}", sample_id)
        at = item.get("creditAt")
        placed[-1 if at is None else min(bisect_left(ends, at), len(ends) - 1)] += share
    for name, share in reward.get("extras", {}).items():
        placed[-1] += _finite(share, name, sample_id)
    # What a decomposition gave to no item and no extra still belongs to the total.
    rest = total - math.fsum(placed)
    if abs(rest) > 1e-9:
        placed[-1] += rest
    return placed


def _finite(value: Any, name: str, sample_id: str) -> float:
    # JSON has no NaN: what was not a number on the other side arrives as null or as its name.
    number = value if isinstance(value, (int, float)) and not isinstance(value, bool) else math.nan
    if math.isfinite(number):
        return float(number)
    raise TrainerError(
        "DDA_REWARD_NOT_FINITE",
        f"the reward of sample {sample_id} is {value} ({name})",
        "Make the reward plugin throw a DdaError where it has no number to give; the rollout is then masked.",
        sampleId=sample_id,
        stage="update",
    )
