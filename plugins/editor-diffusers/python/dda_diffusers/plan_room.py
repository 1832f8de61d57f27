"""How long a plan a pipeline reads to its end: found out by asking the pipeline itself.

Limits are in many places: the tokenizer's ``model_max_length``, an argument ``max_sequence_length``, an attribute, a slice of
embeddings, a crash. What counts is whether the first and the last word of a plan change anything that reaches the network
which denoises; so two plans that differ in one of them are compared there, before it works.
"""

import logging
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from .errors import is_device_fault

# Tokens of the longest plan that is tried; Thinkers write a few hundred.
MOST = 2048
# Names of the networks that denoise, in pipelines of any family.
DENOISERS = ("transformer", "unet", "prior_prior", "prior", "transformer_2", "decoder")
# Of a limit, how much may be given away for a shorter search.
PRECISION = 64


class _Reached(Exception):
    """The network that denoises was about to work."""


@dataclass(frozen=True)
class PlanRoom:
    """What a pipeline reads of a plan, in tokens of its own."""

    count: Callable[[str], int]
    most: float

    def lacks(self, plan: str) -> tuple[int, int] | None:
        """Length and room where the plan is too long; None where all of it is read."""
        length = self.count(plan)
        return None if length <= self.most else (length, int(self.most))


def text_tokenizers(pipeline: Any) -> Iterator[Any]:
    """Its tokenizers for text; some keep theirs inside a processor."""
    for name in ("tokenizer", "tokenizer_2", "tokenizer_3", "text_tokenizer", "processor"):
        found = getattr(pipeline, name, None)
        found = getattr(found, "tokenizer", None) or getattr(found, "text_tokenizer", None) or found
        if callable(found) and hasattr(found, "model_max_length"):
            yield found


def counter(pipeline: Any, written: Callable[[str], str]) -> Callable[[str], int] | None:
    """Counts tokens as the text encoder with the most room does, of a plan as it is ``written`` for it; None where there is no tokenizer."""
    tokenizers = list(text_tokenizers(pipeline))
    if not tokenizers:
        return None
    tokenizer = max(tokenizers, key=lambda each: each.model_max_length)

    def count(text: str) -> int:
        with _quiet("transformers"):
            return len(tokenizer(written(text), truncation=False)["input_ids"])

    return count


def as_it_is(plan: str) -> str:
    return plan


def stated_room(pipeline: Any, written: Callable[[str], str] = as_it_is) -> PlanRoom | None:
    """What its tokenizers say, for a pipeline of which nothing else is known."""
    count = counter(pipeline, written)
    if count is None:
        return None
    return PlanRoom(count, max(each.model_max_length for each in text_tokenizers(pipeline)))


