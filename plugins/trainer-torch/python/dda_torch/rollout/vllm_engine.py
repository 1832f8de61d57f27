"""Sampling by a vLLM server, where vLLM is installed; its adapter follows the policy's."""

import atexit
import base64
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from ..errors import TrainerError
from ..settings import Settings
from ..training.learner import Hooks, Learner
from .sampler import PlanRequest
from .text import reserved_tokens, text_and_ends
from .vllm_server import VllmServer, find_vllm

# vLLM's kernels round differently, so its log-probabilities are the policy's but for that; `oldLogProbs: recompute` takes the
# trainer's own. Values are worked out in the update.


class VllmEngine:
    """Needs adapters: a few megabytes are written and read for each new policy version, while whole weights would be read
    anew by a restarted server."""

    def __init__(self, learner: Learner):
        settings = learner.settings
        command = find_vllm()
        if settings.lora is None or learner.parallel.world > 1 or settings.weights == "random":
            raise TrainerError("DDA_CONFIG_INVALID/vllm", location="rollout.engine")
        if learner.encoder.takes_images and not settings.freeze_vision:
            raise TrainerError("DDA_CONFIG_INVALID/vllm-vision", location="freezeVision")
        self._learner = learner
        length = settings.max_prompt + settings.max_plan
        self._server = VllmServer(command, settings.model, settings.revision, length, settings.lora.rank, settings.rollout.concurrency, _pixels(settings))
        self._ready = False
        self._folder = tempfile.TemporaryDirectory(prefix="dda-vllm-")
        self._adapter: str | None = None
        self._stops = learner.stop_ids
        # Rows behind the tokenizer's last word too: the trainer gives them no chance either.
        self._forbidden = learner.policy.forbidden.nonzero().flatten().tolist()
        atexit.register(self.close)

    def weights_changed(self) -> None:
        """The adapter is compared by the id of the weights, so there is nothing to be told."""

    def close(self) -> None:
        self._server.close()
        self._folder.cleanup()

    def sample(self, requests: Sequence[PlanRequest], hooks: Hooks) -> Iterator[dict[str, Any]]:
        """Plans as they finish, as PROTOCOL.md has them; values are null."""
        if not self._ready:
            self._server.wait(hooks.check)
            self._ready = True
        adapter = self._synchronise()
        pool = ThreadPoolExecutor(self._learner.settings.rollout.concurrency)
        try:
            pending: set[Future[dict[str, Any]]] = {pool.submit(self._ask, request, adapter) for request in requests}
            while pending:
                hooks.check()
                done, pending = wait(pending, timeout=0.2, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _synchronise(self) -> str:
        """Gives vLLM the adapter of the current weights; one of older weights is dropped."""
        name = f"dda-{self._learner.weights_id()}"
        if name != self._adapter:
            folder = Path(self._folder.name) / name
            self._learner.policy.network.save_pretrained(folder)
            self._server.post("/v1/load_lora_adapter", {"lora_name": name, "lora_path": str(folder)})
            if self._adapter is not None:
                self._server.post("/v1/unload_lora_adapter", {"lora_name": self._adapter})
            self._adapter = name
        return name

    def _ask(self, request: PlanRequest, adapter: str) -> dict[str, Any]:
        settings, learner = self._learner.settings, self._learner
        answer = self._server.post(
            "/v1/chat/completions",
            {
                "model": adapter,
                "messages": _messages(request),
                "chat_template_kwargs": settings.prompt.template,
                "temperature": request.temperature,
                "top_p": 1.0,
                "top_k": -1,
                # The policy's own distribution: nothing of what a model's generation config recommends.
                "min_p": 0.0,
                "repetition_penalty": 1.0,
                "presence_penalty": 0.0,
                "frequency_penalty": 0.0,
                "stop_token_ids": sorted(self._stops),
                "seed": request.seed % 2**63,
                "max_tokens": settings.max_plan,
                "stop": list(settings.rollout.stop),
                "include_stop_str_in_output": True,
                "logprobs": True,
                "return_token_ids": True,
                "logit_bias": {str(token): -100 for token in self._forbidden},
            },
        )
        try:
            choice = answer["choices"][0]
            ids, prompt = choice["token_ids"], answer["prompt_token_ids"]
            log_probs = [each["logprob"] for each in choice["logprobs"]["content"]]
            reason = choice["finish_reason"]
        except (KeyError, IndexError, TypeError) as error:
            raise TrainerError("DDA_VLLM_FAILED/lacks", {"why": error}) from error
        if tuple(prompt) != request.prompt.ids or len(log_probs) != len(ids) or not ids:
            raise TrainerError("DDA_VLLM_FAILED/tokens", {"count": len(prompt), "wanted": len(request.prompt)})
        text, ends = text_and_ends(learner.tokenizer, ids, self._stops)
        return {
            "id": request.id,
            "text": text,
            "ids": ids,
            "logProbs": log_probs,
            "values": None,
            "ends": ends,
            "ended": reason == "stop",
            "reserved": reserved_tokens(learner.tokenizer, ids, self._stops),
        }


def _pixels(settings: Settings) -> dict[str, int]:
    given = {"min_pixels": settings.min_pixels, "max_pixels": settings.max_pixels}
    return {name: value for name, value in given.items() if value is not None}


def _messages(request: PlanRequest) -> list[dict[str, Any]]:
    """The prompt's messages with its pictures inside, as OpenAI's API has them."""
    prompt = request.prompt

    def content(parts: Any) -> Any:
        if isinstance(parts, str):
            return parts
        pictures = iter(prompt.pictures)
        return [
            {"type": "image_url", "image_url": {"url": _data_url(next(pictures))}} if part["type"] == "image" else part for part in parts
        ]

    return [{**message, "content": content(message["content"])} for message in prompt.messages]


def _data_url(path: str) -> str:
    content = Path(path).read_bytes()
    kind = "png" if content.startswith(b"\x89PNG") else "jpeg" if content.startswith(b"\xff\xd8") else "webp"
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
