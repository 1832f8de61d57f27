"""A vision-language model for the tabletop world: real classes, random weights, a byte-level BPE tokenizer made of the samples' own words.

    python bench/torch/tabletop_model.py SAMPLES.jsonl FOLDER [--size 100m]
"""

import argparse
import json
import sys
from pathlib import Path

from common import ROOT  # noqa: F401 - puts the tests' model on the path
from tiny_model import SPECIALS, TEMPLATE, build
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

# 100m: 86 M weights in the text model, 11 M in the vision tower.
SIZES = {
    "tiny": ({}, {}),
    "100m": (
        dict(hidden_size=768, intermediate_size=2304, num_hidden_layers=12, num_attention_heads=12, num_key_value_heads=4),
        dict(depth=6, hidden_size=384, intermediate_size=1024, num_heads=6, fullatt_block_indexes=[2, 5], window_size=112, out_hidden_size=768),
    ),
}


def tokenizer_of(texts: list[str]) -> PreTrainedTokenizerFast:
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=2048, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    core.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=core, eos_token="<|im_end|>", pad_token="<|endoftext|>",
        additional_special_tokens=SPECIALS, padding_side="left", chat_template=TEMPLATE,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("samples", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", choices=SIZES, default="100m")
    given = parser.parse_args()
    samples = [json.loads(line) for line in given.samples.read_text().splitlines() if line]
    texts = [text for sample in samples for text in (sample["instruction"], sample.get("demonstration")) if text]
    if not texts:
        sys.exit(f"{given.samples} has no samples")
    text, vision = SIZES[given.size]
    build(given.folder, "qwen2_5_vl", tokenizer=tokenizer_of(texts), text=text, vision=vision)


if __name__ == "__main__":
    main()