def find_room(
    pipeline: Any, invoke: Callable[[str], Any], hint: int | None = None, written: Callable[[str], str] = as_it_is
) -> PlanRoom | None:
    """The longest plan that is read from its first word to its last.

    ``invoke`` calls the pipeline with a plan, everything else being equal. ``hint`` is a length at which it may well end;
    ``written`` is what of a plan takes room. None where nothing can be found out: there is no tokenizer, or no network that
    denoises.
    """
    count = counter(pipeline, written)
    denoisers = [part for name in DENOISERS if isinstance(part := getattr(pipeline, name, None), torch.nn.Module)]
    if count is None or not denoisers:
        return None
    probe = _Probe(denoisers, invoke)

    def text(words: int, first: str = "a", last: str = "a") -> str:
        return " ".join([first, *["a"] * (words - 2), last])

    # A plan takes tokens for its words, and some pipelines add marks of its begin and end.
    few, each = count(text(16)), (count(text(80)) - count(text(16))) / 64

    def words(tokens: int) -> int:
        """The most words that take no more tokens."""
        return max(2, 16 + math.floor((tokens - few) / each))

    def reads(tokens: int) -> bool:
        base = probe.conditioning(text(words(tokens)))
        if base is None:
            return False
        for change in ({"last": "b"}, {"first": "b"}):
            other = probe.conditioning(text(words(tokens), **change))
            if other is None or _differ(base, other) <= probe.noise:
                return False
        return True

    if each <= 0 or not probe.works(text(16)):
        return None
    low, high = 0, MOST
    if hint is not None and hint < MOST:
        longer = hint + math.ceil(each)
        if not reads(hint):
            high = hint
            low, high = (guess, high) if reads(guess := int(0.75 * hint)) else (low, guess)
        elif not reads(longer):
            # As most pipelines say themselves: seven calls.
            return PlanRoom(count, count(text(words(hint))))
        else:
            low = longer
    if high == MOST and reads(MOST):
        return PlanRoom(count, MOST)
    while high - low > max(1, high // PRECISION):
        middle = (low + high) // 2
        low, high = (middle, high) if reads(middle) else (low, middle)
    return PlanRoom(count, count(text(words(low))))


@contextmanager
def encoded_once(autoencoder: Any) -> Iterator[None]:
    """Pictures that are equal are encoded once inside."""
    encode = getattr(autoencoder, "encode", None)
    if encode is None:
        yield
        return
    kept: list[tuple[torch.Tensor, Any]] = []

    def remembered(picture: torch.Tensor, *args: Any, **more: Any) -> Any:
        for known, result in kept:
            if known.shape == picture.shape and torch.equal(known, picture):
                return result
        result = encode(picture, *args, **more)
        kept.append((picture, result))
        return result

    autoencoder.encode = remembered
    try:
        yield
    finally:
        del autoencoder.encode


class _Probe:
    """What reaches a network, of a call that goes no further."""

    def __init__(self, denoisers: list[torch.nn.Module], invoke: Callable[[str], Any]):
        self._denoisers = denoisers
        self._invoke = invoke
        self.noise = 0.0

    def works(self, plan: str) -> bool:
        """Can anything be seen at all? Two equal calls tell what is chance."""
        first, again = self.conditioning(plan), self.conditioning(plan)
        if first is None or again is None:
            return False
        self.noise = 2 * _differ(first, again)
        return math.isfinite(self.noise)

    def conditioning(self, plan: str) -> list[torch.Tensor] | None:
        """All tensors that the network would be given; None where the pipeline fails before."""
        seen: list[torch.Tensor] = []

        def stop(_module: Any, args: Any, kwargs: Any) -> None:
            seen.extend(each.detach().to("cpu", copy=True) for each in _tensors((args, kwargs)))
            raise _Reached

        hooks = [each.register_forward_pre_hook(stop, with_kwargs=True, prepend=True) for each in self._denoisers]
        try:
            # Some draw from the global generator, whatever they are given.
            torch.manual_seed(0)
            with _quiet("diffusers"), _quiet("transformers"):
                self._invoke(plan)
        except _Reached:
            return seen
        except Exception as error:  # noqa: BLE001 - a plan of that length is one that the pipeline does not take
            if is_device_fault(error):
                raise
            return None
        finally:
            for hook in hooks:
                hook.remove()
        return None


def _tensors(given: Any) -> Iterator[torch.Tensor]:
    if isinstance(given, torch.Tensor):
        yield given
    elif isinstance(given, dict):
        for key in sorted(given, key=str):
            yield from _tensors(given[key])
    elif isinstance(given, (list, tuple)):
        for each in given:
            yield from _tensors(each)


def _differ(a: list[torch.Tensor], b: list[torch.Tensor]) -> float:
    """Largest difference of a number; infinite where shapes differ."""
    if [each.shape for each in a] != [each.shape for each in b]:
        return math.inf
    pairs = [(x.double(), y.double()) for x, y in zip(a, b, strict=True) if x.numel() > 0]
    return max((float((x - y).abs().nan_to_num(0).max()) for x, y in pairs), default=0.0)


class _quiet:
    """Holds back what a library warns of."""

    def __init__(self, name: str):
        self._logger = logging.getLogger(name)

    def __enter__(self) -> None:
        # Not its level: each change of one makes all loggers of the process work out theirs again.
        self._before = self._logger.handlers, self._logger.propagate
        self._logger.handlers, self._logger.propagate = [logging.NullHandler()], False

    def __exit__(self, *_: Any) -> None:
        self._logger.handlers, self._logger.propagate = self._before
