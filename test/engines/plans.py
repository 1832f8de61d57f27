"""A policy whose tokens are whole plans: random weights write plans that the service edits, at the cost of one token."""

import json
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast


def samples(project: str) -> list[dict]:
    return [json.loads(line) for line in (Path(project) / "data/samples.jsonl").read_text().splitlines()]


def plan_tokenizer(plans: list[str]) -> PreTrainedTokenizerFast:
    words = ["<pad>", "<eos>", "<unk>", *dict.fromkeys(plans)]
    tokenizer = Tokenizer(models.WordLevel({word: at for at, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", eos_token="<eos>", unk_token="<unk>")
    fast.chat_template = "{% for m in messages %}{{ m['content'] }}\n{% endfor %}"
    return fast


def byte_tokenizer() -> PreTrainedTokenizerFast:
    """One token a byte, so that any text comes back as it was."""
    bytes_of = {char: at for at, char in enumerate(["<pad>", "<eos>", *sorted(pre_tokenizers.ByteLevel.alphabet())])}
    raw = Tokenizer(models.BPE(bytes_of, []))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(tokenizer_object=raw, pad_token="<pad>", eos_token="<eos>")
    fast.chat_template = "{% for m in messages %}{{ m['content'] }}\n{% endfor %}"
    return fast


def tiny_llama(vocabulary: int) -> LlamaForCausalLM:
    torch.manual_seed(3)
    shape = dict(hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2)
    config = LlamaConfig(vocab_size=vocabulary, max_position_embeddings=512, pad_token_id=0, eos_token_id=1, **shape)
    return LlamaForCausalLM(config)
