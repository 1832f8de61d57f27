"""Sampling by a vLLM server, where vLLM is installed."""

import shutil
from typing import Any

from ..errors import TrainerError
from ..training.learner import Learner


def find_vllm() -> str:
    """The path of the command. Raises ``DDA_VLLM_MISSING``."""
    command = shutil.which("vllm")
    if command is None:
        raise TrainerError(
            "DDA_VLLM_MISSING",
            "`rollout.engine` is vllm and there is no command vllm",
            "Install vLLM so that `vllm` is on the PATH, or set `rollout.engine` to native.",
            location="rollout.engine",
        )
    return command


class VllmEngine:
    def __init__(self, learner: Learner):
        self.command = find_vllm()
        raise NotImplementedError
