"""Everything that the epochs of a step need and that does not change during them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..model.prompts import Prompt
from ..ppo.advantages import masked
from ..ppo.importance import importance_weights
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
    names: list[str]
    # One a stream.
    weights: list[float]
    # Index of each stream's value head; empty without a critic.
    heads: list[int]


@dataclass(frozen=True)
class RowScores:
    log_probs: list[float]
    entropies: list[float]
    # One number a token, or one a value head where there are several.
    values: list[Any] | None


@dataclass(frozen=True)
class CriticTable:
    """What a value head said and should have said."""

    values: Tensor
    returns: Tensor
    # 1 for tokens of plans that were asked for what it values.
    mask: Tensor
    # None where it values the whole reward.
    stream: str | None = None


@dataclass(frozen=True)
class StepTables:
    """Per token [rows, columns], on the CPU in float64, 0 behind the end of a plan."""

    mask: Tensor
    # Log-probs in the denominator of the ratio.
    old: Tensor
    reference: Tensor
    advantages: Tensor
    # By value head; None for one that learns nothing in this step. Empty where there is no critic.
    critics: list[CriticTable | None]
    # Estimates of the KL to the reference; zeros where it is off.
    kl: Tensor
    # What each token counts by, in the advantages already; None where it is not told from another policy.
    importance: Tensor | None


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
    sampled = spread([row.log_probs for row in rows])
    old = sampled
    critic = settings.has_critic
    recorded = all(row.values is not None for row in rows)
    heads = [] if streams is None else streams.heads
    # A trace holds the value of one head; those of streams are the critic's as it stands.
    recorded = recorded and not heads
    values = [spread([row.values or [] for row in rows]) if critic and recorded else torch.zeros_like(mask)]
    if settings.old_log_probs == "recompute" or critic and not recorded:
        scored = score("policy")
        if settings.old_log_probs == "recompute":
            old = spread([each.log_probs for each in scored])
        if critic:
            values = [
                spread([[value if len(settings.value_streams) <= 1 else value[head] for value in each.values or []] for each in scored])
                for head in range(max(1, len(settings.value_streams)))
            ]
    reference = old if settings.kl.place == "off" else spread([each.log_probs for each in score("reference")])
    kl = masked(kl_values(old, reference, settings.kl.estimator), mask)
    given = StepRewards(
        rewards=spread([row.rewards for row in rows]),
        kl=kl,
        coefficient=coefficient if settings.kl.place == "reward" else 0.0,
        values=values[0],
        mask=mask,
        groups=[row.group for row in rows],
        tokens=[row.ids for row in rows],
        streams=None if streams is None else StepStreams(
            streams.mode,
            [
                StreamRewards(
                    weight,
                    spread([row.streams[i] or [] for row in rows]),
                    [row.streams[i] is not None for row in rows],
                    values[heads[i]] if heads else None,
                )
                for i, weight in enumerate(streams.weights)
            ],
        ),
    )
    found = step_advantages(given, settings.advantages)
    critics: list[CriticTable | None] = [] if found.returns is None else [CriticTable(values[0], found.returns, mask)]
    if found.stream_returns is not None and given.streams is not None and streams is not None:
        critics = [None] * len(values)
        for i, (part, target) in enumerate(zip(given.streams.parts, found.stream_returns, strict=True)):
            if target is not None:
                asked = torch.tensor(part.asked, dtype=mask.dtype).unsqueeze(1)
                critics[heads[i]] = CriticTable(values[heads[i]], target, mask * asked, streams.names[i])
    advantages, importance = found.advantages, None
    if settings.old_log_probs == "recompute" and settings.importance_cap is not None:
        importance = importance_weights(old, sampled, settings.importance_cap)
        advantages = masked(advantages * importance, mask)
    return StepTables(mask, old, reference, advantages, critics, kl, importance)
