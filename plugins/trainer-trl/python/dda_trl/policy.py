"""Plans of a model in a folder or on the hub, one after another: each follows from its prompt, its seed and its temperature alone."""

from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


class Policy:
    def __init__(self) -> None:
        self._held: tuple[Any, Any, Any] | None = None

    def plan(self, request: Any) -> dict:
        params = request.params
        model, tokenizer = self._loaded(params["model"], params["device"], params["dtype"])
        for wanted in params["requests"]:
            if request.cancelled:
                break
            request.event({"id": wanted["id"], **self._plan(model, tokenizer, wanted, params["maxPlan"])})
        return {}

    def _loaded(self, name: str, device: str, dtype: str) -> tuple[Any, Any]:
        if self._held is None or self._held[0] != name:
            self._held = None
            model = AutoModelForCausalLM.from_pretrained(name, dtype=dtype)
            where = "cuda" if device != "cpu" and torch.cuda.is_available() else "cpu"
            self._held = (name, model.to(where).eval(), AutoTokenizer.from_pretrained(name))
        return self._held[1], self._held[2]

    @torch.no_grad()
    def _plan(self, model: Any, tokenizer: Any, wanted: dict, most: int) -> dict:
        ids = tokenizer.apply_chat_template(
            wanted["messages"], add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt"
        ).to(model.device)
        ids.pop("token_type_ids", None)
        torch.manual_seed(wanted["seed"])
        temperature = wanted["temperature"]
        how = {"do_sample": False} if temperature == 0 else {"do_sample": True, "temperature": temperature}
        # As the trainer samples: nothing of the model's own generation settings but where it ends.
        out = model.generate(**ids, **how, top_p=1.0, top_k=0, max_new_tokens=most, pad_token_id=tokenizer.pad_token_id)
        written = out[0, ids["input_ids"].shape[1] :].tolist()
        ends = model.generation_config.eos_token_id
        ends = set(ends if isinstance(ends, list) else [ends]) | {tokenizer.eos_token_id}
        return {
            "text": tokenizer.decode(written, skip_special_tokens=True),
            "ended": bool(written) and written[-1] in ends,
        }
