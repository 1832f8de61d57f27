"""Continuous sampling: plans leave the moment they are finished, and others take their place."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..errors import TrainerError
from ..model.batch import left_padded, next_positions, position_ids, to_device
from ..model.policy import Policy, SeparateCritic, ValueHead, stop_tokens
from ..model.prompts import Prompt
from ..training.learner import Hooks
from .cache import crop_left, is_mergeable, merge, new_cache
from .text import Detokenizer, reserved_tokens, text_and_ends

# Prompts are read once this share of the places is free; each reading holds up the plans that are being written.
REFILL = 0.25


@dataclass(frozen=True)
class PlanRequest:
    id: str
    prompt: Prompt
    seed: int
    # 0 is greedy; log-probabilities are then those at temperature 1.
    temperature: float


@dataclass(frozen=True)
class SampledPlan:
    """A finished plan; lists have one entry a token, the one that ends it included."""

    id: str
    ids: list[int]
    text: str
    # Exclusive end of each token in the text, UTF-16 code units.
    ends: list[int]
    log_probs: list[float]
    # The critic's values before each token; None without a critic.
    values: list[float] | None
    # The policy ended it, rather than the limit of tokens.
    ended: bool
    # Special tokens that did not end it.
    reserved: int


@dataclass
class _Row:
    request: PlanRequest
    uniforms: np.ndarray
    stops: Detokenizer | None
    ids: list[int] = field(default_factory=list)
    log_probs: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    ended: bool = False


class Sampler:
    """Samples from the policy at a temperature, without truncation of the distribution: top-k or top-p would make the
    log-probabilities those of another policy than the one that is trained.

    A token is the inverse of the cumulative distribution at a uniform number from the request's own generator
    (Philox, keyed by its seed), so a plan does not depend on what is sampled beside it, but for rounding.
    """

    def __init__(
        self,
        policy: Policy,
        tokenizer: Any,
        device: torch.device,
        max_plan: int,
        concurrency: int,
        prompt_tokens: int,
        stop: Sequence[str] = (),
    ):
        self.policy = policy
        self.tokenizer = tokenizer
        self.device = device
        self.max_plan = max_plan
        self.concurrency = concurrency
        self.prompt_tokens = prompt_tokens
        self.stop = tuple(stop)
        self.stop_ids = stop_tokens(policy.network, tokenizer)

    @torch.no_grad()
    def sample(self, requests: Sequence[PlanRequest], hooks: Hooks = Hooks()) -> Iterator[SampledPlan]:
        """Yields plans as they finish; ids are unique. ``hooks.check`` is called before each token and may raise. Where memory
        runs out, half as many plans are written side by side from then on, and those that were open begin anew."""
        self.policy.eval()
        left = {request.id: request for request in requests}
        waiting, table = deque(_by_prompt(requests)), None
        while left:
            hooks.check()
            failed, done = False, []
            try:
                table = self._step(waiting, table)
                done = self._finished(table)
            except torch.OutOfMemoryError:
                failed = True
            if failed:
                # Behind the handler: the error's frames keep the tensors of the pass alive.
                active = max(len(table.rows) if table is not None else 0, min(len(left), self.concurrency))
                waiting, table = deque(_by_prompt(list(left.values()))), None
                if self.device.type == "cuda":
                    torch.cuda.empty_cache()
                self._halve(active)
                hooks.warn(f"out of memory: {self.concurrency} plans are written side by side from now on")
            for plan in done:
                del left[plan.id]
                yield plan

    def _halve(self, active: int) -> None:
        if active <= 1:
            raise TrainerError("DDA_CUDA_MEMORY/plan", stage="plan")
        self.concurrency = active // 2
        self.prompt_tokens = max(1, self.prompt_tokens // 2)

    def _step(self, waiting: deque[PlanRequest], table: "_Table | None") -> "_Table":
        """One token more for all plans, or the first one of plans that begin."""
        active = len(table.rows) if table is not None else 0
        free = self.concurrency - active
        may_join = table is None or active == 0 or table.mergeable
        if waiting and may_join and (active == 0 or free >= self.concurrency * REFILL):
            joining = self._admit(waiting, free)
            return joining if table is None or not table.rows else table.join(joining)
        assert table is not None
        self._advance(table)
        return table

    def _admit(self, waiting: deque[PlanRequest], free: int) -> "_Table":
        """Reads as many prompts as fit and samples the first token of their plans. Equal prompts are read once."""
        taken: list[PlanRequest] = []
        prompts: dict[str, Prompt] = {}
        while waiting and len(taken) < free:
            prompt = waiting[0].prompt
            longest = max(len(prompt), *(len(each) for each in prompts.values())) if prompts else len(prompt)
            if prompt.key not in prompts and prompts and longest * (len(prompts) + 1) > self.prompt_tokens:
                break
            prompts[prompt.key] = prompt
            taken.append(waiting.popleft())
        network = self.policy.base
        each = list(prompts.values())
        inputs = left_padded(each, [[]] * len(each), self.tokenizer.pad_token_id or 0)
        inputs["position_ids"] = position_ids(network, inputs)
        inputs = to_device(inputs, self.device)
        cache = new_cache(network.config)
        hidden = network.base_model(**inputs, use_cache=True, **{self.policy.cache_name: cache}).last_hidden_state
        places = {prompt.key: place for place, prompt in enumerate(each)}
        index = torch.tensor([places[request.prompt.key] for request in taken], device=self.device)
        cache.batch_select_indices(index)
        positions = next_positions(inputs["position_ids"])
        rows = [_Row(request, self._uniforms(request), Detokenizer(self.tokenizer) if self.stop else None) for request in taken]
        table = _Table(rows, cache, inputs["attention_mask"][index], positions[index], inputs["position_ids"].dim() == 3)
        self._draw(table, hidden[index, -1])
        return table

    def _advance(self, table: "_Table") -> None:
        table.mask = torch.cat([table.mask, table.mask.new_ones(len(table.rows), 1)], dim=1)
        positions = table.positions.unsqueeze(-1)
        hidden = self.policy.base.base_model(
            input_ids=table.last.unsqueeze(-1),
            attention_mask=table.mask,
            position_ids=positions.expand(3, -1, -1) if table.three_dimensional else positions,
            use_cache=True,
            **{self.policy.cache_name: table.cache},
        ).last_hidden_state
        table.positions = table.positions + 1
        self._draw(table, hidden[:, -1])

    def _draw(self, table: "_Table", states: Tensor) -> None:
        given = [row.request.temperature for row in table.rows]
        temperatures = torch.tensor([t or 1.0 for t in given], device=self.device).unsqueeze(-1)
        distribution = self.policy.distribution(states, temperatures)
        uniforms = torch.tensor([row.uniforms[len(row.ids)] for row in table.rows], device=self.device, dtype=torch.float64)
        cumulative = distribution.double().exp().cumsum(dim=-1)
        threshold = (uniforms * cumulative[:, -1]).unsqueeze(-1)
        tokens = torch.searchsorted(cumulative, threshold, right=True).squeeze(-1)
        greedy = torch.tensor([t == 0 for t in given], device=self.device)
        tokens = torch.where(greedy, distribution.argmax(dim=-1), tokens.clamp(max=distribution.shape[-1] - 1))
        table.last = tokens
        chosen = distribution.gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
        columns = [tokens.tolist(), chosen.tolist()]
        if isinstance(self.policy.critic, ValueHead) and self.policy.critic.heads == 1:
            columns.append(self.policy.values(states).tolist())
        for row, token, log_prob, *value in zip(table.rows, *columns, strict=True):
            row.ids.append(token)
            row.log_probs.append(log_prob)
            row.values.extend(value)
            row.ended = token in self.stop_ids or self._stops(row, token)

    def _stops(self, row: _Row, token: int) -> bool:
        if row.stops is None:
            return False
        # Only the tail can be new; an end text is at most as long as what a few tokens write.
        text = row.stops.add(token)
        return any(stop in text[-len(stop) - 256 :] for stop in self.stop)

    def _finished(self, table: "_Table") -> list[SampledPlan]:
        """Plans that have just ended; they leave the table."""
        done = [row for row in table.rows if row.ended or len(row.ids) >= self.max_plan]
        if not done:
            return []
        gone = {id(row) for row in done}
        table.keep([place for place, row in enumerate(table.rows) if id(row) not in gone])
        return [self._plan(row) for row in done]

    def _plan(self, row: _Row) -> SampledPlan:
        text, ends = text_and_ends(self.tokenizer, row.ids, self.stop_ids)
        # Of several value heads no one is the critic; an update asks all of them.
        values = row.values if isinstance(self.policy.critic, ValueHead) and self.policy.critic.heads == 1 else None
        if isinstance(self.policy.critic, SeparateCritic) and self.policy.critic.value_head.heads == 1:
            values = self._separate_values(row)
        reserved = reserved_tokens(self.tokenizer, row.ids, self.stop_ids)
        return SampledPlan(row.request.id, row.ids, text, ends, row.log_probs, values, row.ended, reserved)

    def _separate_values(self, row: _Row) -> list[float]:
        from ..model.batch import collate

        assert self.policy.critic is not None
        pad = self.tokenizer.pad_token_id or 0
        return self.policy.critic(collate(self.policy.base, [row.request.prompt], [row.ids], pad, self.device)).tolist()

    def _uniforms(self, request: PlanRequest) -> np.ndarray:
        return np.random.Generator(np.random.Philox(key=request.seed % 2**64)).random(self.max_plan)


class _Table:
    """The plans that are being written, row by row."""

    def __init__(self, rows: list[_Row], cache: Any, mask: Tensor, positions: Tensor, three_dimensional: bool):
        self.rows = rows
        self.cache = cache
        self.mask = mask
        self.positions = positions
        self.three_dimensional = three_dimensional
        self.mergeable = is_mergeable(cache)
        self.last = positions

    def keep(self, places: list[int]) -> None:
        self.rows = [self.rows[place] for place in places]
        if not places:
            return
        index = torch.tensor(places, device=self.mask.device)
        self.cache.batch_select_indices(index)
        self.mask, self.positions, self.last = self.mask[index], self.positions[index], self.last[index]
        unused = int((self.mask.amax(dim=0) == 0).long().cumprod(dim=0).sum())
        if unused and self.mergeable:
            crop_left(self.cache, unused)
            self.mask = self.mask[:, unused:]

    def join(self, other: "_Table") -> "_Table":
        if not other.rows:
            return self
        merge(self.cache, other.cache)
        length = max(self.mask.shape[1], other.mask.shape[1])
        self.mask = torch.cat([_pad(self.mask, length), _pad(other.mask, length)])
        self.positions = torch.cat([self.positions, other.positions])
        self.last = torch.cat([self.last, other.last])
        self.rows += other.rows
        return self


def _pad(mask: Tensor, length: int) -> Tensor:
    return torch.nn.functional.pad(mask, (length - mask.shape[1], 0))


def _by_prompt(requests: Sequence[PlanRequest]) -> list[PlanRequest]:
    """Members of a group side by side, groups in the order in which they came."""
    groups: dict[str, list[PlanRequest]] = {}
    for request in requests:
        groups.setdefault(request.prompt.key, []).append(request)
    return [request for group in groups.values() for request in group]
