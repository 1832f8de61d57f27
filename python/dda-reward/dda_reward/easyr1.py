"""The reward function of EasyR1: ``worker.reward.reward_function=<path of this file>:compute_score``.

    python -m dda_reward.easyr1     # prints the path

``data.answer_key`` names a column with the id of the sample. EasyR1 calls it once a batch and waits; here the batch is asked for side by side.
It has no way to leave a rollout out: a masked one raises :class:`~dda_reward.MaskedRolloutError`, and the run ends. Its checkpoint goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

# By their full names: EasyR1 loads this file by its path, without its package.
from dda_reward.client import default_client
from dda_reward.score import Score

REWARD_NAME = "dda"
REWARD_TYPE = "batch"


def compute_score(reward_inputs: Sequence[Mapping[str, object]], **_unused: object) -> list[dict[str, float]]:
    """As EasyR1 calls it: ``overall`` is the reward, the streams' shares are logged as ``reward/<stream>``.

    :raises MaskedRolloutError: where one of them has no reward; the others have been asked for by then and are cached
    :raises RewardServiceError: where the service could not be asked
    """
    texts = [str(row["response"]) for row in reward_inputs]
    samples = [str(row["ground_truth"]) for row in reward_inputs]
    scores = default_client().score_all(texts, samples)
    return [_as_easyr1(score, sample) for score, sample in zip(scores, samples, strict=True)]


def _as_easyr1(score: Score, sample: str) -> dict[str, float]:
    reward = score.number(sample)
    if "overall" in score.streams:
        raise ValueError("a stream may not be called overall: EasyR1 takes that for the reward")
    return {"overall": reward, **score.streams}


if __name__ == "__main__":
    print(__file__)
