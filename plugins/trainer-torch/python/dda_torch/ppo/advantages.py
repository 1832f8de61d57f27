"""Advantages from token rewards. All tensors are [rows, columns]; a mask is 1 where the policy chose the token.

What stands at masked cells never matters, NaN included.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from ..errors import TrainerError

# Keeps a constant batch finite; verl's and TRL's masked_whiten use the same value.
WHITEN_EPSILON = 1e-8
# Added to the standard deviation of a group, as in verl's compute_grpo_outcome_advantage.
GROUP_EPSILON = 1e-6


def masked(values: Tensor, mask: Tensor) -> Tensor:
    """The values, with 0 at masked cells."""
    return torch.where(mask > 0, values, torch.zeros_like(values))


def gae(rewards: Tensor, values: Tensor, mask: Tensor, gamma: float, lam: float) -> tuple[Tensor, Tensor]:
    """Generalised advantage estimation (Schulman et al. 2016) over the unmasked tokens of each row.

    Masked tokens are skipped and the state is carried over them, as in verl's ``compute_gae_advantage_return``: the
    next value of a token is that of the next *unmasked* one; behind the last there is none (0).
    Returns raw advantages and returns = advantages + values, both 0 at masked cells.
    """
    rewards, values = masked(rewards, mask), masked(values, mask)
    advantages = torch.zeros_like(values)
    following = torch.zeros_like(values[:, 0])
    carried = torch.zeros_like(following)
    for t in range(values.shape[1] - 1, -1, -1):
        here = mask[:, t] > 0
        delta = rewards[:, t] + gamma * following - values[:, t]
        estimate = delta + gamma * lam * carried
        carried = torch.where(here, estimate, carried)
        following = torch.where(here, values[:, t], following)
        advantages[:, t] = torch.where(here, estimate, torch.zeros_like(estimate))
    return advantages, masked(advantages + values, mask)


def discounted_returns(rewards: Tensor, mask: Tensor, gamma: float) -> Tensor:
    """Reward to go of each unmasked token: GAE with lambda 1 and no values."""
    return gae(rewards, torch.zeros_like(rewards), mask, gamma, 1.0)[0]


def whiten(values: Tensor, mask: Tensor, unbiased: bool = True, shift_mean: bool = True) -> Tensor:
    """Scales the unmasked values to variance 1 and, with ``shift_mean``, to mean 0; masked cells become 0.

    The variance divides by N - 1 (``unbiased``, the default: verl, TRL) or by N (OpenRLHF).
    Raises ``DDA_WHITEN_MASK`` for fewer than two unmasked values, which have no spread.
    """
    count = int((mask > 0).sum())
    if count < 2:
        raise TrainerError("DDA_WHITEN_MASK", {"count": count, "s": "" if count == 1 else "s"})
    clean = masked(values, mask)
    mean = clean.sum() / count
    variance = masked((clean - mean) ** 2, mask).sum() / (count - 1 if unbiased else count)
    scaled = (clean - mean) * torch.rsqrt(variance + WHITEN_EPSILON)
    return masked(scaled if shift_mean else scaled + mean, mask)


def group_advantages(rewards: Tensor, estimator: str) -> Tensor:
    """Advantages of one group's rollouts from their rewards [n] alone.

    ``grpo`` (Shao et al. 2024): (r - mean) / (sample standard deviation + 1e-6). ``rloo`` (Ahmadian et al. 2024):
    r - mean of the others. A group of one, and equal rewards, get 0.
    """
    n = rewards.shape[0]
    # Rounding of the mean must not make noise that the division by 1e-6 blows up.
    if n < 2 or bool((rewards == rewards[0]).all()):
        return torch.zeros_like(rewards)
    centred = rewards - rewards.mean()
    if estimator == "grpo":
        return centred / (rewards.std(correction=1) + GROUP_EPSILON)
    if estimator == "rloo":
        return centred * (n / (n - 1))
    raise ValueError(f"no group baseline is called {estimator}")


def baseline_advantages(scores: Tensor, groups: Sequence[str], estimator: str) -> Tensor:
    """:func:`group_advantages` of every group of a batch; scores [rows], one group a row."""
    result = torch.zeros_like(scores)
    for members in rows_by_group(groups):
        result[members] = group_advantages(scores[members], estimator)
    return result


def rows_by_group(groups: Sequence[str]) -> list[list[int]]:
    members: dict[str, list[int]] = {}
    for row, group in enumerate(groups):
        members.setdefault(group, []).append(row)
    return list(members.values())


def explained_variance(values: Tensor, returns: Tensor, mask: Tensor | None = None) -> float | None:
    """1 - Var(returns - values) / Var(returns), population variances; None where the returns do not vary."""
    if mask is not None:
        values, returns = values[mask > 0], returns[mask > 0]
    if returns.numel() == 0:
        return None
    total = returns.var(correction=0)
    if float(total) == 0:
        return None
    return float(1 - (returns - values).var(correction=0) / total)
