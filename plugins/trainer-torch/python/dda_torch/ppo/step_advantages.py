"""From the rewards of a step's tokens to the advantages that the policy loss takes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from .advantages import baseline_advantages, discounted_returns, masked, whiten
from .critic_advantages import AdvantageSettings, critic_advantages
from .kl import kl_in_reward
from .stream_advantages import StepStreams, StreamRewards, StreamStep, sole_stream, stream_advantages


@dataclass(frozen=True)
class StepRewards:
    """Of a step; tensors are [rows, columns]."""

    # Of the task, on their tokens.
    rewards: Tensor
    # To the reference policy.
    kl: Tensor
    # What the KL costs in the reward; 0 where it is not charged there.
    coefficient: float
    # Of the critic; zeros where there is none.
    values: Tensor
    mask: Tensor
    groups: Sequence[str]
    # Of each row's plan.
    tokens: Sequence[Sequence[int]]
    # The parts of the rewards, where they are not taken as one.
    streams: StepStreams | None


@dataclass(frozen=True)
class Advantages:
    # What the policy loss takes, whitened if so set.
    advantages: Tensor
    # Targets of the critic, computed before whitening (I5); None where there is none, and where each stream has its own.
    returns: Tensor | None = None
    # Targets of each stream's value head; None for one that says nothing. None without streams or critic.
    stream_returns: Sequence[Tensor | None] | None = None


def step_advantages(given: StepRewards, how: AdvantageSettings) -> Advantages:
    """Token advantages by the configured estimator."""
    mask = given.mask
    if given.streams is not None:
        sole = sole_stream(given.streams)
        if sole is None:
            step = StreamStep(mask, given.groups, given.tokens, given.kl, given.coefficient)
            advantages, returns = stream_advantages(step, given.streams, how)
        else:
            advantages, returns = _sole_advantages(given, sole, how)
        return Advantages(advantages, stream_returns=returns if how.estimator == "gae" else None)
    if how.estimator in ("grpo", "rloo"):
        return Advantages(_group_baselines(given, how.estimator))
    charged = kl_in_reward(given.rewards, given.kl, given.coefficient) if given.coefficient else given.rewards
    if how.estimator == "reinforce++":
        # Whitening over the whole batch is this estimator's baseline (Hu 2025), so it is not optional.
        return Advantages(whiten(discounted_returns(charged, mask, how.gamma), mask, how.unbiased))
    return Advantages(*critic_advantages(charged, given.values, mask, given.groups, given.tokens, how))


def _sole_advantages(given: StepRewards, part: StreamRewards, how: AdvantageSettings) -> tuple[Tensor, list[Tensor | None]]:
    """The only stream as the ordinary reward that it is."""
    values = torch.zeros_like(given.mask) if part.values is None else part.values
    found = step_advantages(replace(given, rewards=part.rewards, values=values, streams=None), how)
    return found.advantages, [found.returns]


def _group_baselines(given: StepRewards, estimator: str) -> Tensor:
    """The task's reward by the estimator, the KL by the mean of the others: normalised together, the coefficient would cancel in
    every group of equal rewards, where nothing but the KL varies, and the KL would weigh as much as a reward."""
    mask = given.mask
    penalties = kl_in_reward(torch.zeros_like(given.kl), masked(given.kl, mask), given.coefficient)
    task = baseline_advantages(masked(given.rewards, mask).sum(dim=1), given.groups, estimator)
    each = task + baseline_advantages(penalties.sum(dim=1), given.groups, "rloo")
    return masked(each.unsqueeze(1).expand_as(mask), mask)
