"""The policy with its critic as one module: what the optimiser trains and what several processes share."""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from ..errors import TrainerError
from ..settings import Settings
from .batch import Batch
from .loading import base_of

# States that go through the head for tokens at a time: logits of 1024 tokens and 150,000 words are 0.6 GB.
HEAD_CHUNK = 1024


@dataclass(frozen=True)
class Scores:
    """Of the plan tokens of a batch, flat [N]."""

    log_probs: Tensor
    entropy: Tensor
    # None where there is no critic; [N, heads] with several value heads.
    values: Tensor | None


class Policy(nn.Module):
    """``network``: a Hugging Face model, perhaps with adapters. ``forbidden`` [vocabulary]: tokens that a plan must not
    contain; they have probability 0 in sampling and in training alike, so both see the same distribution."""

    def __init__(self, network: Any, critic: nn.Module | None, forbidden: Tensor, detach_values: bool = False):
        super().__init__()
        self.network = network
        self.critic = critic
        self.detach_values = detach_values
        self.register_buffer("forbidden", forbidden, persistent=False)
        base = base_of(network)
        parameters = inspect.signature(base.base_model.forward).parameters
        # transformers 5.24 renamed past_key_values.
        self.cache_name = "cache" if "cache" in parameters else "past_key_values"
        self._softcap = getattr(base.config.get_text_config(), "final_logit_softcapping", None)

    @property
    def base(self) -> Any:
        """The Hugging Face model itself."""
        return base_of(self.network)

    def forward(self, batch: Batch, temperature: Tensor, want_values: bool = True) -> Scores:
        """Log-probabilities at the sampling temperature [N, 1], entropies in nats, and values of a batch's plan tokens."""
        hidden = self.trunk(batch.inputs)
        states = hidden.flatten(0, 1)[batch.states]
        log_probs, entropy = self.head(states, batch.targets, temperature)
        values = self.values(states, batch) if want_values and self.critic is not None else None
        return Scores(log_probs, entropy, values)

    def trunk(self, inputs: dict[str, Tensor]) -> Tensor:
        """Last hidden states [rows, length, width]."""
        return self.base.base_model(**inputs, use_cache=False).last_hidden_state

    def head(self, states: Tensor, targets: Tensor, temperature: Tensor) -> tuple[Tensor, Tensor]:
        """Log-probability of each target and entropy, [N] each, piece by piece: all logits at once would not fit."""
        parts = []
        pieces = (states.split(HEAD_CHUNK), targets.split(HEAD_CHUNK), temperature.split(HEAD_CHUNK))
        for chunk, wanted, scale in zip(*pieces, strict=True):
            if torch.is_grad_enabled() and states.shape[0] > HEAD_CHUNK:
                parts.append(checkpoint(self._head, chunk, wanted, scale, use_reentrant=False))
            else:
                parts.append(self._head(chunk, wanted, scale))
        log_probs, entropy = zip(*parts, strict=True)
        return torch.cat(log_probs), torch.cat(entropy)

    def _head(self, states: Tensor, targets: Tensor, temperature: Tensor) -> tuple[Tensor, Tensor]:
        log_probs = self.distribution(states, temperature)
        entropy = -(log_probs.exp() * log_probs).sum(dim=-1)
        return log_probs.gather(-1, targets.unsqueeze(-1)).squeeze(-1), entropy

    def distribution(self, states: Tensor, temperature: float | Tensor) -> Tensor:
        """log pi over the vocabulary [N, vocabulary] in float32, from temperature-scaled logits (I15)."""
        logits = self.base.get_output_embeddings()(states).float()
        if self._softcap is not None:
            logits = torch.tanh(logits / self._softcap) * self._softcap
        # A finite number: -inf times probability 0 would be NaN in the entropy.
        logits = (logits / temperature).masked_fill(self.forbidden, torch.finfo(torch.float32).min / 2)
        return torch.log_softmax(logits, dim=-1)

    def values(self, states: Tensor, batch: Batch | None = None) -> Tensor:
        """The critic's value at each state in float32, [N], or [N, heads] with several value heads."""
        critic = self.critic
        if isinstance(critic, SeparateCritic):
            assert batch is not None
            return critic(batch)
        assert critic is not None
        return critic(states.detach() if self.detach_values else states)

    @contextmanager
    def without_adapters(self) -> Iterator[None]:
        """The policy as it was before its adapters: the reference."""
        with self.network.disable_adapter() if hasattr(self.network, "disable_adapter") else nullcontext():
            yield


