"""Prompts and plans -> padded tensors with position ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .prompts import Prompt


@dataclass(frozen=True)
class Batch:
    """Left-padded sequences [rows, length], and where their plans' tokens are, flat, row by row."""

    inputs: dict[str, Tensor]
    # row * length + column of the state *before* each plan token: the one that predicts it.
    states: Tensor
    # The plan tokens themselves.
    targets: Tensor
    # Row and position in its plan of each of them.
    rows: Tensor
    steps: Tensor


def collate(
    network: Any, prompts: Sequence[Prompt], plans: Sequence[Sequence[int]], pad: int, device: torch.device
) -> Batch:
    """Prompt and plan of each row, padded on the left, so that all rows end in the same column."""
    inputs = left_padded(prompts, plans, pad)
    inputs["position_ids"] = position_ids(network, inputs)
    inputs = to_device(inputs, device)
    length = inputs["input_ids"].shape[1]
    states, targets, rows, steps = [], [], [], []
    for row, plan in enumerate(plans):
        first = row * length + length - len(plan) - 1
        states.extend(range(first, first + len(plan)))
        targets.extend(plan)
        rows.extend([row] * len(plan))
        steps.extend(range(len(plan)))
    flat = [torch.tensor(each, dtype=torch.long, device=device) for each in (states, targets, rows, steps)]
    return Batch(inputs, *flat)


def left_padded(prompts: Sequence[Prompt], plans: Sequence[Sequence[int]], pad: int) -> dict[str, Tensor]:
    """On the CPU, where positions are worked out row by row."""
    lengths = [len(prompt) + len(plan) for prompt, plan in zip(prompts, plans, strict=True)]
    shape = (len(prompts), max(lengths))
    ids = torch.full(shape, pad, dtype=torch.long)
    mask = torch.zeros(shape, dtype=torch.long)
    names = {name for prompt in prompts for name in prompt.per_token}
    per_token = {name: torch.zeros(shape, dtype=torch.long) for name in names}
    for row, (prompt, plan, length) in enumerate(zip(prompts, plans, lengths, strict=True)):
        first = shape[1] - length
        ids[row, first:] = torch.tensor([*prompt.ids, *plan], dtype=torch.long)
        mask[row, first:] = 1
        for name, values in prompt.per_token.items():
            if name != "position_ids":
                per_token[name][row, first : first + len(prompt)] = values
    images = {
        name: joined([prompt.images[name] for prompt in prompts if name in prompt.images])
        for name in {name for prompt in prompts for name in prompt.images}
    }
    return {"input_ids": ids, "attention_mask": mask, **per_token, **images}


def joined(tensors: Sequence[Tensor]) -> Tensor:
    """Along the first dimension. Families that cut pictures into tiles have as many as a picture needs in the second one
    (Idefics, SmolVLM, LLaVA-NeXT): zeros stand for those that are not there, which their models leave out."""
    inner = [max(sizes) for sizes in zip(*(tensor.shape[1:] for tensor in tensors), strict=True)]
    padded = []
    for tensor in tensors:
        missing = [wanted - have for wanted, have in zip(inner, tensor.shape[1:], strict=True)]
        # torch pads the last dimension first.
        amounts = [amount for each in reversed(missing) for amount in (0, each)]
        padded.append(torch.nn.functional.pad(tensor, amounts) if any(missing) else tensor)
    return torch.cat(padded)


def to_device(inputs: dict[str, Tensor], device: torch.device) -> dict[str, Tensor]:
    return {name: value.to(device, non_blocking=True) for name, value in inputs.items()}


def position_ids(network: Any, inputs: dict[str, Tensor]) -> Tensor:
    """Positions that do not depend on the padding: [rows, length], or Qwen's three-dimensional [3, rows, length] from
    the model's own ``get_rope_index``."""
    mask = inputs["attention_mask"]
    rope_index = getattr(network.base_model, "get_rope_index", None)
    if rope_index is None:
        return (mask.cumsum(dim=-1) - 1).clamp(min=0)
    names = ("input_ids", "attention_mask", "mm_token_type_ids", "image_grid_thw")
    given = {name: inputs[name] for name in names if name in inputs}
    given.setdefault("mm_token_type_ids", torch.zeros_like(inputs["input_ids"]))
    positions, _ = rope_index(**given)
    return positions


def next_positions(positions: Tensor) -> Tensor:
    """The position behind each row's last token, [rows]."""
    last = positions[..., -1] if positions.dim() == 2 else positions.amax(dim=(0, 2))
    return last + 1
