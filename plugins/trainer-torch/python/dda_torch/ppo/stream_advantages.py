"""Advantages of a reward in streams, each with a baseline of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .advantages import baseline_advantages, discounted_returns, masked, whiten
from .kl import kl_in_reward


@dataclass(frozen=True)
class StreamRewards:
    """One stream of the reward, as a step's rollouts earned it."""

    weight: float
    # [rows, columns]; 0 in rows that were not asked.
    rewards: Tensor
    # Of each row.
    asked: Sequence[bool]


@dataclass(frozen=True)
class StepStreams:
    # "normalized" or "split".
    mode: str
    parts: Sequence[StreamRewards]


@dataclass(frozen=True)
class StreamStep:
    """What streams of a step have in common; ``estimator`` is one without a critic."""

    mask: Tensor
    groups: Sequence[str]
    kl: Tensor
    # What the KL costs in the reward; 0 where it is not charged there.
    coefficient: float
    estimator: str
    gamma: float
    unbiased: bool


def stream_advantages(step: StreamStep, streams: StepStreams) -> Tensor | None:
    """Advantages estimated stream by stream, over the rows that were asked for it. A stream that earned the same everywhere
    says nothing. ``normalized`` (GDPO, arXiv 2601.05242): each on one scale, weighted, added, whitened over the batch.
    ``split``: weighted and added. The KL comes after, on its own.

    None where one stream at most says something under ``normalized``, or there is one: nothing is to be combined, and
    :func:`sole_rewards` are an ordinary reward.
    """
    normalized = streams.mode == "normalized"
    live = _live(step.mask, streams)
    if len(streams.parts) == 1 or normalized and len(live) <= 1:
        return None
    total = torch.zeros_like(step.mask)
    for part in live:
        total = total + part.weight * _estimate(step, part, normalized)
    combined = whiten(total, step.mask, step.unbiased) if normalized else total
    return combined + _kl_advantages(step)


def sole_rewards(mask: Tensor, streams: StepStreams) -> Tensor:
    """The rewards of the one stream that says something; zeros where none does."""
    parts = streams.parts if len(streams.parts) == 1 else _live(mask, streams)
    return parts[0].rewards if parts else torch.zeros_like(mask)


def _live(mask: Tensor, streams: StepStreams) -> list[StreamRewards]:
    def says(part: StreamRewards) -> bool:
        totals = masked(part.rewards, mask).sum(dim=1)[torch.tensor(part.asked, dtype=torch.bool)]
        return bool((totals != totals[:1]).any())

    return [part for part in streams.parts if says(part)]


def _estimate(step: StreamStep, part: StreamRewards, normalized: bool) -> Tensor:
    asked = torch.tensor(part.asked, dtype=torch.bool)
    mask = step.mask * asked.unsqueeze(1).to(step.mask.dtype)
    if step.estimator == "reinforce++":
        return whiten(discounted_returns(part.rewards, mask, step.gamma), mask, step.unbiased)
    rows = [row for row, is_asked in enumerate(part.asked) if is_asked]
    scores = masked(part.rewards, mask).sum(dim=1)
    each = torch.zeros_like(scores)
    each[rows] = baseline_advantages(scores[rows], [step.groups[row] for row in rows], step.estimator)
    spread = masked(each.unsqueeze(1).expand_as(mask), mask)
    # The scale of a stream must not matter; grpo has divided by the group's spread already.
    return whiten(spread, mask, step.unbiased) if normalized and step.estimator == "rloo" else spread


def _kl_advantages(step: StreamStep) -> Tensor:
    """Less the KL of the others, or, to go, less its mean over the batch."""
    mask = step.mask
    if not step.coefficient:
        return torch.zeros_like(mask)
    rewards = kl_in_reward(torch.zeros_like(step.kl), masked(step.kl, mask), step.coefficient)
    if step.estimator == "reinforce++":
        returns = discounted_returns(rewards, mask, step.gamma)
        return masked(returns - returns.sum() / (mask > 0).sum().clamp(min=1), mask)
    each = baseline_advantages(rewards.sum(dim=1), step.groups, "rloo")
    return masked(each.unsqueeze(1).expand_as(mask), mask)
