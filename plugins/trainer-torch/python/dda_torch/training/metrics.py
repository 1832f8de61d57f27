"""Numbers that an update reports."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ..errors import TrainerError
from ..ppo.advantages import explained_variance
from .tables import CriticTable, StepTables, UpdateRow


class Stats:
    """Sums over the micro-batches of a mini-batch, means over mini-batches; ``ratioMax`` is the largest of all."""

    def __init__(self) -> None:
        self._done: list[dict[str, float]] = []
        self._open: dict[str, float] = {}

    def add(self, part: dict[str, float]) -> None:
        for name, value in part.items():
            before = self._open.get(name)
            joined = value if before is None else max(before, value) if name == "ratioMax" else before + value
            self._open[name] = joined

    def drop_mini_batch(self) -> None:
        self._open = {}

    def end_mini_batch(self) -> dict[str, float]:
        self._done.append(self._open)
        self._open = {}
        return self._done[-1]

    @property
    def open(self) -> dict[str, float]:
        return self._open

    def replace_open(self, values: dict[str, float]) -> None:
        self._open = values

    def result(self) -> dict[str, float]:
        names = dict.fromkeys(name for part in self._done for name in part)
        return {
            name: max(values) if name == "ratioMax" else sum(values) / len(self._done)
            for name in names
            if (values := [part.get(name, 0.0) for part in self._done])
        }


def summary(values: Tensor, mask: Tensor | None = None) -> tuple[float, float]:
    """Mean and population standard deviation of the unmasked values."""
    kept = values[mask > 0] if mask is not None else values
    if kept.numel() == 0:
        return 0.0, 0.0
    # The mean of equal numbers is that number: no rounding may look like a spread.
    if bool((kept == kept.flatten()[0]).all()):
        return float(kept.flatten()[0]), 0.0
    return float(kept.mean()), float(kept.std(correction=0))


def report(tables: StepTables, rows: Sequence[UpdateRow], stats: dict[str, float]) -> dict[str, float]:
    mask = tables.mask
    advantage_mean, advantage_std = summary(tables.advantages, mask)
    reward_mean, reward_std = summary(torch.tensor([sum(row.rewards) for row in rows], dtype=torch.float64))
    metrics = {
        "policy/loss": stats["policyLoss"],
        "policy/entropy": stats["entropy"],
        "policy/clip-fraction": stats["clipFraction"],
        "policy/lower-clip-fraction": stats["lowerClipFraction"],
        "policy/ratio-max": stats["ratioMax"],
        "policy/ratio-mean": stats["ratioMean"],
        "kl/approx": stats["approxKl"],
        "advantage/mean": advantage_mean,
        "advantage/std": advantage_std,
        "reward/mean": reward_mean,
        "reward/std": reward_std,
        "rollouts": len(rows),
        "tokens": int(mask.sum()),
    }
    if tables.importance is not None:
        metrics["importance/mean"] = summary(tables.importance, mask)[0]
        metrics["importance/max"] = float(tables.importance[mask > 0].max())
    return metrics | _report_critic(tables.critics, stats)


def _report_critic(critics: Sequence[CriticTable | None], stats: dict[str, float]) -> dict[str, float]:
    """How well the critic does: of every head that learns, and the mean of them."""
    if not critics:
        return {}
    metrics = {"value/loss": stats["valueLoss"], "value/clip-fraction": stats["valueClipFraction"]}
    learning = [critic for critic in critics if critic is not None]
    if learning:
        metrics["value/mean"] = sum(summary(each.values, each.mask)[0] for each in learning) / len(learning)
    explained = [(each.stream, explained_variance(each.values, each.returns, each.mask)) for each in learning]
    known = [(stream, share) for stream, share in explained if share is not None]
    if known:
        metrics["value/explained-variance"] = sum(share for _, share in known) / len(known)
    return metrics | {f"value/explained-variance/{stream}": share for stream, share in known if stream is not None}


def finite(metrics: dict[str, float]) -> dict[str, float]:
    """A number that is not finite is a defect to show, not a measurement."""
    wrong = next((name for name, value in metrics.items() if not abs(value) < float("inf")), None)
    if wrong is None:
        return metrics
    raise TrainerError("DDA_METRIC_NOT_FINITE/update", {"metric": wrong, "value": metrics[wrong]}, stage="update")
