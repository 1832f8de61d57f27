"""AdamW over what is trained, with float32 copies of weights of lower precision, schedules and gradient clipping."""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ..errors import TrainerError
from ..settings import Adam


def learning_rate(kind: str, peak: float, warmup: int, total: int | None, floor: float, step: int) -> float:
    """Of optimiser step ``step``, from 0: linear warm-up, then constant, or falling to ``floor`` at ``total``."""
    if step < warmup:
        return peak * (step + 1) / warmup
    if kind == "constant" or total is None:
        return peak
    progress = min(1.0, (step - warmup) / max(1, total - warmup))
    share = 1 - progress if kind == "linear" else 0.5 * (1 + math.cos(math.pi * progress))
    return floor + (peak - floor) * share


class Optimiser:
    """``groups``: name -> named parameters; each name has a learning rate of its own. Steps of 1e-6 vanish in bfloat16,
    whose spacing near 1 is 8e-3, so weights of lower precision are trained as float32 copies (Micikevicius et al. 2018)."""

    def __init__(self, groups: dict[str, list[tuple[str, nn.Parameter]]], adam: Adam):
        self.groups = {name: pairs for name, pairs in groups.items() if pairs}
        self.masters: dict[str, Tensor] = {}
        self._trained: dict[str, nn.Parameter] = {}
        given = []
        for name, pairs in self.groups.items():
            tensors = []
            for key, parameter in pairs:
                self._trained[key] = parameter
                if parameter.dtype != torch.float32:
                    self.masters[key] = parameter.detach().float().clone()
                tensors.append(self.masters.get(key, parameter))
            given.append({"params": tensors, "name": name})
        # A frozen policy has nothing to be trained; AdamW refuses an empty list.
        given = given or [{"params": [torch.zeros(1)], "name": "nothing"}]
        self.adamw = torch.optim.AdamW(
            given, lr=0.0, betas=(adam.beta1, adam.beta2), eps=adam.epsilon, weight_decay=adam.weight_decay, foreach=True
        )

    @property
    def parameters(self) -> dict[str, nn.Parameter]:
        return self._trained

    def forget(self) -> None:
        """Begins anew: no moments, no steps."""
        self.adamw.state.clear()

    def zero_grad(self) -> None:
        for parameter in self._trained.values():
            parameter.grad = None
        for master in self.masters.values():
            master.grad = None

    def step(self, rates: dict[str, float], max_norm: float) -> dict[str, float]:
        """Clips the gradient of each group to a Euclidean norm, apart, so that a large one of the critic does not shrink the
        policy's, and takes a step; returns the norms before, by group.
        Raises ``DDA_GRADIENT_NOT_FINITE`` and leaves the weights."""
        norms = {}
        for name, pairs in self.groups.items():
            gradients = [p.grad.detach() for _, p in pairs if p.grad is not None]
            norms[name] = total_norm(gradients)
            if not math.isfinite(norms[name]):
                raise TrainerError("DDA_GRADIENT_NOT_FINITE/torch", {"norm": norms[name]}, stage="update")
            if norms[name] > max_norm:
                torch._foreach_mul_([local(gradient) for gradient in gradients], max_norm / (norms[name] + 1e-6))
        for key, master in self.masters.items():
            gradient = self._trained[key].grad
            master.grad = None if gradient is None else gradient.float()
        for group in self.adamw.param_groups:
            group["lr"] = rates[group["name"]]
        self.adamw.step()
        with torch.no_grad():
            for key, master in self.masters.items():
                self._trained[key].copy_(master)
        self.zero_grad()
        return norms

    def export_state(self) -> dict[str, Tensor]:
        """Moments, step counts and float32 copies, by the names of the parameters."""
        state: dict[str, Tensor] = {f"master.{key}": master for key, master in self.masters.items()}
        for key, parameter in self._trained.items():
            for part, value in self.adamw.state.get(self.masters.get(key, parameter), {}).items():
                state[f"{part}.{key}"] = torch.as_tensor(value)
        return state

    @torch.no_grad()
    def import_state(self, state: dict[str, Tensor]) -> None:
        """What :meth:`export_state` gave; parameters without a state start afresh."""
        self.adamw.state.clear()
        for key, parameter in self._trained.items():
            if key in self.masters:
                self.masters[key].copy_(state[f"master.{key}"])
            parts: dict[str, Any] = {}
            for part in ("step", "exp_avg", "exp_avg_sq"):
                value = state.get(f"{part}.{key}")
                if value is not None:
                    # A copy: Adam works in place, and the state may be somebody's to go back to.
                    parts[part] = value.clone() if part == "step" else value.to(parameter.device, copy=True)
            if parts:
                self.adamw.state[self.masters.get(key, parameter)] = parts


def total_norm(gradients: Sequence[Tensor]) -> float:
    """Euclidean norm of them all together; of sharded ones over all ranks, which must all call it."""
    if not gradients:
        return 0.0
    norms = torch._foreach_norm([local(gradient) for gradient in gradients], 2, dtype=torch.float32)
    squares = torch.stack([norm.to(norms[0].device) for norm in norms]).square().sum()
    if any(local(gradient) is not gradient for gradient in gradients):
        torch.distributed.all_reduce(squares)
    return math.sqrt(squares.item()) if math.isfinite(squares.item()) else math.inf


def local(tensor: Any) -> Tensor:
    """This rank's part of a tensor that may be sharded."""
    return tensor.to_local() if hasattr(tensor, "to_local") else tensor
