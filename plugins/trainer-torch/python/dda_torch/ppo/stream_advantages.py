"""Advantages of a reward in streams, each with a baseline of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from .advantages import baseline_advantages, discounted_returns, masked, whiten
from .critic_advantages import AdvantageSettings, critic_advantages
from .kl import kl_in_reward


@dataclass(frozen=True)
class StreamRewards:
    """One stream of the reward, as a step's rollouts earned it."""

    weight: float
    # [rows, columns]; 0 in rows that were not asked.
    rewards: Tensor
    # Of each row.
    asked: Sequence[bool]
    # Of its value head; None without a critic.
    values: Tensor | None = None

    @property
    def rows(self) -> list[int]:
        """Those that were asked."""
        return [row for row, is_asked in enumerate(self.asked) if is_asked]


@dataclass(frozen=True)
class StepStreams:
    # "normalized" or "split".
    mode: str
    parts: Sequence[StreamRewards]


@dataclass(frozen=True)
class StreamStep:
    """What streams of a step have in common."""

    mask: Tensor
    groups: Sequence[str]
    tokens: Sequence[Sequence[int]]
    kl: Tensor
    # What the KL costs in the reward; 0 where it is not charged there.
    coefficient: float


def stream_advantages(
    step: StreamStep, streams: StepStreams, how: AdvantageSettings
) -> tuple[Tensor, list[Tensor | None]]:
    """Advantages estimated stream by stream, over the rows that were asked for it, with gae by its own value head. A stream that
    earned the same everywhere says nothing. ``normalized`` (GDPO, arXiv 2601.05242): each on one scale, weighted, added, whitened
    over the batch, also where one alone says something: so do verl and TRL, and its scale matters in no step. ``split``: weighted
    and added. The KL comes after, on its own. With them the returns of each stream, None for one that says nothing and without a
    critic.

    Of two streams or more; :func:`sole_stream` is an ordinary reward.
    """
    normalized = streams.mode == "normalized"
    total = torch.zeros_like(step.mask)
    returns: list[Tensor | None] = []
    for part in streams.parts:
        own = _estimate(step, part, how, normalized) if _says_something(step.mask, part) else None
        returns.append(None if own is None else own[1])
        if own is not None:
            total = total + part.weight * own[0]
    combined = whiten(total, step.mask, how.unbiased) if normalized else total
    return combined + _kl_advantages(step, how), returns


def sole_stream(streams: StepStreams) -> StreamRewards | None:
    """The only stream that the reward has, which is an ordinary reward, whatever the mode."""
    return streams.parts[0] if len(streams.parts) == 1 else None


def _says_something(mask: Tensor, part: StreamRewards) -> bool:
    totals = masked(part.rewards, mask).sum(dim=1)[torch.tensor(part.asked, dtype=torch.bool)]
    return bool((totals != totals[:1]).any())


def _estimate(
    step: StreamStep, part: StreamRewards, how: AdvantageSettings, normalized: bool
) -> tuple[Tensor, Tensor | None]:
    if how.estimator == "gae":
        return _by_critic(step, part, replace(how, whiten=normalized or how.whiten))
    mask = step.mask * torch.tensor(part.asked, dtype=step.mask.dtype).unsqueeze(1)
    if how.estimator == "reinforce++":
        return whiten(discounted_returns(part.rewards, mask, how.gamma), mask, how.unbiased), None
    rows = part.rows
    scores = masked(part.rewards, mask).sum(dim=1)
    each = torch.zeros_like(scores)
    each[rows] = baseline_advantages(scores[rows], [step.groups[row] for row in rows], how.estimator)
    spread = masked(each.unsqueeze(1).expand_as(mask), mask)
    # The scale of a stream must not matter; grpo has divided by the group's spread already.
    return whiten(spread, mask, how.unbiased) if normalized and how.estimator == "rloo" else spread, None


def _by_critic(step: StreamStep, part: StreamRewards, how: AdvantageSettings) -> tuple[Tensor, Tensor]:
    """As if the rows that were asked were all there are: who was not is compared with nobody."""
    rows = part.rows
    values = torch.zeros_like(step.mask) if part.values is None else part.values
    own = critic_advantages(
        part.rewards[rows],
        values[rows],
        step.mask[rows],
        [step.groups[row] for row in rows],
        [step.tokens[row] for row in rows],
        how,
    )
    advantages, returns = torch.zeros_like(step.mask), torch.zeros_like(step.mask)
    advantages[rows], returns[rows] = own
    return advantages, returns


def _kl_advantages(step: StreamStep, how: AdvantageSettings) -> Tensor:
    """Less the KL of the others, or, to go, less its mean over the batch."""
    mask = step.mask
    if not step.coefficient:
        return torch.zeros_like(mask)
    rewards = kl_in_reward(torch.zeros_like(step.kl), masked(step.kl, mask), step.coefficient)
    if how.estimator in ("reinforce++", "gae"):
        returns = discounted_returns(rewards, mask, how.gamma)
        return masked(returns - returns.sum() / (mask > 0).sum().clamp(min=1), mask)
    each = baseline_advantages(rewards.sum(dim=1), step.groups, "rloo")
    return masked(each.unsqueeze(1).expand_as(mask), mask)
