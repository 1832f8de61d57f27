"""Which rows go through the network together."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass
class Budget:
    """What one pass may hold: padded tokens and, if set, rows. Halved for good where memory ran out."""

    tokens: int
    rows: int | None = None
    # Halved since the start.
    halvings: int = 0

    def halve(self, current_rows: int) -> bool:
        """False where a pass held a single row already: then nothing is left to be halved."""
        if current_rows <= 1:
            return False
        self.tokens = max(self.tokens // 2, 1)
        self.rows = max(min(self.rows or current_rows, current_rows) // 2, 1)
        self.halvings += 1
        return True


def micro_batches(indices: Sequence[int], lengths: Sequence[int], budget: Budget) -> list[list[int]]:
    """Rows of similar length side by side, so that rows * longest row stays within the budget and little is padding.
    A row that is longer than the budget goes alone. ``lengths`` are those of all rows, ``indices`` the ones wanted."""
    batches: list[list[int]] = []
    for index in sorted(indices, key=lambda i: (-lengths[i], i)):
        current = batches[-1] if batches else []
        fits = current and (len(current) + 1) * lengths[current[0]] <= budget.tokens
        if fits and (budget.rows is None or len(current) < budget.rows):
            current.append(index)
        else:
            batches.append([index])
    return batches


def mini_batches(order: Sequence[int], size: int) -> list[list[int]]:
    """Cuts the rows into mini-batches of nearly equal size: a small rest would be a step as large as the others from far
    less evidence."""
    count = max(1, round(len(order) / size))
    base, extra = divmod(len(order), count)
    cuts, start = [], 0
    for i in range(count):
        end = start + base + (1 if i < extra else 0)
        cuts.append(list(order[start:end]))
        start = end
    return [cut for cut in cuts if cut]
