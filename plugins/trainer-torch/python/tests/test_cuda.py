"""The same suite on a CUDA device, and what only such a device has. Skipped by name where there is none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")

SUITES = ("test_update.py", "test_rollout.py", "test_checkpoint.py")


@pytest.mark.parametrize("suite", SUITES)
def test_the_suite_on_cuda(suite):
    here = Path(__file__).parent
    env = {**os.environ, "DDA_TORCH_TEST_DEVICE": "cuda"}
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", str(here / suite)], env=env, cwd=here.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.mark.parametrize("lora", [None, {"rank": 4}])
def test_bfloat16_on_policy(models, pictures, lora, monkeypatch):
    import conftest

    monkeypatch.setattr(conftest, "DEVICE", torch.device("cuda"))
    made = conftest.Bench(models(), pictures, {"dtype": "bfloat16", "lora": lora})
    metrics = made.step()
    # Cached one-token passes and the padded pass of the update round differently in bfloat16.
    assert metrics["policy/ratio-mean"] == pytest.approx(1, abs=2e-2)
    assert abs(metrics["kl/approx"]) < 2e-2
    again = conftest.Bench(models(), pictures, {"dtype": "bfloat16", "lora": lora, "oldLogProbs": "recompute"}).step()
    assert again["policy/ratio-max"] == pytest.approx(1, abs=1e-5) and again["kl/approx"] == pytest.approx(0, abs=1e-6)
