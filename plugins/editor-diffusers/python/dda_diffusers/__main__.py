"""The worker, on standard input and output; started by the Node side."""

import importlib.metadata
import os
from typing import Any

# First of all: from here on whatever prints to standard output writes to standard error.
from dda_worker import Worker

from . import __version__


def main() -> None:
    worker = Worker("dda_diffusers", __version__)
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import torch
    import transformers

    from .service import Service, register

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    if threads := os.environ.get("DDA_DIFFUSERS_THREADS"):
        torch.set_num_threads(int(threads))
    worker.hello["capabilities"] = {
        **{name: importlib.metadata.version(name) for name in ("torch", "diffusers", "transformers", "accelerate")},
        "devices": devices(torch),
    }
    register(worker, Service())
    worker.serve()


def devices(torch: Any) -> list[dict[str, Any]]:
    """What pictures can be edited on: kind, name, memory in bytes where it is known."""
    found: list[dict[str, Any]] = [{"kind": "cpu", "name": f"{os.cpu_count()} cores", "memory": None}]
    for index in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        properties = torch.cuda.get_device_properties(index)
        found.append({"kind": "cuda", "name": properties.name, "memory": properties.total_memory})
    if torch.backends.mps.is_available():
        found.append({"kind": "mps", "name": "Apple", "memory": None})
    return found


if __name__ == "__main__":
    main()
