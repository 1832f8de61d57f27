"""The learner's state in memory: to go back to where an update does not come to its end."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from .learner import Learner
from .optimiser import local


@contextmanager
def rollback(learner: Learner) -> Iterator[None]:
    """Whatever is raised inside leaves the learner as it was, if ``settings.rollback`` (a copy of all that is trained is
    then kept in main memory); a micro-batch that memory made smaller stays so."""
    counters, coefficient = replace(learner.counters), learner.controller.coefficient
    shuffle = learner.shuffle.get_state()
    kept = _copy(learner) if learner.settings.rollback else None
    try:
        yield
    except BaseException:
        learner.optimiser.zero_grad()
        if kept is not None:
            learner.counters, learner.controller.coefficient = counters, coefficient
            learner.shuffle.set_state(shuffle)
            _restore(learner, kept)
        raise


def _copy(learner: Learner) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    def to_memory(tensors: dict[str, Any]) -> dict[str, Tensor]:
        return {name: local(tensor.detach()).to("cpu", copy=True) for name, tensor in tensors.items()}

    return to_memory(learner.optimiser.parameters), to_memory(learner.optimiser.export_state())


@torch.no_grad()
def _restore(learner: Learner, kept: tuple[dict[str, Tensor], dict[str, Tensor]]) -> None:
    weights, state = kept
    for name, parameter in learner.optimiser.parameters.items():
        local(parameter).copy_(weights[name])
    like = learner.optimiser.export_state()
    restored = {}
    for name, value in state.items():
        now = like.get(name)
        if now is not None and hasattr(now, "to_local"):
            local(now).copy_(value)
            restored[name] = now.clone()
        else:
            restored[name] = value
    learner.optimiser.import_state(restored)
