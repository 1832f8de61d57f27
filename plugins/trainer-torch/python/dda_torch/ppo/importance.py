"""Truncated importance sampling."""

from torch import Tensor

from .kl import LOG_RATIO_LIMIT


def importance_weights(recomputed: Tensor, sampled: Tensor, cap: float) -> Tensor:
    """The weight of each token that was sampled from another policy than the one its ratio starts from (Ionides 2008; in verl
    and TRL against the mismatch of engines): recomputed over sampled probability, at most ``cap``. Staleness and an engine that
    rounds otherwise are both told by it."""
    return (recomputed - sampled).clamp(-LOG_RATIO_LIMIT, LOG_RATIO_LIMIT).exp().clamp(max=cap)
