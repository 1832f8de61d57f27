"""The trainer's own tests on a CUDA device: how many pass, and which do not.

    python bench/torch/suite.py                           # on a CUDA machine
    python bench/torch/suite.py --smoke                   # those of the bench's own checks, on the CPU
"""

import argparse
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import torch
from common import PATHS, ROOT, finish


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    if not given.smoke and not torch.cuda.is_available():
        sys.exit("There is no CUDA device here. Use --smoke to see whether the script runs.")
    suite = ["tests/test_requirements.py"] if given.smoke else ["tests/test_cuda.py"]
    started = time.perf_counter()
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([*PATHS, os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, "-m", "pytest", "-rfE", *suite]
    ran = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    print(ran.stdout, ran.stderr, sep="\n", file=sys.stderr)
    counted = counts(ran.stdout)
    if counted is None:
        sys.exit("no test ran")
    device = torch.device("cpu" if given.smoke else "cuda")
    finish({**counted, "seconds": round(time.perf_counter() - started, 1)}, device, given.json)


def counts(said: str) -> dict[str, Any] | None:
    """Of what pytest said with `-rfE`; None where no test ran."""
    found = {kind: int(count) for count, kind in re.findall(r"(\d+) (passed|failed|skipped|errors?)\b", said.rstrip().rpartition("\n")[2])}
    if "passed" not in found and "failed" not in found:
        return None
    return {**found, "broken": re.findall(r"^(?:FAILED|ERROR) (\S+)", said, re.MULTILINE)}


if __name__ == "__main__":
    main()
