"""A key-value cache that rows can enter and leave while others go on."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from transformers.cache_utils import DynamicCache, DynamicLayer

# Columns added at a time: growing by one would copy the whole cache for every token.
GROWTH = 128


class GrowingLayer(DynamicLayer):
    """transformers' layer with room to grow; ``keys`` and ``values`` are views of its used part."""

    def __init__(self) -> None:
        super().__init__()
        self._room: tuple[Tensor, Tensor] | None = None

    def update(self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
            # The prompt alone, without room: it will be gathered into the rows that continue it.
            self.keys, self.values = key_states, value_states
            return self.keys, self.values
        used = self.keys.shape[-2]
        wanted = used + key_states.shape[-2]
        if self._room is None or self._room[0].shape[-2] < wanted:
            extra = wanted - used + GROWTH
            self._room = (F.pad(self.keys, (0, 0, 0, extra)), F.pad(self.values, (0, 0, 0, extra)))
        for room, states in zip(self._room, (key_states, value_states), strict=True):
            room[..., used:wanted, :] = states
        self.keys, self.values = (room[..., :wanted, :] for room in self._room)
        return self.keys, self.values

    def replace(self, keys: Tensor, values: Tensor) -> None:
        self.keys, self.values, self._room = keys, values, None

    def batch_select_indices(self, indices: Tensor) -> None:
        self.replace(self.keys[indices], self.values[indices])


def new_cache(config: Any) -> DynamicCache:
    """A cache for the model; its plain attention layers can be merged and cropped."""
    cache = DynamicCache(config=config)
    cache.layers = [GrowingLayer() if type(layer) is DynamicLayer else layer for layer in cache.layers]
    return cache


def is_mergeable(cache: DynamicCache) -> bool:
    """False where a layer keeps more than keys and values of all tokens (sliding windows, linear attention)."""
    return all(isinstance(layer, GrowingLayer) for layer in cache.layers)


def merge(into: DynamicCache, other: DynamicCache) -> None:
    """Adds the rows of another cache; the shorter one is padded on the left, where the attention mask hides it."""
    for mine, theirs in zip(into.layers, other.layers, strict=True):
        length = max(mine.keys.shape[-2], theirs.keys.shape[-2])
        mine.replace(
            torch.cat([pad_left(mine.keys, length), pad_left(theirs.keys, length)]),
            torch.cat([pad_left(mine.values, length), pad_left(theirs.values, length)]),
        )


def crop_left(cache: DynamicCache, columns: int) -> None:
    """Drops columns that no row uses any more."""
    for layer in cache.layers:
        layer.replace(layer.keys[..., columns:, :].contiguous(), layer.values[..., columns:, :].contiguous())


def pad_left(states: Tensor, length: int) -> Tensor:
    """To that many columns in the last dimension but one."""
    return F.pad(states, (0, 0, length - states.shape[-2], 0))
