"""The benchmark that needs TRL runs, tiny and on the CPU, and tests are counted. The others run in test/cuda-figures.test.ts."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[4] / "bench/torch"
pytestmark = pytest.mark.skipif(not BENCH.is_dir(), reason="the benchmarks are not here")


@pytest.mark.skipif(importlib.util.find_spec("trl") is None, reason="TRL is not installed here (pip install trl)")
def test_a_step_beside_trl(tmp_path):
    out = tmp_path / "figures.json"
    command = [sys.executable, str(BENCH / "step.py"), "--smoke", "--repeats", "1", "--json", str(out)]
    # As from a shell, which knows nothing of where the modules are.
    bare = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ran = subprocess.run(command, capture_output=True, text=True, env={**bare, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""})
    assert ran.returncode == 0, ran.stderr
    found = json.loads(out.read_text())
    assert all(found[name] > 0 for name in ("ours, seconds", "TRL, seconds", "TRL / ours")), found


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        (["10 skipped in 0.1s"], None),
        (["ERROR tests/test_a.py", "1 error in 0.2s"], None),
        (["12 passed in 3.00s"], {"passed": 12, "broken": []}),
        (
            ["E  assert 3 passed", "FAILED tests/test_a.py::test_b[1] - assert 0", "ERROR tests/test_a.py::test_c", "1 failed, 2 passed, 3 skipped, 2 errors in 4s"],
            {"failed": 1, "passed": 2, "skipped": 3, "errors": 2, "broken": ["tests/test_a.py::test_b[1]", "tests/test_a.py::test_c"]},
        ),
    ],
)
def test_tests_are_counted(monkeypatch, said, counted):
    monkeypatch.syspath_prepend(str(BENCH))
    from suite import counts

    assert counts("\n".join([*said, ""])) == counted
