"""Instruction and images -> the token ids and tensors that a policy reads."""

import hashlib
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..errors import TrainerError
from ..settings import Prompt as PromptSettings

# Prompts that stay encoded; members of a group and the update after the rollout ask for the same ones.
KEPT = 256


@dataclass(frozen=True)
class Prompt:
    """An encoded prompt. Equal keys mean equal prompts."""

    key: str
    # Token ids with the placeholders of images expanded.
    ids: tuple[int, ...]
    # One number a token, for example Qwen's mm_token_type_ids: name -> [length].
    per_token: dict[str, Tensor]
    # Images as the vision tower takes them; prompts of a batch are concatenated along the first dimension.
    images: dict[str, Tensor]
    # The same as messages of a chat, for engines that read prompts themselves: {"type": "image"} stands for each picture.
    messages: list[dict[str, Any]]
    # Paths of the pictures.
    pictures: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ids)


class PromptEncoder:
    """Applies the chat template and the image processor of a model.

    ``processor`` is a multimodal processor, or a tokenizer for text-only models. Checks what silently ruins training
    elsewhere: images given to a text-only model, placeholders that do not match images, special tokens in the text.
    """

    def __init__(self, processor: Any, settings: PromptSettings, max_prompt: int):
        self.processor = processor
        self.tokenizer = getattr(processor, "tokenizer", processor)
        self.takes_images = getattr(processor, "image_processor", None) is not None
        self.settings = settings
        self.max_prompt = max_prompt
        self._kept: OrderedDict[str, Prompt] = OrderedDict()
        specials = getattr(self.tokenizer, "all_special_tokens", [])
        self._specials = sorted((token for token in specials if token.strip()), key=len, reverse=True)
        self._image_token = _image_token(processor) if self.takes_images else None
        # Ends a plan that is imitated; `end_turns_with` finds the one of the chat template.
        self.turn_end: int = self.tokenizer.eos_token_id

    def encode(self, instruction: str, images: Sequence[dict[str, str]], sample_id: str) -> Prompt:
        """``images``: ``{"hash", "path"}`` of each, in order. Raises ``DDA_MODEL_TEXT_ONLY``, ``DDA_TRAINER_INPUT``,
        ``DDA_IMAGE_PLACEHOLDERS``, ``DDA_IMAGE_INVALID``, ``DDA_PROMPT_TOO_LONG``, each with the sample."""
        key = hashlib.sha256("\0".join([instruction, *(image["hash"] for image in images)]).encode()).hexdigest()
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        prompt = self._encode(key, instruction, images, sample_id)
        self._kept[key] = prompt
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return prompt

    def _encode(self, key: str, instruction: str, images: Sequence[dict[str, str]], sample_id: str) -> Prompt:
        def refuse(key: str, holes: dict[str, Any]) -> TrainerError:
            return TrainerError(key, {"sample": sample_id, **holes}, sampleId=sample_id, kind="bad-input")

        if images and not self.takes_images:
            raise refuse("DDA_MODEL_TEXT_ONLY", {"count": len(images)})
        reserved = next((token for token in self._specials if token in instruction), None)
        if reserved is not None:
            raise refuse("DDA_TRAINER_INPUT/reserved-token", {"reserved": reserved})
        messages = self._messages(instruction, len(images))
        text = self._render(messages)
        if self._image_token is not None and text.count(self._image_token) != len(images):
            raise refuse("DDA_IMAGE_PLACEHOLDERS", {"count": len(images), "placeholders": text.count(self._image_token)})
        pictures = [_open(image, refuse) for image in images]
        try:
            encoded = self._process(text, pictures)
        except Exception as error:  # noqa: BLE001 - processors refuse with whatever they like, and it is this sample's alone
            if not pictures:
                raise
            raise refuse("DDA_IMAGE_INVALID/sample", {"image": images[0]["hash"][:12], "why": error}) from error
        ids = encoded.pop("input_ids")
        encoded.pop("attention_mask", None)
        if ids.shape[1] > self.max_prompt:
            raise refuse("DDA_PROMPT_TOO_LONG", {"count": ids.shape[1], "most": self.max_prompt})
        per_token = {name: value[0] for name, value in encoded.items() if value.shape == ids.shape}
        rest = {name: value for name, value in encoded.items() if name not in per_token}
        return Prompt(key, tuple(ids[0].tolist()), per_token, rest, messages, tuple(image["path"] for image in images))

    def _messages(self, instruction: str, images: int) -> list[dict[str, Any]]:
        user: Any = self.settings.user.replace("{instruction}", instruction)
        if self.takes_images:
            user = [{"type": "image"}] * images + [{"type": "text", "text": user}]
        messages = [{"role": "user", "content": user}]
        if self.settings.system is not None:
            system: Any = self.settings.system
            content = [{"type": "text", "text": system}] if self.takes_images else system
            messages.insert(0, {"role": "system", "content": content})
        return messages

    def _render(self, messages: list[dict[str, Any]], prompt: bool = True) -> str:
        template = getattr(self.processor, "chat_template", None) or getattr(self.tokenizer, "chat_template", None)
        if not template:
            raise TrainerError("DDA_MODEL_UNSUPPORTED/chat-template")
        return self.processor.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=prompt, **self.settings.template
        )

    def _process(self, text: str, images: list[Any]) -> dict[str, Tensor]:
        # The template has written the special tokens already.
        if not self.takes_images:
            return dict(self.tokenizer(text, add_special_tokens=False, return_tensors="pt"))
        given = {"images": images} if images else {}
        encoded = self.processor(text=[text], return_tensors="pt", add_special_tokens=False, **given)
        return {name: value for name, value in encoded.items() if isinstance(value, torch.Tensor)}

    def end_turns_with(self, stops: Collection[int]) -> None:
        """Has demonstrations end as the chat template ends a turn of the assistant, where that is one of the tokens that end a plan:
        Gemma's <end_of_turn> is not its tokenizer's end of sequence."""
        said = "plan"
        content: Any = [{"type": "text", "text": said}] if self.takes_images else said
        try:
            text = self._render([*self._messages("x", 0), {"role": "assistant", "content": content}], prompt=False)
        except TrainerError:
            raise
        except Exception:  # noqa: BLE001 - templates are programs of their own, and some take no turn of the assistant
            return
        behind = self.tokenizer(text.rpartition(said)[2].strip(), add_special_tokens=False)["input_ids"]
        if behind and behind[0] in stops:
            self.turn_end = behind[0]

    def response(self, text: str, sample_id: str, limit: int) -> list[int]:
        """The tokens of a plan that is to be imitated, with the end of the turn."""
        reserved = next((token for token in self._specials if token in text), None)
        ids = self.tokenizer(text, add_special_tokens=False)["input_ids"] + [self.turn_end]
        if reserved is None and len(ids) <= limit:
            return ids
        problem = f"contains the reserved token {reserved}" if reserved else f"has {len(ids)} tokens, more than {limit}"
        raise TrainerError("DDA_TRAINER_INPUT/demonstration", {"sample": sample_id, "problem": problem}, sampleId=sample_id)


def _image_token(processor: Any) -> str | None:
    for owner in (processor, processor.tokenizer):
        for name in ("boi_token", "image_token"):
            # Gemma writes a begin-of-image token into the template and expands that one.
            token = getattr(owner, name, None)
            if isinstance(token, str):
                return token
    return None


def _open(image: dict[str, str], refuse: Any) -> Any:
    from PIL import Image

    from dda_worker.pictures import read_rgb

    try:
        return read_rgb(Path(image["path"]).read_bytes())
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise refuse("DDA_IMAGE_INVALID/sample", {"image": image["hash"][:12], "why": error}) from error
