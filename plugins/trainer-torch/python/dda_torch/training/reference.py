"""The policy that KL is measured against: that of the moment where reinforcement began."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from ..model.policy import Policy
from ..parallel import Parallel, assign, full


class Reference:
    """At first the model as it was opened: with adapters switched off, or a frozen copy. Reinforcement that begins after
    imitation makes the weights of that moment the reference (Ouyang et al. 2022, section 3.5: the SFT model).

    ``network``: the frozen copy where all weights are trained and KL is charged. ``reopened`` gives the model once more, with
    contents on rank 0 where ranks share it.
    """

    def __init__(self, policy: Policy, network: Policy | None, reopened: Callable[[], Policy], parallel: Parallel):
        self._parallel = parallel
        self.policy = policy
        self.network = network
        self._reopened = reopened
        # What differs from the model as it was opened: names in the policy and, where no network holds them, whole tensors.
        self._names: tuple[str, ...] | None = None
        self._kept: dict[str, Tensor] = {}

    @property
    def weights(self) -> dict[str, Tensor] | None:
        """Whole tensors by name in the policy, of a shared network on rank 0 alone; None: the reference is the model as it was opened.
        All ranks must ask for it."""
        if self._names is None or self.network is None:
            return None if self._names is None else self._kept
        own = dict(self.network.named_parameters())
        return self._parallel.collect({name: own[name] for name in self._names})

    @torch.no_grad()
    def become(self, weights: dict[str, Tensor] | None) -> None:
        """Takes over what is trained of a policy, whole or in parts, or with None goes back to the model as it was opened."""
        if self.network is None:
            self._kept = {name: full(value).cpu().clone() for name, value in (weights or {}).items()}
        elif weights is not None or self._names is not None:
            own = dict(self.network.named_parameters())
            source = dict(self._reopened().named_parameters()) if weights is None else weights
            for name, value in source.items():
                assign(own[name], full(value))
        self._names = None if weights is None else tuple(sorted(weights))

    @contextmanager
    def scoring(self) -> Iterator[Policy]:
        """The reference as a policy, for passes without gradients. All ranks must use it together."""
        if self.network is not None:
            yield self.network
        elif self._names is None:
            with self.policy.without_adapters():
                yield self.policy
        else:
            with self._swapped(self._kept):
                yield self.policy

    @contextmanager
    def _swapped(self, weights: dict[str, Tensor]) -> Iterator[None]:
        own: dict[str, nn.Parameter] = dict(self.policy.named_parameters())
        kept = {name: own[name].detach().clone() for name in weights}
        try:
            for name, value in weights.items():
                assign(own[name], value)
            yield
        finally:
            with torch.no_grad():
                for name, value in kept.items():
                    own[name].copy_(value)


def trained_policy(parameters: dict[str, nn.Parameter]) -> dict[str, Tensor]:
    """What is trained of the policy, the critic left out."""
    return {name: parameter for name, parameter in parameters.items() if not name.startswith("critic.")}
