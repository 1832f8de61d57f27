"""GAE, centred in the group and whitened where so set."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from .advantages import gae, whiten
from .group_centre import centre_advantages


@dataclass(frozen=True)
class AdvantageSettings:
    estimator: str
    gamma: float
    lam: float
    whiten: bool
    whiten_variance: str
    group_centre: str

    @property
    def unbiased(self) -> bool:
        return self.whiten_variance == "unbiased"


def critic_advantages(
    rewards: Tensor, values: Tensor, mask: Tensor, groups: Sequence[str], tokens: Sequence[Sequence[int]], how: AdvantageSettings
) -> tuple[Tensor, Tensor]:
    """Advantages and returns, those of before centring and whitening; all [rows, columns]."""
    advantages, returns = gae(rewards, values, mask, how.gamma, how.lam)
    advantages = centre_advantages(advantages, mask, groups, tokens, how.group_centre)
    return whiten(advantages, mask, how.unbiased) if how.whiten else advantages, returns
