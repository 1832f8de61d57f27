"""A text policy of some 10^5 parameters that writes plans word by word, after a short warm start on the demonstrations of a project.
Arguments: project, folder for the model, steps of the warm start. Prints one line of JSON."""

import json
import sys

import torch
from plans import samples
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

project, folder, steps = sys.argv[1:]
rows = [sample for sample in samples(project) if sample["split"] == "train"]
words = ["<pad>", "<eos>", "<unk>"]
words += dict.fromkeys(word for row in rows for word in f"{row['instruction']} {row['demonstration']}".split())
raw = Tokenizer(models.WordLevel({word: at for at, word in enumerate(words)}, unk_token="<unk>"))
raw.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, pad_token="<pad>", eos_token="<eos>", unk_token="<unk>")
tokenizer.chat_template = "{% for m in messages %}{{ m['content'] }}\n{% endfor %}"

torch.manual_seed(3)
shape = dict(hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4)
model = LlamaForCausalLM(
    LlamaConfig(vocab_size=len(words), max_position_embeddings=256, pad_token_id=0, eos_token_id=1, **shape)
)
texts = []
for row in rows:
    prompt = tokenizer.apply_chat_template([{"role": "user", "content": row["instruction"]}], return_dict=False)
    plan = tokenizer(row["demonstration"])["input_ids"] + [1]
    texts.append((prompt + plan, [-100] * len(prompt) + plan))
longest = max(len(ids) for ids, _ in texts)
ids = torch.tensor([ids + [0] * (longest - len(ids)) for ids, _ in texts])
labels = torch.tensor([labels + [-100] * (longest - len(labels)) for _, labels in texts])
mask = torch.tensor([[1] * len(one) + [0] * (longest - len(one)) for one, _ in texts])
optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
for _ in range(int(steps)):
    loss = model(input_ids=ids, attention_mask=mask, labels=labels).loss
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
model.save_pretrained(folder)
tokenizer.save_pretrained(folder)
print(json.dumps({"loss": loss.item(), "parameters": model.num_parameters(), "longest": longest}))
