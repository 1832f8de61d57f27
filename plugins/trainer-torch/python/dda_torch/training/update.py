"""One step of PPO (Schulman et al. 2017): advantages, then epochs over shuffled mini-batches of whole plans."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from ..model.batch import collate
from ..model.loading import set_learning
from ..ppo.kl import kl_values
from ..ppo.losses import counts_of, policy_terms, token_weights, value_terms
from .learner import Hooks, Learner
from .metrics import Stats, finite, report, summary
from .optimiser import learning_rate
from .packing import mini_batches
from .check_traces import check_traces
from .passes import in_passes
from .snapshot import rollback
from .tables import StepTables, UpdateRow, UpdateStreams, step_tables


def ppo_update(
    learner: Learner, rows: Sequence[UpdateRow], hooks: Hooks, streams: UpdateStreams | None = None
) -> dict[str, float]:
    """Updates the learner on rows in canonical order; where it raises, the learner is as before."""
    settings = learner.settings
    plans = [(row.prompt, row.ids) for row in rows]
    temperatures = [row.temperature for row in rows]
    coefficient = learner.controller.coefficient
    with rollback(learner):
        learner.enter("reinforce")
        check_traces(learner, rows, hooks)
        tables = step_tables(
            rows, settings, coefficient, streams, lambda which: learner.score(plans, which, temperatures, hooks)
        )
        stats, passes = _epochs(learner, rows, tables, coefficient, hooks)
        kl = summary(tables.kl, tables.mask)[0]
        if settings.kl.place != "off":
            learner.controller.observe(kl, len(rows))
        learner.counters.updates += 1
        metrics = {**report(tables, rows, stats), **passes}
        if settings.kl.place != "off":
            metrics |= {"kl/reference": kl, "kl/coefficient": coefficient}
        if settings.kl.place == "loss":
            metrics["kl/loss"] = stats["kl"]
        return finite(metrics)


def _epochs(
    learner: Learner, rows: Sequence[UpdateRow], tables: StepTables, coefficient: float, hooks: Hooks
) -> tuple[dict[str, float], dict[str, float]]:
    settings = learner.settings
    stats = Stats()
    norms: dict[str, float] = {}
    steps, rate, stopped = 0, 0.0, 0
    per_epoch = len(mini_batches(range(len(rows)), settings.mini_batch))
    for _ in range(settings.epochs):
        order = torch.randperm(len(rows), generator=learner.shuffle).tolist()
        for mini_batch in mini_batches(order, settings.mini_batch):
            gradient(learner, rows, tables, sorted(mini_batch), coefficient, stats, hooks)
            done = stats.end_mini_batch()
            rate, taken = take_step(learner, imitation=False)
            norms = {name: norms.get(name, 0.0) + norm for name, norm in taken.items()}
            steps += 1
            hooks.progress(steps, per_epoch * settings.epochs)
            if settings.stop_kl is not None and done["approxKl"] > settings.stop_kl:
                stopped = 1
                break
        if stopped:
            break
    passes = {"gradient/norm": norms.get("policy", 0.0) / steps, "learning-rate": rate, "update/steps": steps, "update/stopped-early": stopped}
    passes["update/micro-batch-halvings"] = learner.budget.halvings
    if "critic" in norms:
        passes["value/gradient-norm"] = norms["critic"] / steps
    return stats.result(), passes


def take_step(learner: Learner, imitation: bool) -> tuple[float, dict[str, float]]:
    """One optimiser step with the schedule's learning rate; returns the rate and the gradients' norms, by group."""
    settings, counters = learner.settings, learner.counters
    given: Any = settings.imitation if imitation else settings
    step = counters.imitation_steps if imitation else counters.update_steps

    def at(peak: float) -> float:
        # The critic's schedule has the policy's shape.
        floor = given.floor * (peak / given.learning_rate if given.learning_rate else 1)
        return learning_rate(given.schedule, peak, given.warmup, given.total, floor, step)

    own = settings.critic.learning_rate
    # Ten times the policy's, as in verl and OpenRLHF: a head that begins at zero has all to learn, and is nobody's to drift from.
    critic = given.learning_rate if imitation else given.learning_rate * 10 if own is None else own
    rates = {"policy": at(given.learning_rate), "critic": at(critic)}
    learner.parallel.sum_gradients(list(learner.optimiser.parameters.values()))
    norms = learner.optimiser.step(rates, given.max_gradient_norm)
    if imitation:
        counters.imitation_steps += 1
    else:
        counters.update_steps += 1
    return rates["policy"], norms


def gradient(
    learner: Learner,
    rows: Sequence[UpdateRow],
    tables: StepTables,
    mini_batch: Sequence[int],
    coefficient: float,
    stats: Stats,
    hooks: Hooks,
) -> None:
    """The gradient of one mini-batch, in as many micro-batches as it takes; the loss is the same however it is cut."""
    settings = learner.settings
    # Rows of the mini-batch; all others are masked.
    mask = torch.zeros_like(tables.mask)
    mask[list(mini_batch)] = tables.mask[list(mini_batch)]
    counts = counts_of(mask)
    weights = token_weights(mask, settings.aggregation, counts, settings.max_plan)
    shares = token_weights(mask, "token-mean", counts, settings.max_plan)
    value_shares = _value_shares(tables, mask)
    lengths = [row.length for row in rows]

    def run(indices: Sequence[int], counted: bool) -> None:
        stats.add(_micro_batch(learner, rows, tables, indices, weights, shares, value_shares, coefficient, counted))

    accumulate(learner, mini_batch, lengths, run, stats, hooks)
    stats.replace_open(learner.parallel.sum(stats.open))


def _value_shares(tables: StepTables, mask: Tensor) -> list[Tensor]:
    """Weight of every token in each head's loss. It is a mean over tokens whatever the policy's is, as in verl; the critic's the
    mean over the heads that learn, so that its coefficient does not depend on how many there are."""
    learning = sum(critic is not None for critic in tables.critics)
    shares = []
    for critic in tables.critics:
        own = torch.zeros_like(mask) if critic is None else mask * critic.mask
        shares.append(token_weights(own, "token-mean", counts_of(own), 1) / max(1, learning))
    return shares


def accumulate(
    learner: Learner, mini_batch: Sequence[int], lengths: Sequence[int], run: Any, stats: Stats, hooks: Hooks
) -> None:
    """Runs the micro-batches of a mini-batch, which starts again where memory runs out."""
    set_learning(learner.policy)

    def again() -> None:
        learner.optimiser.zero_grad()
        stats.drop_mini_batch()

    in_passes(learner, mini_batch, lengths, run, again, hooks)


def _micro_batch(
    learner: Learner,
    rows: Sequence[UpdateRow],
    tables: StepTables,
    indices: Sequence[int],
    weights: Tensor,
    shares: Tensor,
    value_shares: Sequence[Tensor],
    coefficient: float,
    counted: bool,
) -> dict[str, float]:
    settings, policy = learner.settings, learner.policy
    batch = collate(policy.base, [rows[i].prompt for i in indices], [rows[i].ids for i in indices], learner.pad, learner.device)

    def cut(table: Tensor) -> Tensor:
        flat = torch.cat([table[i, : len(rows[i].ids)] for i in indices])
        return flat.to(learner.device, torch.float32)

    warming = learner.counters.updates < settings.critic.warmup and bool(tables.critics)
    policy.detach_values = settings.critic.detach or warming
    temperature = learner.per_token(batch, [rows[i].temperature for i in indices])
    scores = policy(batch, temperature, want_values=bool(tables.critics))
    ones = torch.ones_like(scores.log_probs)
    weight, share = (cut(table) * float(counted) for table in (weights, shares))
    clip = settings.clip
    terms = policy_terms(scores.log_probs, cut(tables.old), cut(tables.advantages), ones, clip.low, clip.high, clip.dual)
    parts = {"policyLoss": (terms.loss * weight).sum(), "entropy": (scores.entropy * weight).sum()}
    total = parts["policyLoss"] - settings.entropy * parts["entropy"]
    if settings.kl.place == "loss":
        parts["kl"] = (kl_values(scores.log_probs, cut(tables.reference), settings.kl.loss_estimator) * weight).sum()
        total = total + coefficient * parts["kl"]
    if warming:
        total = torch.zeros_like(total)
    if tables.critics:
        assert scores.values is not None
        # Zero at first, and of every head: whoever shares the work must find a gradient for all of it.
        parts |= {"valueLoss": 0.0 * scores.values.sum(), "valueClipFraction": torch.zeros((), device=learner.device)}
        for head, critic in enumerate(tables.critics):
            if critic is None:
                continue
            own = scores.values if scores.values.dim() == 1 else scores.values[:, head]
            losses, clipped = value_terms(own, cut(critic.values), cut(critic.returns), ones, clip.value)
            each = cut(value_shares[head]) * float(counted)
            parts["valueLoss"] = parts["valueLoss"] + (losses * each).sum()
            parts["valueClipFraction"] = parts["valueClipFraction"] + (clipped * each).sum()
        total = total + settings.value_coefficient * parts["valueLoss"]
    (total * learner.parallel.loss_scale).backward()
    for name, each in (("clipFraction", terms.clipped), ("lowerClipFraction", terms.clipped_low), ("approxKl", terms.approx_kl), ("ratioMean", terms.ratio)):
        parts[name] = (each * share).sum()
    parts["ratioMax"] = terms.ratio.max() if counted else torch.zeros(())
    return {name: float(value.detach()) for name, value in parts.items()}
