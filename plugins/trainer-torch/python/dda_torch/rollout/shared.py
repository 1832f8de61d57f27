"""One call's plans from all ranks, still one by one."""

import itertools
import json
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

import torch.distributed as dist

from ..errors import Aborted
from ..parallel import Parallel
from ..training.learner import Hooks
from .sampler import PlanRequest

_calls = itertools.count()


def shared_plans(
    parallel: Parallel, engine: Any, requests: Sequence[PlanRequest], hooks: Hooks
) -> Iterator[dict[str, Any]]:
    """Rank 0 yields everybody's plans as they finish; the others send theirs through the store that torchrun keeps, and
    yield nothing. Every rank holds all weights while it samples. An abort on rank 0 reaches all."""
    if parallel.world == 1:
        yield from engine.sample(requests, hooks)
        return
    call = f"dda-plans/{next(_calls)}"
    store = dist.distributed_c10d._get_default_store()
    mine = _share(requests, parallel.rank, parallel.world)
    if parallel.rank != 0:
        _send(store, call, parallel.rank, engine, mine)
        return
    inboxes = {rank: 0 for rank in range(1, parallel.world)}
    try:
        for plan in engine.sample(mine, hooks):
            yield plan
            yield from _received(store, call, inboxes)
        while inboxes:
            hooks.check()
            yield from _received(store, call, inboxes)
            time.sleep(0.005)
    except BaseException:
        store.set(f"{call}/abort", "1")
        # The ranks end their sampling before they follow the next command.
        while inboxes:
            for _ in _received(store, call, inboxes):
                pass
            time.sleep(0.005)
        raise


def _send(store: Any, call: str, rank: int, engine: Any, requests: Sequence[PlanRequest]) -> None:
    sent = 0

    def check() -> None:
        if store.check([f"{call}/abort"]):
            raise Aborted()

    try:
        for plan in engine.sample(requests, Hooks(check=check, warn=_log)):
            store.set(f"{call}/{rank}/{sent}", json.dumps(plan))
            sent += 1
    finally:
        store.set(f"{call}/{rank}/{sent}", "null")


def _log(text: str) -> None:
    print(f"dda_torch: {text}", file=sys.stderr, flush=True)


def _received(store: Any, call: str, inboxes: dict[int, int]) -> Iterator[dict[str, Any]]:
    """What has come meanwhile; ranks that have ended leave the inboxes."""
    for rank in list(inboxes):
        while store.check([key := f"{call}/{rank}/{inboxes[rank]}"]):
            plan = json.loads(store.get(key))
            store.delete_key(key)
            inboxes[rank] += 1
            if plan is None:
                del inboxes[rank]
                break
            yield plan


def _share(requests: Sequence[PlanRequest], rank: int, world: int) -> list[PlanRequest]:
    """Whole groups, so that their prompt is read once."""
    groups: dict[str, list[PlanRequest]] = {}
    for request in requests:
        groups.setdefault(request.prompt.key, []).append(request)
    return [request for group in list(groups.values())[rank::world] for request in group]
