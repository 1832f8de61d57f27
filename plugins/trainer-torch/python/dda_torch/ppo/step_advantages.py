"""From the rewards of a step's tokens to the advantages that the policy loss takes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from .advantages import baseline_advantages, discounted_returns, gae, masked, whiten
from .group_centre import centre_advantages
from .kl import kl_in_reward
from .stream_advantages import StepStreams, StreamStep, sole_rewards, stream_advantages


@dataclass(frozen=True)
class AdvantageSettings:
    estimator: str
    gamma: float
    lam: float
    whiten: bool
    whiten_variance: str
    group_centre: str


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


def step_advantages(given: StepRewards, how: AdvantageSettings) -> tuple[Tensor, Tensor | None]:
    """Token advantages by the configured estimator; returns, computed before whitening (I5), with a critic only."""
    mask, unbiased = given.mask, how.whiten_variance == "unbiased"
    if given.streams is not None and how.estimator != "gae":
        step = StreamStep(mask, given.groups, given.kl, given.coefficient, how.estimator, how.gamma, unbiased)
        advantages = stream_advantages(step, given.streams)
        if advantages is not None:
            return advantages, None
        return step_advantages(replace(given, rewards=sole_rewards(mask, given.streams), streams=None), how)
    if how.estimator in ("grpo", "rloo"):
        return _group_baselines(given, how.estimator), None
    charged = kl_in_reward(given.rewards, given.kl, given.coefficient) if given.coefficient else given.rewards
    if how.estimator == "reinforce++":
        # Whitening over the whole batch is this estimator's baseline (Hu 2025), so it is not optional.
        return whiten(discounted_returns(charged, mask, how.gamma), mask, unbiased), None
    advantages, returns = gae(charged, given.values, mask, how.gamma, how.lam)
    advantages = centre_advantages(advantages, mask, given.groups, given.tokens, how.group_centre)
    return whiten(advantages, mask, unbiased) if how.whiten else advantages, returns


def _group_baselines(given: StepRewards, estimator: str) -> Tensor:
    """The task's reward by the estimator, the KL by the mean of the others: normalised together, the coefficient would cancel in
    every group of equal rewards, where nothing but the KL varies, and the KL would weigh as much as a reward."""
    mask = given.mask
    penalties = kl_in_reward(torch.zeros_like(given.kl), masked(given.kl, mask), given.coefficient)
    task = baseline_advantages(masked(given.rewards, mask).sum(dim=1), given.groups, estimator)
    each = task + baseline_advantages(penalties.sum(dim=1), given.groups, "rloo")
    return masked(each.unsqueeze(1).expand_as(mask), mask)
