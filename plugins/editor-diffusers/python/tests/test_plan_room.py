"""Limits of plans, on a made-up pipeline: cut at the front, cut at the end, a crash, chance."""

import logging

import pytest
import torch

from dda_diffusers.plan_room import MOST, find_room
from dda_diffusers.said import listening


class Words:
    """Every word is a token."""

    model_max_length = 100_000

    def __call__(self, text, truncation=False):
        return {"input_ids": text.split()}


class Pipeline:
    def __init__(self, read):
        self.tokenizer, self.transformer, self._read = Words(), torch.nn.Identity(), read
        self.calls = 0

    def __call__(self, plan):
        self.calls += 1
        words = self._read(plan.split())
        self.transformer(torch.tensor([float(ord(word[0])) for word in words]))
        raise AssertionError("it must not go on")


def crashes(words):
    if len(words) > 512:
        raise TypeError("object of type 'int' has no len()")
    return words


@pytest.mark.parametrize(
    ("read", "least", "most"),
    [
        (lambda words: words[:512], 500, 512),
        # JoyImage keeps the end.
        (lambda words: words[-300:], 290, 300),
        # LongCat of diffusers 0.42.1 fails where it wants to warn: a limit like any other.
        (crashes, 500, 512),
        (lambda words: words[:20], 19, 20),
        (lambda words: words, MOST, MOST),
    ],
)
@pytest.mark.parametrize("hint", [None, 77, 512, 100_000])
def test_the_limit_is_found_wherever_it_is(read, least, most, hint):
    pipeline = Pipeline(read)
    room = find_room(pipeline, pipeline, hint)
    assert least <= room.most <= most
    assert room.lacks("a " * int(room.most)) is None
    assert room.lacks("a " * (most + 1)) == (most + 1, int(room.most))
    assert pipeline.calls < 60


def test_chance_is_not_taken_for_reading():
    pipeline = Pipeline(lambda words: words[:64])
    steps = iter(range(100_000))
    noisy = torch.nn.Identity()
    pipeline.transformer = noisy

    def call(plan):
        words = plan.split()[:64]
        noisy(torch.tensor([float(ord(word[0])) for word in words] + [0.01 * (next(steps) % 2)]))

    room = find_room(pipeline, call, 64)
    assert 60 <= room.most <= 64


def test_where_nothing_can_be_seen_nothing_is_claimed():
    pipeline = Pipeline(lambda words: 1 / 0)
    assert find_room(pipeline, pipeline) is None
    pipeline.transformer = None
    assert find_room(pipeline, pipeline) is None


def test_what_diffusers_warns_of_meanwhile_is_held_back_and_nothing_after_it():
    log = logging.getLogger("diffusers.pipelines.made_up")
    pipeline = Pipeline(lambda words: (log.warning("cut: %s", len(words)), words[:64])[1])
    with listening() as warnings:
        find_room(pipeline, pipeline, 64)
        assert pipeline.calls > 0 and warnings == []
        log.warning("after")
    assert warnings == ["after"]
