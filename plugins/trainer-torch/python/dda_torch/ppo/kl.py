"""KL to the reference policy: estimators, the penalty in the reward, and the coefficient's controller."""

from dataclasses import dataclass

import torch
from torch import Tensor

# Bound of log-ratios before they are exponentiated, as in verl.
LOG_RATIO_LIMIT = 20.0
# Bound of a token's k3, as in verl's kl_penalty: one odd token must not outweigh a batch.
K3_LIMIT = 10.0
# Errors beyond this fraction of the target count as this much.
ERROR_LIMIT = 0.2

ESTIMATORS = ("k1", "abs", "k2", "k3", "k3+")


def kl_values(log_probs: Tensor, reference: Tensor, estimator: str) -> Tensor:
    """Token-wise estimates of KL(policy || reference) from log-probabilities of sampled tokens, in nats.

    Schulman, "Approximating KL divergence" (2020), with d = reference - policy: k1 = -d, abs = |d|, k2 = d^2 / 2,
    k3 = e^d - d - 1. ``k3+`` has the value of k3 and the gradient of k2, as in verl.
    """
    delta = reference - log_probs
    if estimator == "k1":
        return -delta
    if estimator == "abs":
        return delta.abs()
    if estimator == "k2":
        return delta.square() / 2
    if estimator == "k3":
        bounded = delta.clamp(-LOG_RATIO_LIMIT, LOG_RATIO_LIMIT)
        return (torch.expm1(bounded) - bounded).clamp(-K3_LIMIT, K3_LIMIT)
    if estimator == "k3+":
        slope = delta.square() / 2
        return kl_values(log_probs, reference, "k3").detach() + slope - slope.detach()
    raise ValueError(f"no KL estimator is called {estimator}")


def kl_in_reward(scores: Tensor, kl: Tensor, coefficient: float) -> Tensor:
    """Scores with the KL penalty taken off token by token (Stiennon et al. 2020): they sum to score - b * sum of kl."""
    return scores - coefficient * kl


@dataclass
class KlController:
    """The KL coefficient: fixed (no target), or steered towards a target (Ziegler et al. 2019, section 2.2).

    ``target`` is a KL in nats in the unit that is observed; ``horizon`` are rollouts.
    """

    coefficient: float
    target: float | None = None
    horizon: float = 10_000

    def observe(self, kl: float, rollouts: int) -> None:
        """Takes the KL that a step of so many rollouts showed; call it once a step."""
        if self.target is None:
            return
        error = min(max(kl / self.target - 1, -ERROR_LIMIT), ERROR_LIMIT)
        self.coefficient *= 1 + error * rollouts / self.horizon
