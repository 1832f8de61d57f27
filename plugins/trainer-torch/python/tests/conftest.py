"""Tiny models, pictures, and services on them."""

import math
import os
import sys
from pathlib import Path

import pytest
import torch
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent))

from tiny_model import build  # noqa: E402
from wire_options import wire_options  # noqa: E402

from dda_torch.service import Call, Service  # noqa: E402

# cpu, or cuda: test_cuda.py runs the suite again on it.
DEVICE = torch.device(os.environ.get("DDA_TORCH_TEST_DEVICE", "cpu"))
os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")

# Tiny tensors: threads would only wait for each other.
torch.set_num_threads(1)
torch.set_default_dtype(torch.float32)

FAMILIES = ("qwen2_5_vl", "qwen3_vl")


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    built = {}

    def get(family="qwen2_5_vl"):
        if family not in built:
            built[family] = build(root / family, family)
        return built[family]

    return get


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    root = tmp_path_factory.mktemp("pictures")
    found = []
    for name, size, colour in (("red", (64, 64), (255, 0, 0)), ("green", (96, 48), (0, 200, 0)), ("blue", (48, 80), (0, 0, 255))):
        Image.new("RGB", size, colour).save(root / f"{name}.png")
        found.append({"hash": name, "path": str(root / f"{name}.png"), "width": size[0], "height": size[1]})
    return found


class Bench:
    """An open service and what tests do with it."""

    def __init__(self, model, pictures, options, seed=1, role="trainer", temperature=1.0):
        self.temperature = temperature
        self.service = Service(DEVICE)
        self.pictures = pictures
        defaults = {
            "model": str(model), "maxPlan": 6, "learningRate": 1e-2, "microBatchTokens": 4096, "gradientCheckpointing": False,
            "miniBatch": 1000, "kl": {"place": "off"}, "freezeVision": False, "dtype": "float32",
        }
        self.opened = self.call("open", {"options": wire_options(**{**defaults, **options}), "seed": seed, "role": role})

    @property
    def learner(self):
        return self.service.learner

    def call(self, method, params=None, **hooks):
        return self.service.call(method, params or {}, Call(**hooks))

    def prompts(self):
        return [
            {"sampleId": f"s{i}", "instruction": "paint it" + " please" * i, "images": [picture] if self.learner.encoder.takes_images else []}
            for i, picture in enumerate(self.pictures)
        ]

    def plans(self, step=1, copies=2, temperature=None):
        """Plans of every prompt, in canonical order, each with its prompt and group."""
        given = self.temperature if temperature is None else temperature
        requests, about = [], {}
        for i, prompt in enumerate(self.prompts()):
            for member in range(copies):
                name = f"{i}-{member}"
                requests.append({"id": name, "prompt": prompt, "seed": step * 1000 + 10 * i + member, "temperature": given})
                about[name] = {"rolloutId": name, "group": f"g{i}", "prompt": prompt, "temperature": given}
        events = {}
        self.call("plan", {"requests": requests}, event=lambda data: events.__setitem__(data["id"], data))
        assert set(events) == set(about)
        return [{**events[name], **about[name]} for name in about]

    def rows(self, plans, reward=None):
        keep = ("rolloutId", "group", "prompt", "ids", "logProbs", "values", "ends", "policyVersion", "temperature")
        reward = reward or (lambda plan: (math.sin(sum(plan["ids"])) + 1) / 2)
        return [
            {**{key: plan[key] for key in keep}, "rewards": [0.0] * (len(plan["ids"]) - 1) + [reward(plan)]}
            for plan in plans
        ]

    def step(self, step=1, reward=None, **hooks):
        return self.call("update", {"step": step, "rows": self.rows(self.plans(step), reward)}, **hooks)["metrics"]

    def weights(self):
        return {name: value.detach().clone() for name, value in self.learner.policy.state_dict().items()}


@pytest.fixture
def bench(models, pictures):
    def make(family="qwen2_5_vl", seed=1, role="trainer", temperature=1.0, **options):
        return Bench(models(family), pictures, options, seed, role, temperature)

    return make
