"""One supervised step: cross-entropy on demonstrated plans, a mean over all their tokens."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from ..model.batch import collate
from ..model.prompts import Prompt
from .learner import Hooks, Learner
from .metrics import Stats, finite
from .snapshot import rollback
from .update import accumulate, take_step


@dataclass(frozen=True)
class DemonstrationRow:
    prompt: Prompt
    # With the token that ends the turn.
    ids: list[int]


def imitate(learner: Learner, rows: Sequence[DemonstrationRow], hooks: Hooks) -> dict[str, float]:
    """Cross-entropy is taken at temperature 1; where it raises, the learner is as before."""
    tokens = sum(len(row.ids) for row in rows)
    stats = Stats()

    def run(indices: Sequence[int], counted: bool) -> None:
        chosen = [rows[i] for i in indices]
        batch = collate(learner.policy.base, [r.prompt for r in chosen], [r.ids for r in chosen], learner.pad, learner.device)
        scores = learner.policy(batch, learner.per_token(batch, [1.0] * len(chosen)), want_values=False)
        loss = -scores.log_probs.sum() / tokens * float(counted)
        (loss * learner.parallel.loss_scale).backward()
        stats.add({"loss": float(loss.detach()), "entropy": float(scores.entropy.detach().sum()) / tokens * float(counted)})

    with rollback(learner):
        learner.enter("imitate")
        accumulate(learner, range(len(rows)), [len(r.prompt) + len(r.ids) for r in rows], run, stats, hooks)
        stats.replace_open(learner.parallel.sum(stats.open))
        done = stats.end_mini_batch()
        rate, norms = take_step(learner, imitation=True)
        learner.counters.imitations += 1
        hooks.progress(1, 1)
        perplexity = float(torch.tensor(done["loss"], dtype=torch.float64).exp())
        return finite(
            {
                "imitation/loss": done["loss"],
                "imitation/perplexity": perplexity,
                "imitation/entropy": done["entropy"],
                "gradient/norm": norms.get("policy", 0.0),
                "learning-rate": rate,
                "demonstrations": len(rows),
                "tokens": tokens,
            }
        )
