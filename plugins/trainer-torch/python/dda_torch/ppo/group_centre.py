"""Advantages less the mean of others of their group: a control variate on top of the critic."""

from collections.abc import Sequence

import torch
from torch import Tensor

from .advantages import masked, rows_by_group


def centre_advantages(
    advantages: Tensor, mask: Tensor, groups: Sequence[str], tokens: Sequence[Sequence[int]], by: str
) -> Tensor:
    """Subtracts from each advantage [rows, columns] the mean of others of its group. Leave-one-out (Kool et al. 2019), because
    a mean with the token's own plan in it takes a part of the gradient away, and the larger part the rarer a branch is.

    ``off``: nothing. ``plan``: less the mean over all tokens of the group's other plans. ``prefix``: less the mean, over the other
    plans that share the longest beginning with this one, of the advantage that they have where they left it. A plan
    that is alone in its group keeps its advantages.
    """
    if by == "off":
        return advantages
    result = masked(advantages, mask)
    for members in rows_by_group(groups):
        if len(members) < 2:
            continue
        part, bits = masked(advantages[members], mask[members]), mask[members] > 0
        means = _plans(part, bits) if by == "plan" else _prefixes(part, bits, [tokens[row] for row in members])
        result[members] = masked(part - means, mask[members])
    return result


def _plans(advantages: Tensor, bits: Tensor) -> Tensor:
    sums, counts = advantages.sum(dim=1), bits.sum(dim=1)
    others, total = counts.sum() - counts, sums.sum() - sums
    means = torch.where(others > 0, total / others.clamp(min=1), torch.zeros_like(total))
    return means.unsqueeze(1).expand_as(advantages)


def _prefixes(advantages: Tensor, bits: Tensor, tokens: Sequence[Sequence[int]]) -> Tensor:
    """Who is compared with whom depends on the tokens before the one at hand alone, so the gradient keeps its mean."""
    rows, columns = advantages.shape
    ids = torch.full((rows, columns), -1, dtype=torch.long)
    for row, mine in enumerate(tokens):
        ids[row, : len(mine)] = torch.tensor(list(mine), dtype=torch.long)
    sharing = ~torch.eye(rows, dtype=torch.bool)
    mean = torch.zeros(rows, dtype=advantages.dtype)
    result = torch.zeros_like(advantages)
    for column in range(columns):
        if column > 0:
            before = ids[:, column - 1]
            sharing = sharing & (before.unsqueeze(0) == before.unsqueeze(1))
        there = sharing & bits[:, column].unsqueeze(0)
        count = there.sum(dim=1)
        found = torch.where(there, advantages[:, column].unsqueeze(0), 0).sum(dim=1) / count.clamp(min=1)
        mean = torch.where(count > 0, found, mean)
        result[:, column] = mean
    return result
