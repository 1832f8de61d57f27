"""The benchmarks run: tiny, on the CPU. Their figures mean nothing there, but they are figures."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[4] / "bench/torch"


@pytest.mark.skipif(not BENCH.is_dir(), reason="the benchmarks are not here")
@pytest.mark.parametrize(
    ("script", "figures"),
    [
        ("update", ["seconds an update", "tokens/s"]),
        ("rollout", ["ours, tokens/s", "generate, tokens/s", "ours / generate"]),
        ("step", ["ours, seconds", "TRL, seconds", "TRL / ours"]),
    ],
)
def test_a_benchmark_runs(tmp_path, script, figures):
    if script == "step" and importlib.util.find_spec("trl") is None:
        pytest.skip("TRL is not installed here (pip install trl)")
    out = tmp_path / "figures.json"
    command = [sys.executable, str(BENCH / f"{script}.py"), "--smoke", "--repeats", "1", "--json", str(out)]
    # As from a shell, which knows nothing of where the modules are.
    bare = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ran = subprocess.run(command, capture_output=True, text=True, env={**bare, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""})
    assert ran.returncode == 0, ran.stderr
    found = json.loads(out.read_text())
    assert all(found[name] > 0 for name in figures), found
    assert "expected peak memory" in ran.stderr
