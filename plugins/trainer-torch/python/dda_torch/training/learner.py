"""What learns: the policy with its critic and reference, the optimiser, and everything that an exact resume needs."""

import copy
import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ..model.batch import Batch, collate
from ..model.loading import base_of, load_network, load_processor, prepare
from ..model.policy import Policy, SeparateCritic, ValueHead, check_head, dtype_of, forbidden_tokens, stop_tokens, width_of
from ..model.prompts import Prompt, PromptEncoder
from ..parallel import Parallel, full
from ..ppo.kl import KlController
from ..settings import Settings
from .optimiser import Optimiser
from .packing import Budget
from .passes import in_passes
from .reference import Reference, trained_policy
from .tables import RowScores


@dataclass
class Counters:
    updates: int = 0
    imitations: int = 0
    # Optimiser steps of each, which the schedules count.
    update_steps: int = 0
    imitation_steps: int = 0
    # What the last step was: "imitate" or "reinforce".
    phase: str = "imitate"


@dataclass(frozen=True)
class Hooks:
    """How long work talks to whom it works for. ``check`` raises Aborted where nobody wants the result any more."""

    check: Callable[[], None] = lambda: None
    progress: Callable[[int, int], None] = lambda done, total: None
    warn: Callable[[str], None] = lambda text: None


