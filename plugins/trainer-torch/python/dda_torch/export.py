"""The trained policy as a folder that ``transformers`` loads, adapters merged into the weights."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from .checkpoint import writing
from .parallel import full
from .training.learner import Learner


def export_policy(learner: Learner, folder: Path) -> list[str]:
    """Weights, config, processor and chat template. The policy in training is not touched: merging in place and back
    would leave rounding errors in it. All ranks must call it; rank 0 writes. Returns the files' names."""
    weights = merged_weights(learner.policy.network, keep=learner.parallel.rank == 0)
    if learner.parallel.rank != 0:
        return []
    base = learner.policy.base
    with writing():
        folder.mkdir(parents=True, exist_ok=True)
        before = {path.name for path in folder.iterdir()}
        base.save_pretrained(folder, state_dict=weights)
        learner.encoder.processor.save_pretrained(folder)
    return sorted(path.name for path in folder.iterdir() if path.name not in before and path.is_file())


@torch.no_grad()
def merged_weights(network: Any, keep: bool = True) -> dict[str, Tensor]:
    """State of the model inside an adapter wrapper, on the CPU: W + scale * B A in float32, rounded once. Empty for a rank that only
    helps to make it, where weights are shared."""
    from peft.tuners.lora import LoraLayer

    base = network.get_base_model() if hasattr(network, "peft_config") else network
    deltas: dict[str, Tensor] = {}
    for name, module in base.named_modules():
        if isinstance(module, LoraLayer):
            adapter = module.active_adapters[0]
            down, up = full(module.lora_A[adapter].weight).float(), full(module.lora_B[adapter].weight).float()
            deltas[f"{name}.base_layer.weight"] = (up @ down) * module.scaling[adapter]
    weights = {}
    for name, value in base.state_dict().items():
        if ".lora_" in name:
            continue
        whole = full(value)
        if not keep:
            continue
        if name in deltas:
            whole = (whole.float() + deltas[name].to(whole.device)).to(whole.dtype)
        weights[name.replace(".base_layer.", ".")] = whole.cpu().clone()
    return weights
