"""The trainer's own maths behind plain lists: the functions that an update calls, with gradients by autograd.

One function for each method of the framework's ``TrainerProbe``; arguments and results carry its names. NaN and
infinities may arrive as null or as ``"NaN"``, ``"Infinity"``, ``"-Infinity"``, because JSON has none.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from ..errors import TrainerError
from .advantages import explained_variance, gae, group_advantages, masked, whiten
from .kl import KlController, kl_in_reward, kl_values
from .losses import counts_of, policy_terms, token_weights, value_terms
from .critic_advantages import AdvantageSettings
from .step_advantages import StepRewards, step_advantages
from .stream_advantages import StepStreams, StreamRewards

Json = Any


def probe(name: str, given: dict[str, Json]) -> Json:
    """Runs one probe by its name in ``TrainerProbe``."""
    method = METHODS.get(name)
    if method is None:
        raise TrainerError("DDA_TRAINER_INPUT/probe", {"name": name})
    return method(given)


def _gae(given: dict[str, Json]) -> Json:
    rewards, values, mask = (_tensor(given[key]) for key in ("rewards", "values", "mask"))
    advantages, returns = gae(rewards, values, mask, given["gamma"], given["lambda"])
    return {"advantages": advantages.tolist(), "returns": returns.tolist()}


def _whiten(given: dict[str, Json]) -> Json:
    unbiased = given["variance"] == "unbiased"
    return whiten(_tensor(given["values"]), _tensor(given["mask"]), unbiased, given["shiftMean"]).tolist()


def _policy_loss(given: dict[str, Json]) -> Json:
    mask = _tensor(given["mask"])
    log_probs = _leaf(given["logProbs"])
    old, advantages = _tensor(given["oldLogProbs"]), _tensor(given["advantages"])
    bounds = (given["clipLow"], given["clipHigh"], given.get("dualClip"))
    terms = policy_terms(log_probs, old, advantages, mask, *bounds)
    counts = counts_of(mask)
    loss = (terms.loss * token_weights(mask, given["aggregation"], counts, mask.shape[1])).sum()
    share = token_weights(mask, "token-mean", counts, mask.shape[1])
    return {
        "loss": float(loss.detach()),
        "gradient": _gradient(loss, log_probs, mask),
        "metrics": {
            "clipFraction": float((terms.clipped * share).sum().detach()),
            "lowerClipFraction": float((terms.clipped_low * share).sum().detach()),
            "approxKl": float((terms.approx_kl * share).sum().detach()),
            "ratioMax": float(terms.ratio.detach().max()),
        },
    }


def _value_loss(given: dict[str, Json]) -> Json:
    mask = _tensor(given["mask"])
    predictions = _leaf(given["predictions"])
    losses, clipped = value_terms(
        predictions, _tensor(given["oldValues"]), _tensor(given["returns"]), mask, given.get("clip")
    )
    share = token_weights(mask, "token-mean", counts_of(mask), mask.shape[1])
    loss = (losses * share).sum()
    return {
        "loss": float(loss.detach()),
        "gradient": _gradient(loss, predictions, mask),
        "metrics": {"clipFraction": float((clipped * share).sum().detach())},
    }


def _kl(given: dict[str, Json]) -> Json:
    log_probs = _leaf(given["logProbs"])
    values = kl_values(log_probs, _tensor(given["referenceLogProbs"]), given["estimator"])
    (gradient,) = torch.autograd.grad(values.sum(), [log_probs])
    return {"values": values.tolist(), "gradient": gradient.tolist()}


def _kl_in_reward(given: dict[str, Json]) -> Json:
    return kl_in_reward(_tensor(given["scores"]), _tensor(given["kl"]), given["coefficient"]).tolist()


def _adaptive_kl(given: dict[str, Json]) -> Json:
    controller = KlController(given["initial"], given["target"], given["horizon"])
    coefficients = []
    for observed in given["observed"]:
        controller.observe(observed, given["batch"])
        coefficients.append(controller.coefficient)
    return coefficients


def _group_advantages(given: dict[str, Json]) -> Json:
    return group_advantages(_tensor(given["rewards"]), given["estimator"]).tolist()


def _streams(given: dict[str, Json] | None) -> StepStreams | None:
    if given is None:
        return None
    parts = [
        StreamRewards(
            part["weight"],
            _tensor(part["rewards"]),
            part["asked"],
            None if part.get("values") is None else _tensor(part["values"]),
        )
        for part in given["parts"]
    ]
    return StepStreams(given["mode"], parts)


def _advantages(given: dict[str, Json]) -> Json:
    step = StepRewards(
        rewards=_tensor(given["rewards"]),
        kl=_tensor(given["kl"]),
        coefficient=given["klCoefficient"],
        values=_tensor(given["values"]),
        mask=_tensor(given["mask"]),
        groups=given["groups"],
        tokens=[[int(token) for token in row] for row in given["tokens"]],
        streams=_streams(given.get("streams")),
    )
    how = AdvantageSettings(
        estimator=given["estimator"],
        gamma=given["gamma"],
        lam=given["lambda"],
        whiten=given["whiten"],
        whiten_variance=given["whitenVariance"],
        group_centre=given["groupCentre"],
    )
    found = step_advantages(step, how)
    answer: dict[str, Json] = {"advantages": found.advantages.tolist()}
    if found.returns is not None:
        answer["returns"] = found.returns.tolist()
    if found.stream_returns is not None:
        answer["streamReturns"] = [None if each is None else each.tolist() for each in found.stream_returns]
    return answer


def _explained_variance(given: dict[str, Json]) -> Json:
    result = explained_variance(_tensor(given["values"]), _tensor(given["returns"]))
    if result is None:
        raise TrainerError("DDA_VARIANCE_ZERO")
    return result


METHODS: dict[str, Callable[[dict[str, Json]], Json]] = {
    "gae": _gae,
    "whiten": _whiten,
    "policyLoss": _policy_loss,
    "valueLoss": _value_loss,
    "kl": _kl,
    "klInReward": _kl_in_reward,
    "adaptiveKl": _adaptive_kl,
    "groupAdvantages": _group_advantages,
    "advantages": _advantages,
    "explainedVariance": _explained_variance,
}


def _tensor(values: Sequence[Any]) -> Tensor:
    return torch.tensor(_numbers(values), dtype=torch.float64)


def _numbers(values: Any) -> Any:
    if isinstance(values, (list, tuple)):
        return [_numbers(value) for value in values]
    return float("nan") if values is None else float(values)


def _leaf(values: Sequence[Any]) -> Tensor:
    return _tensor(values).requires_grad_()


def _gradient(loss: Tensor, by: Tensor, mask: Tensor) -> Json:
    (gradient,) = torch.autograd.grad(loss, [by])
    return masked(gradient, mask).tolist()
