"""Reward functions for TRL's ``GRPOTrainer``.

    from dda_reward.trl import reward_functions

    trainer = GRPOTrainer(model, reward_functions(["cognitive", "visual", "format"]), ...)

One function for each stream of the reward, so that ``multi_objective_aggregation="normalize_then_sum"`` (GDPO) normalises each on its own;
they share one request a completion. With the streams' sum alone, :func:`total_reward` is enough.

The data set needs a column ``sample_id`` (``dda export --to trl`` writes it). A masked completion is ``None`` in every function: TRL
leaves it out of the group's mean and deviation and sets its advantage to 0. Its tokens still count in the denominator of the loss, and a
KL term (``beta`` > 0) still applies to them.

A service that cannot be asked raises, and ends the training: as ``None`` it would train on nothing without anybody's knowing.
"""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from typing import Protocol

from dda_reward.client import RewardClient, default_client
from dda_reward.completion_text import completion_text
from dda_reward.score import Score

#: Column of the data set with the id of the sample.
SAMPLE_COLUMN = "sample_id"
#: Batches of which some function has not taken its part yet. More than one only where a trainer leaves functions out.
_KEPT_BATCHES = 4


class RewardFunction(Protocol):
    """As TRL calls one; what it is called is what TRL logs it as."""

    __name__: str

    def __call__(
        self, prompts: Sequence[object], completions: Sequence[object], **columns: object
    ) -> Awaitable[list[float | None]]: ...


def total_reward(client: RewardClient | None = None, *, sample_column: str = SAMPLE_COLUMN) -> RewardFunction:
    """One function: the whole reward."""
    return _function("reward", lambda score: score.reward, _SharedBatches(client, 1, sample_column))


def reward_functions(
    streams: Sequence[str], client: RewardClient | None = None, *, sample_column: str = SAMPLE_COLUMN
) -> list[RewardFunction]:
    """One function for each stream, in order. Their values are the streams' weighted shares: with ``reward_weights`` of 1 they add up to
    the reward.

    A stream that a completion was not asked for is ``None`` in its function and counts in the others. A stream that the service does
    not know of raises ``KeyError`` at the first scored completion.

    :param streams: names as the reward of the project gives them, for ``reward-dual-atomic`` ``cognitive``, ``visual`` and ``format``
    """
    if len(streams) == 0 or len(set(streams)) != len(streams):
        raise ValueError(f"streams are named once each, and there is at least one: {list(streams)}")
    shared = _SharedBatches(client, len(streams), sample_column)
    names = frozenset(streams)
    return [_function(stream, _share(stream, names), shared) for stream in streams]


def _share(stream: str, known: frozenset[str]) -> Callable[[Score], float | None]:
    def share(score: Score) -> float | None:
        if score.masked:
            return None
        unknown = set(score.streams) - known
        if unknown:
            # Left out, its share of the reward would be lost without a word.
            raise KeyError(f"the reward has streams that no function was made for: {sorted(unknown)}")
        return score.streams.get(stream)

    return share


def _function(name: str, value: Callable[[Score], float | None], shared: _SharedBatches) -> RewardFunction:
    async def reward(
        prompts: Sequence[object], completions: Sequence[object], **columns: object
    ) -> list[float | None]:
        scores = await asyncio.gather(*map(asyncio.wrap_future, shared.take(completions, columns)))
        return [value(score) for score in scores]

    reward.__name__ = reward.__qualname__ = name
    return reward


class _SharedBatches:
    """The requests of a batch, made once and given to each of so many functions."""

    def __init__(self, client: RewardClient | None, functions: int, column: str) -> None:
        self._client = client
        self._functions = functions
        self._column = column
        self._lock = threading.Lock()
        self._open: OrderedDict[tuple[tuple[str, str], ...], tuple[list[Future[Score]], list[int]]] = OrderedDict()

    def take(self, completions: Sequence[object], columns: dict[str, object]) -> list[Future[Score]]:
        samples = columns.get(self._column)
        if not isinstance(samples, Sequence) or isinstance(samples, str) or len(samples) != len(completions):
            raise KeyError(f"the data set has no column {self._column!r}; `dda export --to trl` writes it")
        rows = tuple((completion_text(one), str(sample)) for one, sample in zip(completions, samples, strict=True))
        with self._lock:
            known = self._open.get(rows)
            if known is None:
                client = self._client or default_client()
                # A group may hold the same text twice: the service, which buys nothing twice, has each on its record.
                step = _step(columns)
                known = ([client.submit(*row, step=step) for row in rows], [self._functions])
                self._open[rows] = known
                while len(self._open) > _KEPT_BATCHES:
                    self._open.popitem(last=False)
            found, left = known
            left[0] -= 1
            if left[0] == 0:
                self._open.pop(rows, None)
            return found


def _step(columns: dict[str, object]) -> int | None:
    """The step under way, from 1, as TRL's ``trainer_state`` tells it."""
    done = getattr(columns.get("trainer_state"), "global_step", None)
    return done + 1 if isinstance(done, int) else None
