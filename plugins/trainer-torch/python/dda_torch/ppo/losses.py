"""PPO's losses as weighted sums over tokens, so that how a batch is cut, padded or ordered changes nothing."""

from dataclasses import dataclass

import torch
from torch import Tensor

from .advantages import masked
from .kl import LOG_RATIO_LIMIT

AGGREGATIONS = ("token-mean", "token-sum", "seq-mean-token-sum", "seq-mean-token-mean", "seq-mean-token-sum-norm")


@dataclass(frozen=True)
class Counts:
    """Of a whole mini-batch, over all micro-batches and ranks: unmasked tokens, and rows that have any."""

    tokens: int
    sequences: int


def counts_of(mask: Tensor) -> Counts:
    lengths = (mask > 0).sum(dim=1)
    return Counts(int(lengths.sum()), int((lengths > 0).sum()))


def token_weights(mask: Tensor, aggregation: str, counts: Counts, horizon: int) -> Tensor:
    """Weight of every token in the mini-batch's loss, so that loss = sum of weight * token loss (verl's ``agg_loss``).

    ``token-mean`` 1 / tokens; ``token-sum`` 1; ``seq-mean-token-sum`` 1 / sequences; ``seq-mean-token-mean``
    1 / (sequences * tokens of its sequence); ``seq-mean-token-sum-norm`` 1 / (sequences * horizon), horizon being the
    most tokens that the policy may write (Dr. GRPO's constant), never the padded length.
    Rows without an unmasked token count nowhere, not even as a sequence.
    """
    bits = (mask > 0).to(mask.dtype if mask.is_floating_point() else torch.float64)
    tokens, sequences = max(counts.tokens, 1), max(counts.sequences, 1)
    if aggregation == "token-mean":
        return bits / tokens
    if aggregation == "token-sum":
        return bits
    if aggregation == "seq-mean-token-sum":
        return bits / sequences
    if aggregation == "seq-mean-token-mean":
        return bits / (sequences * bits.sum(dim=1, keepdim=True).clamp(min=1))
    if aggregation == "seq-mean-token-sum-norm":
        return bits / (sequences * horizon)
    raise ValueError(f"no loss aggregation is called {aggregation}")


@dataclass(frozen=True)
class PolicyTerms:
    """Token-wise results, 0 at masked cells. ``clipped`` and ``clipped_low`` are 1 where that bound decided."""

    loss: Tensor
    ratio: Tensor
    clipped: Tensor
    clipped_low: Tensor
    approx_kl: Tensor


def policy_terms(
    log_probs: Tensor,
    old: Tensor,
    advantages: Tensor,
    mask: Tensor,
    clip_low: float,
    clip_high: float,
    dual_clip: float | None,
) -> PolicyTerms:
    """Clipped surrogate (Schulman et al. 2017) with separate bounds (DAPO, 2025) and dual clip (Ye et al. 2020).

    The ratio may fall to 1 - clip_low and rise to 1 + clip_high; for negative advantages the loss is bounded by
    dual_clip * |A|. Log-ratios are clamped to +-20 before they are exponentiated, as in verl.
    """
    log_ratio = (masked(log_probs, mask) - masked(old, mask)).clamp(-LOG_RATIO_LIMIT, LOG_RATIO_LIMIT)
    ratio = log_ratio.exp()
    advantages = masked(advantages, mask)
    free = -advantages * ratio
    bounded = -advantages * ratio.clamp(1 - clip_low, 1 + clip_high)
    loss = torch.maximum(free, bounded)
    clipped_low = torch.zeros_like(loss)
    if dual_clip is not None:
        floor = -advantages * dual_clip
        negative = advantages < 0
        clipped_low = (negative & (loss > floor)).to(loss.dtype)
        loss = torch.where(negative, torch.minimum(loss, floor), loss)
    return PolicyTerms(
        loss=masked(loss, mask),
        ratio=masked(ratio, mask),
        clipped=masked((bounded > free).to(loss.dtype), mask),
        clipped_low=masked(clipped_low, mask),
        approx_kl=masked(-log_ratio, mask),
    )


def value_terms(
    values: Tensor, old: Tensor, returns: Tensor, mask: Tensor, clip: float | None
) -> tuple[Tensor, Tensor]:
    """Token-wise value loss, half the squared error, and where the clip decided.

    With ``clip`` the larger of the errors of the value and of the value kept within +-clip of the old one
    (Schulman et al. 2017, appendix; verl's ``compute_value_loss``).
    """
    values, old, returns = masked(values, mask), masked(old, mask), masked(returns, mask)
    free = (values - returns).square()
    if clip is None:
        return masked(free, mask) / 2, torch.zeros_like(free)
    # Exact within the range: `old + (values - old)` would be off by rounding and count as clipped.
    near = values.clamp(old - clip, old + clip)
    bounded = (near - returns).square()
    return masked(torch.maximum(free, bounded), mask) / 2, masked((bounded > free).to(free.dtype), mask)
