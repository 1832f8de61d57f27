"""Holds the first on-policy plans of a process to a ratio of 1."""

import math
from collections.abc import Sequence

import torch

from ..errors import TrainerError
from .learner import Hooks, Learner
from .tables import UpdateRow

# Mean distance in nats of the log-probs of a token, sampled and scored, that passes as rounding. In float32 a token is off
# by about 1e-6; in bfloat16, or written by another engine, by 0.01 to 0.03; at 0.7 instead of 1 by 0.3.
EXACT, ROUNDED = 0.01, 0.1


def check_traces(learner: Learner, rows: Sequence[UpdateRow], hooks: Hooks) -> None:
    """What the policy says of its plans now is what it said when it wrote them; asked at the first update of a process that
    has plans of the policy as it is. Raises ``DDA_TRAINER_RATIO``."""
    fresh = [row for row in rows if row.age == 0]
    if learner.traces_checked or not fresh:
        return
    scored = learner.score([(row.prompt, row.ids) for row in fresh], "policy", [row.temperature for row in fresh], hooks)
    distances = [abs(now - then) for row, each in zip(fresh, scored) for now, then in zip(each.log_probs, row.log_probs)]
    mean = sum(distances) / len(distances)
    exact = learner.policy.base.dtype == torch.float32 and learner.settings.rollout.engine == "native"
    if mean > (EXACT if exact else ROUNDED) or math.isnan(mean):
        raise TrainerError(
            "DDA_TRAINER_RATIO/torch",
            {"distance": f"{mean:.2g}", "ratio": f"{math.exp(min(max(distances), 700)):.3g}"},
            stage="update",
        )
    learner.traces_checked = True