class Learner:
    """``trained``: with optimiser, critic and reference; else a frozen policy. ``model_name``: what files call the model by."""

    def __init__(self, settings: Settings, device: torch.device, trained: bool = True, model_name: str | None = None):
        self.settings = settings
        self.model_name = settings.model if model_name is None else model_name
        self.device = device
        self.parallel = Parallel(settings.parallel, device)
        if settings.deterministic:
            torch.use_deterministic_algorithms(True, warn_only=True)
        processor = load_processor(settings)
        self.encoder = PromptEncoder(processor, settings.prompt, settings.max_prompt)
        self.tokenizer = self.encoder.tokenizer
        self.pad = self.tokenizer.pad_token_id or 0
        dtype = dtype_of(settings, device)
        with_copy = trained and settings.kl.place != "off" and settings.lora is None
        self.policy, copied, self.model_id = self.parallel.together(lambda: self._open(dtype, trained, with_copy))
        if not trained:
            self.policy.requires_grad_(False)
        if self.parallel.sharded:
            critic = self.policy.critic
            own = _layers(critic.network) if isinstance(critic, SeparateCritic) else []
            self.parallel.shard(self.policy, [*_layers(self.policy.network), *own])
            self.model_id = self.parallel.broadcast(self.model_id)
            if with_copy:
                # Not sooner: two whole models would lie in the memory of rank 0.
                copied = self._frozen(self.parallel.together(lambda: self._load(settings.model, dtype)))
                self.parallel.shard(copied, _layers(copied.network))
        self.reference = Reference(self.policy, copied, lambda: self._frozen(self._load(settings.model, dtype)), self.parallel)
        self.controller = KlController(settings.kl.coefficient, settings.kl.target, settings.kl.horizon)
        self.counters = Counters()
        self.shuffle = torch.Generator().manual_seed(settings.seed)
        self.budget = Budget(settings.micro_batch_tokens, settings.micro_batch)
        # Of weights that a frozen policy was given after its own: the id that they had where they were trained.
        self.frozen_id: str | None = None
        # Whether plans have been seen to have the ratio 1 in this process.
        self.traces_checked = False
        self.optimiser = Optimiser(self._groups() if trained else {}, settings.adam)
        self.parallel.synchronise(list(self.optimiser.parameters.values()))

    def _open(self, dtype: torch.dtype, trained: bool, with_copy: bool) -> tuple[Policy, Policy | None, str]:
        """The policy with its critic; unless ranks share weights, the frozen copy of the model where one is wanted; the model's id,
        which is that of rank 0."""
        settings, parallel = self.settings, self.parallel
        network = self._load(settings.model, dtype)
        model_id = digest(dict(network.named_parameters()), network.config.to_json_string()) if parallel.holds_model else ""
        forbidden = self._forbidden = forbidden_tokens(network, self.tokenizer)
        self.stop_ids = stop_tokens(network, self.tokenizer)
        self.encoder.end_turns_with(self.stop_ids)
        copied = self._frozen(copy.deepcopy(network)) if with_copy and not parallel.sharded else None
        network = prepare(network, settings, settings.seed)
        critic = self._critic(network, dtype) if trained and settings.has_critic else None
        policy = Policy(network, critic, forbidden, settings.critic.detach)
        if not parallel.sharded:
            policy.to(self.device)
        if parallel.holds_model:
            check_head(policy)
        return policy, copied, model_id

    def _load(self, model: str, dtype: torch.dtype) -> Any:
        return load_network(model, self.settings, dtype, self.settings.seed, empty=not self.parallel.holds_model)

    def _frozen(self, network: Any) -> Policy:
        policy = Policy(network.requires_grad_(False), None, self._forbidden.clone()).eval()
        return policy if self.parallel.sharded else policy.to(self.device)

    @property
    def version(self) -> int:
        return self.counters.updates + self.counters.imitations

    def enter(self, phase: str) -> None:
        """Begins imitation or reinforcement unless that is going on: with new moments and, for reinforcement after imitation,
        with the policy of this moment as the reference. All ranks must call it."""
        if self.counters.phase == phase:
            return
        self.counters.phase = phase
        self.optimiser.forget()
        if phase == "reinforce" and self.counters.imitations > 0 and self.settings.kl.place != "off":
            self.reference.become(trained_policy(self.optimiser.parameters))

    def weights_id(self) -> str:
        """Of the policy's weights; equal ids mean equal policies."""
        if self.frozen_id is not None:
            return self.frozen_id
        return digest(trained_policy(self.optimiser.parameters), self.model_id)

    def per_token(self, batch: Batch, temperatures: Sequence[float]) -> Tensor:
        """The temperature of each plan token, [N, 1]; greedy plans are scored at 1, as they were when sampled."""
        rows = torch.tensor([temperature or 1.0 for temperature in temperatures], device=self.device)
        return rows[batch.rows].unsqueeze(-1)

    @torch.no_grad()
    def score(
        self, rows: Sequence[tuple[Prompt, Sequence[int]]], which: str, temperatures: Sequence[float], hooks: Hooks = Hooks()
    ) -> list[RowScores]:
        """Log-probabilities, entropies and, of the policy, values of plans [(prompt, token ids)], each at its temperature."""
        self.policy.eval()
        with self.reference.scoring() if which == "reference" else nullcontext(self.policy) as policy:
            return self._score(policy, rows, which == "policy", temperatures, hooks)

    def _score(
        self, policy: Policy, rows: Sequence[tuple[Prompt, Sequence[int]]], want_values: bool, temperatures: Sequence[float], hooks: Hooks
    ) -> list[RowScores]:
        lengths = [len(prompt) + len(ids) for prompt, ids in rows]
        mine: dict[int, RowScores] = {}

        def run(indices: Sequence[int], counts: bool) -> None:
            batch = collate(self.policy.base, [rows[i][0] for i in indices], [rows[i][1] for i in indices], self.pad, self.device)
            scores = policy(batch, self.per_token(batch, [temperatures[i] for i in indices]), want_values=want_values)
            columns = [scores.log_probs.tolist(), scores.entropy.tolist(), None if scores.values is None else scores.values.tolist()]
            start = 0
            for i in indices if counts else []:
                end = start + len(rows[i][1])
                mine[i] = RowScores(*(None if column is None else column[start:end] for column in columns))
                start = end

        in_passes(self, range(len(rows)), lengths, run, mine.clear, hooks)
        everything = {i: each for part in self.parallel.gather(mine) for i, each in part.items()}
        return [everything[i] for i in range(len(rows))]

    def _critic(self, network: Any, dtype: torch.dtype) -> nn.Module:
        settings = self.settings
        heads = max(1, len(settings.value_streams))
        if settings.critic.kind == "head":
            return ValueHead(width_of(network), heads)
        own = self._load(settings.critic.model or settings.model, dtype)
        return SeparateCritic(prepare(own, settings, settings.seed + 7), heads)

    def _groups(self) -> dict[str, list[tuple[str, nn.Parameter]]]:
        groups: dict[str, list[tuple[str, nn.Parameter]]] = {"policy": [], "critic": []}
        for name, parameter in self.policy.named_parameters():
            if parameter.requires_grad:
                groups["critic" if name.startswith("critic.") else "policy"].append((name, parameter))
        return groups

    def settings_id(self) -> str:
        """Of the options that decide what the saved tensors are. How they are learned may change: rates, warm-up and what reaches the
        trunk, and one estimator without a critic for another."""
        settings = self.settings
        critic = {"kind": settings.critic.kind, "model": settings.critic.model} if settings.has_critic else None
        return _short_hash({**self._tensor_settings(), "critic": critic})

    def settings_ids(self) -> tuple[str, str]:
        """Under which checkpoints of this policy are known: as they are saved, and as older versions saved them, with all options of
        the critic and with the estimator."""
        settings = self.settings
        return self.settings_id(), _short_hash({**self._tensor_settings(), "critic": asdict(settings.critic), "advantage": settings.advantage})

    def _tensor_settings(self) -> dict[str, Any]:
        settings = self.settings
        lora = None if settings.lora is None else asdict(settings.lora)
        kept = {"lora": lora, "freeze_vision": settings.freeze_vision, "dtype": settings.dtype}
        # Absent where there are none, as in checkpoints of before there were any.
        return kept | ({"value_streams": settings.value_streams} if settings.value_streams else {})


def _short_hash(value: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def digest(tensors: dict[str, Tensor], salt: str) -> str:
    """Hash of tensors by content; of large ones their sums and a sample, because hashing 16 GB takes minutes. Of sharded ones, which are
    made whole one after the other, all ranks must ask."""
    state = hashlib.sha256(salt.encode())
    for name in sorted(tensors):
        tensor = full(tensors[name])
        state.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}".encode())
        if tensor.numel() > 2**20:
            flat = tensor.flatten()
            sums = torch.stack([flat.sum(dtype=torch.float64), flat.abs().sum(dtype=torch.float64)])
            state.update(sums.cpu().numpy().tobytes())
            tensor = flat[:: tensor.numel() // 4096]
        state.update(tensor.contiguous().cpu().view(torch.uint8).numpy().tobytes() if tensor.numel() and tensor.dim() else b"")
    return state.hexdigest()[:32]


def _layers(network: Any) -> list[nn.Module]:
    """The blocks of the language model, which FSDP shards one by one."""
    return list(base_of(network).get_decoder().layers)

