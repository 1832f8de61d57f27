"""Who samples: this process, or a vLLM engine beside it."""

from collections.abc import Iterator, Sequence
from typing import Any

from ..training.learner import Hooks, Learner
from .sampler import PlanRequest, Sampler


class NativeEngine:
    """The policy itself, by continuous batching with a growing cache."""

    def __init__(self, learner: Learner):
        settings = learner.settings
        self._learner = learner
        self._sampler = Sampler(
            learner.policy,
            learner.tokenizer,
            learner.device,
            settings.max_plan,
            settings.rollout.concurrency,
            settings.micro_batch_tokens,
            settings.rollout.stop,
        )

    def sample(self, requests: Sequence[PlanRequest], hooks: Hooks) -> Iterator[dict[str, Any]]:
        """Plans as they finish, as PROTOCOL.md has them."""
        for plan in self._sampler.sample(requests, hooks):
            yield {
                "id": plan.id,
                "text": plan.text,
                "ids": plan.ids,
                "logProbs": plan.log_probs,
                "values": plan.values,
                "ends": plan.ends,
                "ended": plan.ended,
                "reserved": plan.reserved,
            }

    def weights_changed(self) -> None:
        """Nothing to be done: the weights are the learner's own."""


def make_engine(learner: Learner) -> Any:
    """Raises ``DDA_VLLM_MISSING`` where the options want vLLM and it is not installed."""
    if learner.settings.rollout.engine == "vllm":
        from .vllm_engine import VllmEngine

        return VllmEngine(learner)
    return NativeEngine(learner)
