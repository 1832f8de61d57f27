"""A vLLM server as a child process: started once, given new adapters, asked for plans over its OpenAI-compatible API."""

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from ..errors import TrainerError

# Seconds: reading an 8B model and capturing its graphs takes minutes.
START, REQUEST = 1800, 1800
# The ranks that vLLM has kernels for; an adapter of another rank is padded to the next.
RANKS = (8, 16, 32, 64, 128, 256, 320, 512)


def find_vllm() -> str:
    """The path of the command. Raises ``DDA_VLLM_MISSING``."""
    command = shutil.which("vllm")
    if command is None:
        raise TrainerError("DDA_VLLM_MISSING", location="rollout.engine")
    return command


class VllmServer:
    """``vllm serve`` on a free port of this machine. Log-probabilities are those after the temperature
    (``--logprobs-mode processed_logprobs``), and adapters may be loaded while it runs."""

    def __init__(
        self, command: str, model: str, revision: str | None, length: int, rank: int, sequences: int, pixels: dict[str, int]
    ):
        self.port = _free_port()
        arguments = [
            command, "serve", model, "--host", "127.0.0.1", "--port", str(self.port), "--max-model-len", str(length),
            "--max-num-seqs", str(sequences), "--logprobs-mode", "processed_logprobs", "--enable-lora", "--max-lora-rank", str(next((size for size in RANKS if size >= rank), rank)),
            # The trainer needs the rest of the device.
            "--gpu-memory-utilization", os.environ.get("DDA_VLLM_MEMORY", "0.4"),
            # Penalties, min_p and ends of the model's generation config would make another distribution than is trained.
            "--generation-config", "vllm",
            *([] if revision is None else ["--revision", revision]),
            *(["--mm-processor-kwargs", json.dumps(pixels)] if pixels else []),
        ]
        environment = {**os.environ, "VLLM_ALLOW_RUNTIME_LORA_UPDATING": "True"}
        # It stays in the worker's process group and ends with it.
        self._process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=2, env=environment)

    def wait(self, check: Callable[[], None]) -> None:
        """Until it answers. Raises ``DDA_VLLM_FAILED`` where it ends or takes half an hour."""
        end = time.monotonic() + START
        while time.monotonic() < end:
            check()
            if self._process.poll() is not None:
                raise TrainerError("DDA_VLLM_FAILED/ended", {"status": self._process.returncode})
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5):
                    return
            except OSError:
                time.sleep(0.2)
        raise TrainerError("DDA_VLLM_FAILED/slow", {"seconds": START})

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Raises ``DDA_VLLM_FAILED``."""
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=REQUEST) as answer:
                content = answer.read()
        except urllib.error.HTTPError as error:
            detail = error.read(500).decode(errors="replace")
            raise TrainerError("DDA_VLLM_FAILED/refused", {"path": path, "status": error.code, "detail": detail}) from error
        except OSError as error:
            raise TrainerError("DDA_VLLM_FAILED/silent", {"path": path, "why": error}) from error
        try:
            return json.loads(content)
        except ValueError:
            # Some calls answer in prose.
            return content.decode(errors="replace")

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
