"""Passes through the network within what memory holds."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import torch

from ..alarm import raise_alarm
from ..errors import TrainerError
from .packing import micro_batches

if TYPE_CHECKING:
    from .learner import Hooks, Learner


def in_passes(
    learner: "Learner",
    chosen: Sequence[int],
    lengths: Sequence[int],
    run: Callable[[Sequence[int], bool], None],
    again: Callable[[], None],
    hooks: "Hooks",
) -> None:
    """Calls ``run(rows, counted)`` for this rank's micro-batches of the chosen rows. Where memory runs out, ``again`` drops
    what was done and all of it starts anew with micro-batches of half the size. Raises ``DDA_CUDA_MEMORY`` where not even
    one row fits."""
    while True:
        batches = micro_batches(chosen, lengths, learner.budget)
        failed: str | None = None
        for indices, counts in learner.parallel.share(batches):
            learner.parallel.check(hooks.check)
            if failed is not None or not counts and not learner.parallel.sharded:
                continue
            try:
                run(indices, counts)
            except torch.OutOfMemoryError as error:
                if learner.parallel.sharded:
                    # The other ranks wait inside the network for this one's part of the weights.
                    why = str(error).split("\n")[0]
                    raise_alarm(
                        "DDA_CUDA_MEMORY/shared",
                        {"rank": learner.parallel.rank + 1, "world": learner.parallel.world, "why": why},
                    )
                # The text alone: the error's frames would keep the tensors of the pass alive.
                failed = str(error).split("\n")[0]
        if not learner.parallel.any(failed is not None):
            return
        again()
        if learner.device.type == "cuda":
            torch.cuda.empty_cache()
        if not learner.budget.halve(max(len(batch) for batch in batches)):
            raise TrainerError(
                "DDA_CUDA_MEMORY/pass",
                {"count": max(lengths[i] for i in chosen), "why": failed},
                stage="update",
            )
        hooks.warn(f"out of memory: the micro-batch is now {learner.budget.tokens} tokens, at most {learner.budget.rows} plans")
