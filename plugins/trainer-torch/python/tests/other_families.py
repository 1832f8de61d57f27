"""Tiny models of families that are built otherwise than Qwen's: real classes and processors, random weights.

``llava``: pictures of one size (LLaVA-1.5). ``gemma3``: sliding windows, another token for a picture in the template than in the
prompt. ``idefics3``: pictures cut into tiles, as many as they need (Idefics3, SmolVLM).
"""

from pathlib import Path
from typing import Any

import torch
import transformers as hf
from tiny_model import SPECIALS, TEMPLATE, TEXT, tiny_tokenizer

TEXTUAL = {name: value for name, value in TEXT.items() if name != "use_sliding_window"}
VISION = dict(hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2, patch_size=14)


def build_family(folder: Path, family: str) -> Path:
    torch.manual_seed(0)
    network, processor = {"llava": _llava, "gemma3": _gemma3, "idefics3": _idefics3}[family]()
    network.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def _llava() -> tuple[Any, Any]:
    tokenizer, template = _tokenizer("<image>", ["<image>"])
    config = hf.LlavaConfig(
        vision_config=hf.CLIPVisionConfig(image_size=28, **VISION), text_config=hf.LlamaConfig(**_sizes(tokenizer)),
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"), image_seq_length=4, vision_feature_layer=-1,
    )
    pictures = hf.CLIPImageProcessor(size={"shortest_edge": 28}, crop_size={"height": 28, "width": 28})
    processor = hf.LlavaProcessor(
        image_processor=pictures, tokenizer=tokenizer, patch_size=14, vision_feature_select_strategy="default", image_token="<image>",
        num_additional_image_tokens=1, chat_template=template,
    )
    return hf.LlavaForConditionalGeneration(config), processor


def _gemma3() -> tuple[Any, Any]:
    names = {"boi_token": "<start_of_image>", "eoi_token": "<end_of_image>", "image_token": "<image_soft_token>"}
    tokenizer, template = _tokenizer("<start_of_image>", list(names.values()))
    tokenizer.init_kwargs.update(names)
    for name, token in names.items():
        setattr(tokenizer, name, token)
        setattr(tokenizer, f"{name}_id", tokenizer.convert_tokens_to_ids(token))
    config = hf.Gemma3Config(
        vision_config=hf.SiglipVisionConfig(image_size=28, **VISION),
        text_config=hf.Gemma3TextConfig(head_dim=8, sliding_window=16, layer_types=["sliding_attention", "full_attention"], **_sizes(tokenizer)), mm_tokens_per_image=4,
        **{f"{name}_index": getattr(tokenizer, f"{name}_id") for name in names},
    )
    pictures = hf.Gemma3ImageProcessor(size={"height": 28, "width": 28})
    processor = hf.Gemma3Processor(image_processor=pictures, tokenizer=tokenizer, image_seq_length=4, chat_template=template)
    network = hf.Gemma3ForConditionalGeneration(config)
    # It begins as zeros, so that pictures would be nothing.
    torch.nn.init.normal_(network.model.multi_modal_projector.mm_input_projection_weight, std=0.2)
    return network, processor


def _idefics3() -> tuple[Any, Any]:
    tokenizer, template = _tokenizer("<image>", ["<image>", "<fake_token_around_image>", "<global-img>", "<end_of_utterance>"])
    config = hf.Idefics3Config(
        vision_config=hf.Idefics3VisionConfig(image_size=56, **VISION), text_config=hf.LlamaConfig(**_sizes(tokenizer)),
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"), scale_factor=2, pad_token_id=tokenizer.pad_token_id,
    )
    pictures = hf.Idefics3ImageProcessor(size={"longest_edge": 112}, max_image_size={"longest_edge": 56}, do_image_splitting=True)
    processor = hf.Idefics3Processor(image_processor=pictures, tokenizer=tokenizer, image_seq_len=4, chat_template=template)
    return hf.Idefics3ForConditionalGeneration(config), processor


def _tokenizer(placeholder: str, more: list[str]) -> tuple[Any, str]:
    """With further special tokens, and a template that writes ``placeholder`` for each picture."""
    tokenizer = tiny_tokenizer()
    tokenizer.add_special_tokens({"additional_special_tokens": [*SPECIALS, *more]})
    tokenizer.chat_template = TEMPLATE.replace("<|vision_start|><|image_pad|><|vision_end|>", placeholder)
    return tokenizer, tokenizer.chat_template


def _sizes(tokenizer: Any) -> dict[str, Any]:
    return dict(
        TEXTUAL, vocab_size=len(tokenizer) + 5, bos_token_id=None, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id
    )
