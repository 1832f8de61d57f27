"""The reward of `dda serve` for trainers that somebody else wrote.

A trainer asks for the reward of what its policy wrote; the service reads the plan, has the Editor carry it out and the judges answer,
and tells the reward or that there is none. Nothing is parsed or scored here.

- TRL: :mod:`dda_reward.trl`
- verl: :mod:`dda_reward.verl`, :mod:`dda_reward.verl_agent_loop`
- EasyR1: :mod:`dda_reward.easyr1`
- anything else: :class:`RewardClient`
"""

from dda_reward.client import RewardClient, default_client
from dda_reward.errors import MaskedRolloutError, RewardServiceError
from dda_reward.score import Failure, Item, Score
from dda_reward.settings import Settings

__all__ = [
    "Failure",
    "Item",
    "MaskedRolloutError",
    "RewardClient",
    "RewardServiceError",
    "Score",
    "Settings",
    "default_client",
]
