"""A Hugging Face model by name or folder, with adapters and what is frozen."""

import sys
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ..errors import TrainerError
from ..settings import Lora, Settings


def load_processor(settings: Settings) -> Any:
    """The processor of an image-text-to-text model, or the tokenizer of a text-only one."""
    from transformers import AutoProcessor, AutoTokenizer

    pixels = {"min_pixels": settings.min_pixels, "max_pixels": settings.max_pixels}
    given = {name: value for name, value in pixels.items() if value is not None}
    if not is_multimodal(load_config(settings.model, settings.revision)):
        return _from_hub(settings.model, lambda: AutoTokenizer.from_pretrained(settings.model, revision=settings.revision))
    return _from_hub(
        settings.model, lambda: AutoProcessor.from_pretrained(settings.model, revision=settings.revision, **given)
    )


def load_config(name: str, revision: str | None) -> Any:
    from transformers import AutoConfig

    return _from_hub(name, lambda: AutoConfig.from_pretrained(name, revision=revision))


def is_multimodal(config: Any) -> bool:
    from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES

    return config.model_type in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES


def load_network(name: str, settings: Settings, dtype: torch.dtype, seed: int, empty: bool = False) -> Any:
    """The network with its head for tokens, on the CPU; ``empty``: without contents, on the device ``meta``."""
    from transformers import AutoModelForCausalLM, AutoModelForImageTextToText

    config = load_config(name, settings.revision)
    kind = AutoModelForImageTextToText if is_multimodal(config) else AutoModelForCausalLM
    given: dict[str, Any] = {"dtype": dtype}
    if settings.attention is not None:
        given["attn_implementation"] = settings.attention
    if settings.weights == "random":
        torch.manual_seed(seed)
        with torch.device("meta") if empty else nullcontext():
            network = kind.from_config(config, **given)
    else:
        # Headers alone are read then.
        given |= {"device_map": "meta"} if empty else {}
        network = _from_hub(name, lambda: kind.from_pretrained(name, config=config, revision=settings.revision, **given))
    return network


def prepare(network: Any, settings: Settings, seed: int) -> Any:
    """Adapters, frozen parts, gradient checkpointing. Returns the network, with adapters injected where configured."""
    vision = vision_parameters(network)
    if settings.lora is not None:
        network = add_lora(network, settings.lora, settings.freeze_vision, seed)
    elif settings.freeze_vision:
        for name, parameter in network.named_parameters():
            if name in vision:
                parameter.requires_grad_(False)
    if settings.gradient_checkpointing:
        checkpoint_layers(network)
    return network


def checkpoint_layers(network: Any) -> None:
    """Layers compute their activations again in the backward pass, by the layers' own code, which is free of chance there.
    Raises ``DDA_CONFIG_INVALID`` for a model whose layers cannot."""
    try:
        network.gradient_checkpointing_enable({"use_reentrant": False})
    except ValueError as error:
        raise _not_checkpointed(network) from error
    layers = [module for module in network.modules() if _is_checkpointed(module)]
    if not layers:
        raise _not_checkpointed(network)
    for layer in layers:
        layer._gradient_checkpointing_func = partial(_at_rest, layer, layer._gradient_checkpointing_func)


def set_learning(network: nn.Module) -> None:
    """Readies modules for gradients, and leaves nothing to chance: dropout, jitter of routers, skipped layers, statistics of
    batches. All of them ask ``training``, whatever they are called, so it is off everywhere, and an unchanged policy has
    ratio 1; only layers that are checkpointed say that they train, because they would not be otherwise."""
    network.eval()
    for module in network.modules():
        if _is_checkpointed(module):
            module.training = True


def _is_checkpointed(module: nn.Module) -> bool:
    from transformers.modeling_layers import GradientCheckpointingLayer

    return isinstance(module, GradientCheckpointingLayer) and module.gradient_checkpointing


def _at_rest(layer: nn.Module, checkpoint: Callable[..., Any], run: Callable[..., Any], *given: Any, **more: Any) -> Any:
    """Checkpoints ``run``, the forward pass of the layer, with its ``training`` off, there and when it is run again."""

    def rested(*args: Any, **kwargs: Any) -> Any:
        before, layer.training = layer.training, False
        try:
            return run(*args, **kwargs)
        finally:
            layer.training = before

    return checkpoint(rested, *given, **more)


def _not_checkpointed(network: Any) -> TrainerError:
    model = type(base_of(network)).__name__
    return TrainerError("DDA_CONFIG_INVALID/checkpointing", {"model": model}, location="gradientCheckpointing")


def add_lora(network: Any, lora: Lora, freeze_vision: bool, seed: int) -> Any:
    """Injects adapters into the network in place; everything else is frozen.
    Raises ``DDA_CONFIG_INVALID`` where no layer has a name of ``targets``."""
    from peft import LoraConfig, get_peft_model

    vision = {name.rsplit(".", 1)[0] for name in vision_parameters(network)} if freeze_vision else set()
    head = network.get_output_embeddings()
    wanted = [
        name
        for name, module in network.named_modules()
        if isinstance(module, nn.Linear)
        and module is not head
        and name not in vision
        and ("all-linear" in lora.targets or name.rsplit(".", 1)[-1] in lora.targets)
    ]
    if not wanted:
        raise TrainerError(
            "DDA_CONFIG_INVALID/lora-targets",
            {"targets": " or ".join(lora.targets)},
            location="lora.targets",
        )
    torch.manual_seed(seed + 1)
    config = LoraConfig(r=lora.rank, lora_alpha=lora.alpha, lora_dropout=0.0, target_modules=wanted, bias="none")
    return get_peft_model(network, config)


def vision_parameters(network: Any) -> set[str]:
    """Names of the parameters outside the language model and its head."""
    decoder, head = network.get_decoder(), network.get_output_embeddings()
    if decoder is network.base_model:
        return set()
    own = {id(parameter) for part in (decoder, head) if part is not None for parameter in part.parameters()}
    return {name for name, parameter in network.named_parameters() if id(parameter) not in own}


def base_of(network: Any) -> Any:
    """The Hugging Face model inside an adapter wrapper, or the model itself."""
    return network.get_base_model() if hasattr(network, "peft_config") and hasattr(network, "get_base_model") else network


def _from_hub(name: str, load: Any) -> Any:
    if Path(name).is_absolute() and not Path(name).is_dir():
        raise TrainerError("DDA_MODEL_NOT_FOUND/torch-folder", {"name": name})
    try:
        return load()
    except (ValueError, KeyError, AttributeError) as error:
        raise TrainerError("DDA_MODEL_UNSUPPORTED/torch", {"name": name, "why": str(error)[:500]}) from error
    except ImportError as error:
        raise TrainerError(
            "DDA_MODEL_UNSUPPORTED/torch-package",
            {"name": name, "why": str(error)[:500], "executable": sys.executable},
        ) from error
    except OSError as error:
        raise TrainerError("DDA_MODEL_NOT_FOUND/torch", {"name": name, "why": str(error)[:500]}) from error
