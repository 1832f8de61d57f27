#!/usr/bin/env bash
# verl 0.9.1 (`gdpo`) and TRL 1.16.0 (`normalize_then_sum`), both GDPO: in a batch where every group of rollouts earned one and the same reward nothing is
# there to be learned, and yet advantages are as large as ever, over 1, wherever a reward is no binary fraction: 0.7 and not 0.75. The mean of six times
# 0.7 is a rounding error beside 0.7; divided by a deviation of the same size and the small number added to it that makes some hundredths, and whitening
# over the batch, which comes next in GDPO, brings them to scale 1. All members of a group get the same one: whole groups are pushed up or down by
# nothing. GRPO, which does not whiten, stops at the hundredths. Batches without a signal are common late in a training.
# PYTHON=path takes an interpreter that has torch and numpy, instead of installing them (2 GB).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python=${PYTHON:-}
if [ -z "$python" ]; then
  python3 -m venv venv
  venv/bin/pip install --quiet torch==2.15.0 numpy
  python=venv/bin/python
fi
python3 -m venv fetch
# Their arithmetic needs torch and numpy alone; what else they ask for is for training.
fetch/bin/pip download --quiet --no-deps --dest wheels verl==0.9.1 trl==1.16.0
for wheel in wheels/*.whl; do python3 -m zipfile -e "$wheel" packages; done
cat >see.py <<'PY'
import ast
import importlib.util
import sys
import types

import numpy as np
import torch

ROOT = "packages"


class Stand(types.ModuleType):
    """A module that is imported and not used here."""

    __path__ = ()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


def module(name, file):
    spec = importlib.util.spec_from_file_location(name, f"{ROOT}/{file}")
    sys.modules[name] = made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


for name in ("verl", "verl.trainer", "verl.trainer.config", "verl.utils", "verl.utils.device", "verl.utils.import_utils", "verl.workers",
             "verl.workers.config", "omegaconf", "tensordict", "transformers"):
    sys.modules[name] = Stand(name)
sys.modules["verl.utils.import_utils"].deprecated = lambda *_, **__: lambda function: function
sys.modules["verl.utils.device"].get_device_name = lambda: "cpu"
groupwise = module("verl.utils.groupwise", "verl/utils/groupwise.py")
utils = sys.modules["verl.utils"]
utils.as_torch_index, utils.group_mean_std = groupwise.as_torch_index, groupwise.group_mean_std
utils.torch_functional = module("verl.utils.torch_functional", "verl/utils/torch_functional.py")
sys.modules["verl"].utils = utils
core = module("verl.trainer.ppo.core_algos", "verl/trainer/ppo/core_algos.py")


def of_verl(rewards, members, estimator):
    scores = torch.zeros(len(rewards), 4)
    scores[:, -1] = rewards
    groups = np.repeat(np.arange(len(rewards) // members), members)
    return getattr(core, f"compute_{estimator}_outcome_advantage")(scores, torch.ones_like(scores), groups)[0]


def parts_of_trl():
    trainer, helpers = (ast.walk(ast.parse(open(f"{ROOT}/trl/trainer/{name}.py").read())) for name in ("grpo_trainer", "utils"))
    [nanstd] = [node for node in helpers if isinstance(node, ast.FunctionDef) and node.name == "nanstd"]
    [branch] = [node for node in trainer if isinstance(node, ast.If) and "== 'normalize_then_sum'" in ast.unparse(node.test)]
    return compile(ast.Module([nanstd, *branch.body], []), "trl", "exec")


def of_trl(rewards, members, code=parts_of_trl()):
    settings = types.SimpleNamespace(reward_funcs=[None], reward_weights=torch.ones(1))
    names = {"torch": torch, "self": settings, "rewards_per_func": rewards[:, None], "num_generations": members,
             "unscorable_mask": rewards.isnan(), "device": "cpu"}
    exec(code, names)
    return names["advantages"]


def largest(advantages):
    return f"{advantages.abs().max().item():.1f}"


for levels in ((0.25, 0.75, 0.5, 1.0), (0.1, 0.7, 0.3, 0.9)):
    for members in (4, 6, 8):
        rewards = torch.tensor(levels).repeat_interleave(members)
        found = [("verl grpo", of_verl(rewards, members, "grpo")), ("verl gdpo", of_verl(rewards, members, "gdpo")), ("TRL normalize_then_sum", of_trl(rewards, members))]
        print(f"groups of {members}, all of a group earned {', '.join(map(str, levels))}: largest advantage", ", ".join(f"{name} {largest(made)}" for name, made in found))
PY
"$python" see.py | tee seen
diff seen - <<'SEEN'
groups of 4, all of a group earned 0.25, 0.75, 0.5, 1.0: largest advantage verl grpo 0.0, verl gdpo 0.0, TRL normalize_then_sum 0.0
groups of 6, all of a group earned 0.25, 0.75, 0.5, 1.0: largest advantage verl grpo 0.0, verl gdpo 0.0, TRL normalize_then_sum 0.0
groups of 8, all of a group earned 0.25, 0.75, 0.5, 1.0: largest advantage verl grpo 0.0, verl gdpo 0.0, TRL normalize_then_sum 0.0
groups of 4, all of a group earned 0.1, 0.7, 0.3, 0.9: largest advantage verl grpo 0.0, verl gdpo 0.0, TRL normalize_then_sum 0.0
groups of 6, all of a group earned 0.1, 0.7, 0.3, 0.9: largest advantage verl grpo 0.1, verl gdpo 1.6, TRL normalize_then_sum 1.2
groups of 8, all of a group earned 0.1, 0.7, 0.3, 0.9: largest advantage verl grpo 0.1, verl gdpo 1.5, TRL normalize_then_sum 1.2
SEEN
