"""The worker on a device whose first update fails as a CUDA kernel does: everything else is the real thing."""

import os
import sys

import torch

from dda_torch import service
from dda_torch.__main__ import main


def spoilt(*_):
    raise RuntimeError("CUDA error: an illegal memory access was encountered")


print(f"serving as {os.getpid()}", file=sys.stderr, flush=True)
torch.set_num_threads(1)
service.ppo_update = spoilt
main()
