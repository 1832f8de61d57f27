"""The pins here are those of the environment that serves every Python part, and those that are installed."""

import importlib.metadata
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parents[2] / "packages/python-worker/requirements.txt"


def pins(file):
    return dict(re.findall(r"^([\w.-]+)==([^\s;]+)", file.read_text(), flags=re.MULTILINE))


def test_pins_are_those_of_the_shared_environment():
    if not SHARED.is_file():
        pytest.skip("packages/python-worker is not beside this folder")
    shared = pins(SHARED)
    for name, version in pins(ROOT / "requirements.txt").items():
        assert shared.get(name) == version, name


@pytest.mark.parametrize(("name", "version"), pins(ROOT / "requirements.txt").items())
def test_pins_are_installed(name, version):
    assert importlib.metadata.version(name).split("+")[0] == version
