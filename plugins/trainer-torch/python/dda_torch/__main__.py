"""The worker: serves PROTOCOL.md on standard input and output. Started by the Node side, or under torchrun by it."""

import importlib.metadata
import importlib.util
import os
import shutil
import sys
from typing import Any


def main() -> None:
    rank = int(os.environ.get("RANK", "0"))
    if rank == 0:
        # First of all: from here on whatever prints to standard output writes to standard error.
        from dda_worker import Worker

        worker = Worker("dda_torch", _version(), {})
    else:
        worker = None
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import torch

    from .parallel import Parallel, start
    from .service import Service, follow

    _quiet()
    if threads := os.environ.get("DDA_TORCH_THREADS"):
        torch.set_num_threads(int(threads))
    device = start(os.environ.get("DDA_TORCH_DEVICE") or None)
    parallel = Parallel("ddp", device)
    service = Service(device)
    if worker is None:
        follow(service, iter(lambda: parallel.broadcast(None), None))
        return
    from .serving import register

    worker.hello["capabilities"] = _capabilities(torch, parallel.world)
    register(worker, service, parallel)
    if parallel.world > 1:
        from dda_worker import Failure

        from .alarm import watch

        watch(lambda error: worker.give_up(Failure(error.code, str(error), next=error.next, **error.data)))
    # The others wait for what to do next: without a word they would end in an error of the network.
    worker.serve(at_end=(lambda: parallel.broadcast(None)) if parallel.world > 1 else None)


def _capabilities(torch: Any, processes: int) -> dict[str, Any]:
    return {
        "protocol": 4,
        **{name: importlib.metadata.version(name) for name in ("torch", "transformers", "peft", "safetensors")},
        "vllm": _vllm(),
        "devices": _devices(torch),
        "rank": 0,
        "processes": processes,
    }


def _vllm() -> str | None:
    """Its version; where only the command is there, from another environment, its path."""
    if importlib.util.find_spec("vllm"):
        return importlib.metadata.version("vllm")
    return shutil.which("vllm")


def _devices(torch: Any) -> list[dict[str, Any]]:
    import platform

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
    found = [{"kind": "cpu", "name": platform.processor() or platform.machine(), "memory": memory}]
    for index in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        properties = torch.cuda.get_device_properties(index)
        found.append({"kind": "cuda", "name": properties.name, "memory": properties.total_memory})
    if torch.backends.mps.is_available():
        found.append({"kind": "mps", "name": "Apple", "memory": memory})
    return found


def _quiet() -> None:
    """Libraries log warnings; progress bars would fill the log."""
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()


def _version() -> str:
    from . import __version__

    return __version__


if __name__ == "__main__":
    sys.exit(main())
