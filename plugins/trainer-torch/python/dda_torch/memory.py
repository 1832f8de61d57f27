"""What an update and a rollout will need at most, said before they start."""

from dataclasses import dataclass
from typing import Any

import torch

from .training.learner import Learner

GIB = 2**30


@dataclass(frozen=True)
class Expected:
    """Bytes on one device."""

    weights: int
    gradients: int
    optimiser: int
    activations: int
    cache: int

    @property
    def peak(self) -> int:
        """Rollouts need no gradients and updates no cache, so only the larger of the two counts."""
        return self.weights + self.optimiser + max(self.gradients + self.activations, self.cache)

    def line(self, device: torch.device) -> str:
        parts = {
            "weights": self.weights,
            "gradients": self.gradients,
            "optimiser": self.optimiser,
            "activations": self.activations,
            "rollout cache": self.cache,
        }
        listed = ", ".join(f"{name} {size / GIB:.2f}" for name, size in parts.items())
        have = f" of {torch.cuda.get_device_properties(device).total_memory / GIB:.1f}" if device.type == "cuda" else ""
        return f"expected peak memory {self.peak / GIB:.2f}{have} GiB ({listed}; the larger of update and rollout counts)"


def expected(learner: Learner) -> Expected:
    """An estimate: stored states of checkpointed blocks, one block's inner states, the head's logits and the vision
    tower's share are counted; fragmentation and kernels' work space are not."""
    settings, policy = learner.settings, learner.policy
    config = policy.base.config.get_text_config()
    share = learner.parallel.world if learner.parallel.sharded else 1
    sizes = [p.numel() * p.element_size() for p in policy.parameters()]
    frozen = () if learner.reference.network is None else learner.reference.network.parameters()
    weights = sum(sizes) + sum(p.numel() * p.element_size() for p in frozen)
    trained = list(learner.optimiser.parameters.values())
    gradients = sum(p.numel() * p.element_size() for p in trained)
    # Two moments in float32, and a float32 copy of weights of lower precision.
    optimiser = sum(p.numel() * (8 if p.dtype == torch.float32 else 12) for p in trained)
    width = next(policy.base.parameters()).element_size()
    return Expected(
        weights // share, gradients // share, optimiser // share, _activations(config, settings, width), _cache(config, settings, width)
    )


def _activations(config: Any, settings: Any, width: int) -> int:
    tokens = settings.micro_batch_tokens
    inner = getattr(config, "intermediate_size", 4 * config.hidden_size)
    block = tokens * width * (8 * config.hidden_size + 4 * inner)
    layers = config.num_hidden_layers
    stored = layers * tokens * config.hidden_size * width if settings.gradient_checkpointing else layers * block
    # Logits, their log-softmax and its gradient in float32, of one piece of the head.
    head = 3 * 4 * min(tokens, 1024) * config.vocab_size
    return stored + block + head


def _cache(config: Any, settings: Any, width: int) -> int:
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    tokens = settings.rollout.concurrency * (settings.max_prompt + settings.max_plan)
    return 2 * config.num_hidden_layers * heads * size * width * tokens
