"""Between the framed pipe and the service: requests in, events and coded failures out."""

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any

import torch
from dda_worker import Cancelled, Failure, Request, Worker

from .errors import Aborted, TrainerError
from .parallel import Parallel
from .service import Call, Service

METHODS = ("open", "update", "imitate", "score", "state", "save", "load", "export", "probe")
# Plan requests that wait are sampled together, up to this many calls.
MERGED_CALLS = 256


def register(worker: Worker, service: Service, parallel: Parallel) -> None:
    """Makes all methods of the protocol known to the worker."""

    def run(method: str, params: Any, call: Call) -> Any:
        if parallel.world > 1 and method != "probe":
            parallel.broadcast((method, params))
        return service.call(method, params, call)

    for name in METHODS:
        worker.method(name)(_handler(name, run))
    worker.method("plan", batch=MERGED_CALLS)(lambda requests: _plan(requests, run))


def _handler(method: str, run: Callable[..., Any]) -> Callable[[Request], Any]:
    def handle(request: Request) -> Any:
        def check() -> None:
            if request.cancelled:
                raise Aborted()

        call = Call(
            check=check,
            progress=lambda done, total: request.event({"progress": {"done": done, "total": total}}),
            warn=lambda text: request.event({"warning": text}),
            event=request.event,
        )
        with_codes = _coded(lambda: run(method, request.params or {}, call))
        if isinstance(with_codes, Exception):
            raise with_codes
        return with_codes

    return handle


def _plan(requests: Sequence[Request], run: Callable[..., Any]) -> list[Any]:
    """Calls that wait are one batch; each plan goes to the call that asked for it."""
    owners: dict[str, tuple[Request, str]] = {}
    merged: list[dict[str, Any]] = []
    totals = {request.id: {"plans": 0, "tokens": 0, "seconds": 0.0} for request in requests}
    for request in requests:
        for given in request.params["requests"]:
            # Ids are unique within a call only.
            key = f"{request.id}/{given['id']}"
            owners[key] = (request, given["id"])
            merged.append({**given, "id": key})

    def event(data: dict[str, Any]) -> None:
        request, name = owners[data["id"]]
        if "error" not in data:
            totals[request.id]["plans"] += 1
            totals[request.id]["tokens"] += len(data["ids"])
        request.event({**data, "id": name})

    def check() -> None:
        # One call that is given up does not end the others'.
        if all(request.cancelled for request in requests):
            raise Aborted()

    def warn(text: str) -> None:
        requests[0].event({"warning": text})

    result = _coded(lambda: run("plan", {"requests": merged}, Call(check=check, event=event, warn=warn)))
    if isinstance(result, Exception):
        return [result] * len(requests)
    return [
        Cancelled() if request.cancelled else {**totals[request.id], "seconds": result["seconds"]} for request in requests
    ]


def _failure(error: TrainerError) -> Failure:
    return Failure(error.code, str(error), next=error.next, **error.data)


def _coded(work: Callable[[], Any]) -> Any:
    """The result, or the failure that the Node side makes a coded error of."""
    try:
        return work()
    except Aborted:
        return Cancelled()
    except TrainerError as error:
        return _failure(error)
    except torch.OutOfMemoryError as error:
        return _failure(TrainerError("DDA_CUDA_MEMORY/device", {"why": str(error).splitlines()[0]}))
    except (torch.AcceleratorError, RuntimeError) as error:
        if not isinstance(error, torch.AcceleratorError) and "CUDA" not in str(error):
            _end_if_one_of_several(error)
            return error
        print(f"dda_torch: {error}", file=sys.stderr, flush=True)
        return _failure(TrainerError("DDA_CUDA_ERROR", {"why": str(error).splitlines()[0]}, fatal=True))
    except Exception as error:  # A defect: the worker prints its traceback.
        _end_if_one_of_several(error)
        return error


def _end_if_one_of_several(error: Exception) -> None:
    """Another process is gone, or waits for this one in a collective that will never come: nothing can be done together any
    more. torchrun ends what is left, and the Node side starts all of them anew."""
    if torch.distributed.is_initialized() and torch.distributed.get_world_size() > 1:
        traceback.print_exception(error)
        sys.stderr.flush()
        os._exit(1)
