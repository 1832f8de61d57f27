"""Builds a folder with a tiny vision-language model: the real classes and processor of Qwen, random weights.

    python tests/tiny_model.py FOLDER [qwen2_vl | qwen2_5_vl | qwen3_vl | qwen2]
"""

import sys
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    PreTrainedTokenizerFast,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2_5_VLProcessor,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen2VLConfig,
    Qwen2VLForConditionalGeneration,
    Qwen2VLImageProcessor,
    Qwen2VLProcessor,
    Qwen2VLVideoProcessor,
    Qwen3VLConfig,
    Qwen3VLForConditionalGeneration,
    Qwen3VLProcessor,
    Qwen3VLVideoProcessor,
)

SPECIALS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]
WORDS = ["red", "green", "blue", "paint", "the", "make", "<plan>", "</plan>", "<look>", "</look>"]
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n"
    "{% if m['content'] is string %}{{ m['content'] }}{% else %}{% for c in m['content'] %}"
    "{% if c['type'] == 'image' %}<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ c['text'] }}{% endif %}"
    "{% endfor %}{% endif %}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
TEXT = dict(hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
            max_position_embeddings=512, tie_word_embeddings=False, use_sliding_window=False)


def tiny_tokenizer() -> PreTrainedTokenizerFast:
    """Bytes and a few words; any text can be written."""
    vocabulary = {char: i for i, char in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    core = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    core.add_tokens(WORDS)
    return PreTrainedTokenizerFast(
        tokenizer_object=core, eos_token="<|im_end|>", pad_token="<|endoftext|>",
        additional_special_tokens=SPECIALS, padding_side="left", chat_template=TEMPLATE,
    )


def build(
    folder: Path, family: str = "qwen2_5_vl", seed: int = 0, *,
    tokenizer: PreTrainedTokenizerFast | None = None, text: dict[str, Any] | None = None, vision: dict[str, Any] | None = None,
) -> Path:
    """`text` and `vision` override sizes, `vision` of Qwen2.5-VL."""
    tokenizer = tokenizer or tiny_tokenizer()
    ids = {name: tokenizer.convert_tokens_to_ids(f"<|{name}|>") for name in ("image_pad", "video_pad", "vision_start", "vision_end")}
    # A few rows more than the tokenizer has words, as real checkpoints have.
    size = len(tokenizer) + 5
    common = dict(image_token_id=ids["image_pad"], video_token_id=ids["video_pad"], tie_word_embeddings=False,
                  vision_start_token_id=ids["vision_start"], vision_end_token_id=ids["vision_end"])
    text = TEXT | (text or {})
    half = text["hidden_size"] // text["num_attention_heads"] // 2
    rope = {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [half // 4, half // 4, half - 2 * (half // 4)]}
    text = text | dict(vocab_size=size, bos_token_id=None, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id)
    pixels = dict(size={"shortest_edge": 4 * 14 * 14, "longest_edge": 16 * 28 * 28}, patch_size=14)
    torch.manual_seed(seed)
    if family == "qwen2":
        tokenizer.save_pretrained(folder)
        Qwen2ForCausalLM(Qwen2Config(**text)).save_pretrained(folder)
        return folder
    if family == "qwen2_vl":
        vision = dict(depth=2, embed_dim=16, hidden_size=32, num_heads=2, mlp_ratio=2, patch_size=14)
        config = Qwen2VLConfig(text_config=dict(text, rope_parameters=rope), vision_config=vision, **common)
        network, processor, video = Qwen2VLForConditionalGeneration, Qwen2VLProcessor, Qwen2VLVideoProcessor()
    elif family == "qwen2_5_vl":
        vision = dict(depth=2, hidden_size=16, out_hidden_size=32, intermediate_size=24, num_heads=2, patch_size=14,
                      fullatt_block_indexes=[1], window_size=56) | (vision or {})
        config = Qwen2_5_VLConfig(text_config=dict(text, rope_parameters=rope), vision_config=vision, **common)
        network, processor, video = Qwen2_5_VLForConditionalGeneration, Qwen2_5_VLProcessor, Qwen2VLVideoProcessor()
    elif family == "qwen3_vl":
        vision = dict(depth=2, hidden_size=16, out_hidden_size=32, intermediate_size=24, num_heads=2, patch_size=16,
                      deepstack_visual_indexes=[0], num_position_embeddings=64)
        text |= dict(head_dim=8, rope_parameters={**rope, "mrope_interleaved": True})
        pixels = dict(size={"shortest_edge": 4 * 16 * 16, "longest_edge": 16 * 32 * 32}, patch_size=16)
        config = Qwen3VLConfig(text_config=text, vision_config=vision, **common)
        network, processor, video = Qwen3VLForConditionalGeneration, Qwen3VLProcessor, Qwen3VLVideoProcessor()
    else:
        raise ValueError(family)
    network(config).save_pretrained(folder)
    images = Qwen2VLImageProcessor(**pixels)
    processor(image_processor=images, tokenizer=tokenizer, video_processor=video, chat_template=TEMPLATE).save_pretrained(folder)
    return folder


if __name__ == "__main__":
    print(build(Path(sys.argv[1]), *sys.argv[2:3]))
