"""Everything that the epochs of a step need and that does not change during them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..model.prompts import Prompt
from ..ppo.advantages import masked
from ..ppo.kl import kl_values
from ..ppo.step_advantages import StepRewards, step_advantages
from ..ppo.stream_advantages import StepStreams, StreamRewards
from ..settings import Settings


@dataclass(frozen=True)
class UpdateRow:
    """A scored plan; lists have one entry a token."""

    prompt: Prompt
    ids: list[int]
    # At sampling time.
    log_probs: list[float]
    values: list[float] | None
    rewards: list[float]
    group: str
    # That the plan was sampled at; greedy plans (0) have the log-probs of temperature 1.
    temperature: float = 1.0
    # Updates that the policy has made since.
    age: int = 0
    # The parts of the rewards, stream by stream; None in those that it was not asked for.
    streams: Sequence[list[float] | None] = ()

    @property
    def length(self) -> int:
        return len(self.prompt) + len(self.ids)


@dataclass(frozen=True)
class UpdateStreams:
    """How the streams of an update's rewards are combined."""

    mode: str
    # One a stream.
    weights: list[float]


@dataclass(frozen=True)
class RowScores:
    log_probs: list[float]
    entropies: list[float]
    values: list[float] | None


@dataclass(frozen=True)
class StepTables:
    """Per token [rows, columns], on the CPU in float64, 0 behind the end of a plan."""

    mask: Tensor
    # Log-probs in the denominator of the ratio.
    old: Tensor
    reference: Tensor
    values: Tensor
    advantages: Tensor
    # None where there is no critic.
    returns: Tensor | None
    # Estimates of the KL to the reference; zeros where it is off.
    kl: Tensor


def step_tables(
    rows: Sequence[UpdateRow],
    settings: Settings,
    coefficient: float,
    streams: UpdateStreams | None,
    score: Callable[[str], Sequence[RowScores]],
) -> StepTables:
    """Rewards less the KL to the reference policy, and from them the advantages. ``score`` evaluates the rows under
    ``policy`` or ``reference``; ``coefficient`` is that of the KL."""
    columns = max(len(row.ids) for row in rows)

    def spread(lists: Sequence[Sequence[float]]) -> Tensor:
        table = torch.zeros(len(rows), columns, dtype=torch.float64)
        for row, values in enumerate(lists):
            table[row, : len(values)] = torch.tensor(values, dtype=torch.float64)
        return table

    mask = spread([[1.0] * len(row.ids) for row in rows])
    old = spread([row.log_probs for row in rows])
    critic = settings.has_critic
    recorded = all(row.values is not None for row in rows)
    values = spread([row.values or [] for row in rows]) if critic and recorded else torch.zeros_like(mask)
    if settings.old_log_probs == "recompute" or critic and not recorded:
        scored = score("policy")
        if settings.old_log_probs == "recompute":
            old = spread([each.log_probs for each in scored])
        if critic:
            values = spread([each.values or [] for each in scored])
    reference = old if settings.kl.place == "off" else spread([each.log_probs for each in score("reference")])
    kl = masked(kl_values(old, reference, settings.kl.estimator), mask)
    given = StepRewards(
        rewards=spread([row.rewards for row in rows]),
        kl=kl,
        coefficient=coefficient if settings.kl.place == "reward" else 0.0,
        values=values,
        mask=mask,
        groups=[row.group for row in rows],
        tokens=[row.ids for row in rows],
        streams=None if streams is None else StepStreams(
            streams.mode,
            [
                StreamRewards(weight, spread([row.streams[i] or [] for row in rows]), [row.streams[i] is not None for row in rows])
                for i, weight in enumerate(streams.weights)
            ],
        ),
    )
    advantages, returns = step_advantages(given, settings.advantages)
    return StepTables(mask, old, reference, values, advantages, returns, kl)
