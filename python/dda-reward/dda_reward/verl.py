"""``compute_score`` for verl (0.9): this module goes into its configuration.

    reward.custom_reward_function.path=pkg://dda_reward.verl      # or the path of this file, which python -m dda_reward.verl prints
    reward.custom_reward_function.name=compute_score

``dda export --to verl`` writes data whose ``extra_info.dda_sample`` is the id of the sample; without it, ``ground_truth`` is.

The result has ``score``, the reward, and numbers that verl keeps as extras: the share of each stream under its name, ``items_passed``,
``items_asked`` and ``gated``. verl takes the names from the first row of a batch and wants them of every other, so they are the same for
all: a stream that a row was not asked for is NaN there. ``algorithm.gdpo_reward_keys`` names streams for GDPO, with
``trainer.use_v1=false`` alone: the V1 trainer of verl 0.9 does not hand them to its estimator, and ends at the first update.

**A masked rollout raises** :class:`~dda_reward.MaskedRolloutError`; a number is never made up. What verl then does:

- V1 trainer, ``trainer_mode: sync`` (default): the prompt's group is marked failed, its other members are still trained on; what is missing
  is padded. ``trainer.v1.sampler.sync_refill_failed_groups=true`` draws another prompt only where a group has no member left.
- V1 asynchronous modes: the whole group is thrown away and another prompt drawn, healthy members included. Take
  :mod:`dda_reward.verl_agent_loop` there.
- ``trainer.use_v1=false`` and validation through the reward loop: the exception ends the run.

Do not set ``reward.reward_manager.name=rate_limited``: it makes 0.0 of every exception.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

# By their full names: verl loads this file by its path, without its package.
from dda_reward.client import Sample, default_client
from dda_reward.score import Score

#: Field of ``extra_info`` with the id of the sample.
SAMPLE_FIELD = "dda_sample"
_TAKEN = frozenset({"score", "reward", "acc", "items_passed", "items_asked", "gated"})


async def compute_score(
    data_source: str,
    solution_str: str,
    ground_truth: object,
    extra_info: Mapping[str, object] | None = None,
    streams: Sequence[str] | None = None,
    **_unused: object,
) -> dict[str, float]:
    """As verl calls it.

    :param streams: names of the reward's streams, by ``+reward.custom_reward_function.reward_kwargs.streams=[...]``. Default: those that the
        service names, which are the same for every completion unless groups are divided among the streams.
    :raises MaskedRolloutError: where there is no reward
    :raises RewardServiceError: where the service could not be asked
    """
    sample = sample_of(ground_truth, extra_info)
    score = await default_client().ascore(solution_str, sample)
    return as_verl(score, sample if isinstance(sample, str) else str(sample.get("id", "")), streams)


def sample_of(ground_truth: object, extra_info: Mapping[str, object] | None) -> Sample:
    """Id of the sample of a row of the data."""
    named = (extra_info or {}).get(SAMPLE_FIELD, ground_truth)
    if isinstance(named, (str, Mapping)) and named:
        return named
    raise KeyError(f"extra_info has no {SAMPLE_FIELD!r}, and ground_truth is no id; `dda export --to verl` writes both")


def as_verl(score: Score, sample: str, streams: Sequence[str] | None = None) -> dict[str, float]:
    """The score as verl takes it. Raises :class:`~dda_reward.MaskedRolloutError` where there is none."""
    reward = score.number(sample)
    names = list(score.streams) if streams is None else list(streams)
    taken = sorted(_TAKEN.intersection(names))
    if taken:
        raise ValueError(f"streams may not be called {', '.join(taken)}: verl or this function gives those names a meaning")
    astray = sorted(set(score.streams) - set(names))
    if astray:
        raise KeyError(f"the reward has streams that reward_kwargs.streams does not name: {', '.join(astray)}")
    return {
        "score": reward,
        **{name: score.streams.get(name, float("nan")) for name in names},
        "items_passed": float(sum(item.passed for item in score.items)),
        "items_asked": float(len(score.items)),
        "gated": float(score.status == "gated"),
    }


if __name__ == "__main__":
    print(__file__)