class ValueHead(nn.Module):
    """Linear, zero at the start, so that the first advantages are the rewards to go ("The N implementation details of
    RLHF with PPO", 2023). Computes in float32 whatever the trunk's type is. ``heads``: one for each stream of the reward that has
    its own; the result is then [..., heads]."""

    def __init__(self, width: int, heads: int = 1):
        super().__init__()
        self.linear = nn.Linear(width, heads)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(self, states: Tensor) -> Tensor:
        values = self.linear(states.float())
        return values.squeeze(-1) if values.shape[-1] == 1 else values

    @property
    def heads(self) -> int:
        return self.linear.out_features


class SeparateCritic(nn.Module):
    """A critic with a network of its own."""

    def __init__(self, network: Any, heads: int = 1):
        super().__init__()
        self.network = network
        self.value_head = ValueHead(width_of(network), heads)

    def forward(self, batch: Batch) -> Tensor:
        hidden = base_of(self.network).base_model(**batch.inputs, use_cache=False).last_hidden_state
        return self.value_head(hidden.flatten(0, 1)[batch.states])


def width_of(network: Any) -> int:
    return int(base_of(network).config.get_text_config().hidden_size)


def forbidden_tokens(network: Any, tokenizer: Any) -> Tensor:
    """True for ids behind the tokenizer's last one, and for placeholders of images and the like: a plan with one of
    those could not be read back (its "image" has no features)."""
    config = base_of(network).config
    size = base_of(network).get_output_embeddings().weight.shape[0]
    forbidden = torch.zeros(size, dtype=torch.bool)
    forbidden[len(tokenizer) :] = True
    for name in vars(config):
        value = getattr(config, name)
        if name.endswith(("_token_id", "_token_index")) and isinstance(value, int) and 0 <= value < size:
            if any(part in name for part in ("image", "video", "vision", "audio")):
                forbidden[value] = True
    if tokenizer.pad_token_id is not None and tokenizer.pad_token_id not in stop_tokens(network, tokenizer):
        forbidden[tokenizer.pad_token_id] = True
    return forbidden


def stop_tokens(network: Any, tokenizer: Any) -> set[int]:
    """Tokens that end a plan: of the tokenizer, and of the generation config where there is one."""
    found = {tokenizer.eos_token_id}
    generation = getattr(base_of(network), "generation_config", None)
    more = getattr(generation, "eos_token_id", None)
    found.update([more] if isinstance(more, int) else more or [])
    found.discard(None)
    if not found:
        raise TrainerError("DDA_MODEL_UNSUPPORTED/end-of-sequence")
    return found


@torch.no_grad()
def check_head(policy: Policy) -> None:
    """Refuses a model whose logits are more than its head applied to its last states: training would be on another
    distribution than the model's own."""
    ids = torch.arange(1, 4, device=policy.forbidden.device).unsqueeze(0)
    own = policy.base(input_ids=ids).logits.float()[0]
    allowed = ~policy.forbidden
    ours = policy.distribution(policy.base.base_model(input_ids=ids).last_hidden_state[0], 1.0)[:, allowed]
    if not torch.allclose(own[:, allowed].log_softmax(dim=-1), ours, atol=1e-2 if own.device.type == "cpu" else 0.1):
        raise TrainerError("DDA_MODEL_UNSUPPORTED/head", {"model": type(policy.base).__name__})


def dtype_of(settings: Settings, device: torch.device) -> torch.dtype:
    """bfloat16 on CUDA, float32 elsewhere, unless set."""
    name = settings.dtype or ("bfloat16" if device.type == "cuda" else "float32")
    return {"float32": torch.float32, "bfloat16": torch.bfloat16}[name]
