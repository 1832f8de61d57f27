"""On random inputs: agreement with the functions that verl and TRL publish, where they are installed.

verl is read without its dependencies (`pip install --no-deps verl`, or DDA_VERL_PATH names a folder with the package): the two files
with its mathematics are loaded as they are, and only the names that they import for configuration stand empty. TRL's
`normalize_then_sum` stands inside a method of its trainer: those statements alone are taken from the file (`pip install --no-deps trl`).
"""

import ast
import importlib.util
import os
import sys
import types
from pathlib import Path

import pytest
import torch

from dda_torch.ppo.advantages import discounted_returns, gae, group_advantages, whiten
from dda_torch.ppo.critic_advantages import AdvantageSettings
from dda_torch.ppo.kl import KlController, kl_values
from dda_torch.ppo.losses import AGGREGATIONS, counts_of, policy_terms, token_weights, value_terms
from dda_torch.ppo.step_advantages import StepRewards, step_advantages
from dda_torch.ppo.stream_advantages import StepStreams, StreamRewards


def _load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _empty(name, **members):
    """A module whose unknown members are do-nothing decorators and classes."""
    module = types.ModuleType(name)
    module.__dict__.update(members)
    module.__getattr__ = lambda attribute: type(attribute, (), {})
    sys.modules[name] = module
    return module


@pytest.fixture(scope="module")
def verl():
    root = os.environ.get("DDA_VERL_PATH")
    if root is None:
        spec = importlib.util.find_spec("verl")
        root = str(Path(spec.origin).parents[1]) if spec and spec.origin else None
    if root is None or not (Path(root) / "verl/trainer/ppo/core_algos.py").is_file():
        pytest.skip("verl is not installed here (pip install --no-deps verl)")
    before = dict(sys.modules)
    base = Path(root) / "verl"
    for name in ("verl", "verl.trainer", "verl.trainer.config", "verl.workers", "verl.workers.config", "omegaconf", "tensordict"):
        _empty(name)
    _empty("verl.utils.device", get_device_name=lambda: "cpu", get_torch_device=lambda: torch)
    _empty("verl.utils.import_utils", deprecated=lambda *a, **k: lambda function: function)
    groupwise = _load("verl.utils.groupwise", base / "utils/groupwise.py")
    utils = _empty("verl.utils", as_torch_index=groupwise.as_torch_index, group_mean_std=groupwise.group_mean_std)
    utils.torch_functional = _load("verl.utils.torch_functional", base / "utils/torch_functional.py")
    sys.modules["verl"].utils = utils
    yield types.SimpleNamespace(core=_load("verl.trainer.ppo.core_algos", base / "trainer/ppo/core_algos.py"), functional=utils.torch_functional)
    for name in set(sys.modules) - set(before):
        if name.split(".")[0] in ("verl", "omegaconf", "tensordict"):
            del sys.modules[name]


@pytest.fixture(scope="module")
def trl_normalize_then_sum():
    """(scores [rows, streams], weights, group size) -> advantages [rows]."""
    spec = importlib.util.find_spec("trl")
    folder = Path(spec.origin).parent / "trainer" if spec and spec.origin else None
    if folder is None or not (folder / "grpo_trainer.py").is_file():
        pytest.skip("TRL is not installed here (pip install --no-deps trl)")
    trainer, utils = (list(ast.walk(ast.parse((folder / name).read_text()))) for name in ("grpo_trainer.py", "utils.py"))
    [nanstd] = [node for node in utils if isinstance(node, ast.FunctionDef) and node.name == "nanstd"]
    wanted = "self.multi_objective_aggregation == 'normalize_then_sum'"
    [branch] = [node for node in trainer if isinstance(node, ast.If) and ast.unparse(node.test) == wanted]
    code = compile(ast.Module([nanstd, *branch.body], []), "normalize_then_sum", "exec")

    def advantages(scores, weights, members):
        names = {
            "torch": torch, "self": types.SimpleNamespace(reward_funcs=weights, reward_weights=torch.tensor(weights)),
            "rewards_per_func": scores, "num_generations": members, "unscorable_mask": scores.isnan().all(dim=1), "device": "cpu",
        }
        exec(code, names)
        return names["advantages"]

    return advantages


@pytest.fixture(params=range(8))
def batch(request):
    generator = torch.Generator().manual_seed(request.param)

    def normal(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    rows, columns = 5, 9
    mask = (torch.rand(rows, columns, generator=generator) < 0.7).double()
    mask[:, :2] = 1
    old = -normal(rows, columns).abs()
    return types.SimpleNamespace(
        mask=mask, rewards=normal(rows, columns), values=normal(rows, columns), old=old, new=old + 0.4 * normal(rows, columns),
        predictions=normal(rows, columns), returns=normal(rows, columns), advantages=normal(rows, columns),
    )


def close(a, b):
    torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("gamma", "lam"), [(1.0, 1.0), (1.0, 0.95), (0.97, 0.9)])
def test_gae_and_whitening_are_verls(verl, batch, gamma, lam):
    rewards = batch.rewards * batch.mask
    theirs, returns = verl.core.compute_gae_advantage_return(rewards, batch.values, batch.mask, gamma, lam)
    advantages, ours = gae(batch.rewards, batch.values, batch.mask, gamma, lam)
    close(whiten(advantages, batch.mask), theirs * batch.mask)
    close(ours, returns * batch.mask)


@pytest.mark.parametrize("shift", [True, False])
def test_whitening_is_verls(verl, batch, shift):
    close(whiten(batch.values, batch.mask, shift_mean=shift), verl.functional.masked_whiten(batch.values, batch.mask, shift) * batch.mask)


@pytest.mark.parametrize("aggregation", AGGREGATIONS)
def test_policy_loss_and_gradient_are_verls(verl, batch, aggregation):
    ours, theirs = batch.new.clone().requires_grad_(), batch.new.clone().requires_grad_()
    terms = policy_terms(ours, batch.old, batch.advantages, batch.mask, 0.2, 0.28, 3.0)
    horizon = batch.mask.shape[1]
    loss = (terms.loss * token_weights(batch.mask, aggregation, counts_of(batch.mask), horizon)).sum()
    wanted, clip, kl, low = verl.core.compute_policy_loss(
        batch.old, theirs, batch.advantages, batch.mask, cliprange=0.2, cliprange_low=0.2, cliprange_high=0.28,
        clip_ratio_c=3.0, loss_agg_mode=aggregation,
    )
    close(loss, wanted)
    loss.backward()
    wanted.backward()
    close(ours.grad, theirs.grad)
    share = token_weights(batch.mask, "token-mean", counts_of(batch.mask), horizon)
    close((terms.clipped * share).sum().detach(), clip.detach().double())
    close((terms.clipped_low * share).sum().detach(), low.detach().double())
    close((terms.approx_kl * share).sum().detach(), kl.detach())


def test_value_loss_is_verls(verl, batch):
    ours, theirs = batch.predictions.clone().requires_grad_(), batch.predictions.clone().requires_grad_()
    losses, clipped = value_terms(ours, batch.values, batch.returns, batch.mask, 0.3)
    share = token_weights(batch.mask, "token-mean", counts_of(batch.mask), 1)
    loss = (losses * share).sum()
    wanted, fraction = verl.core.compute_value_loss(theirs, batch.returns, batch.values, batch.mask, 0.3, "token-mean")
    close(loss, wanted)
    loss.backward()
    wanted.backward()
    close(ours.grad, theirs.grad)
    close((clipped * share).sum(), fraction.double())


@pytest.mark.parametrize(("ours", "theirs"), [("k1", "kl"), ("abs", "abs"), ("k2", "mse"), ("k3", "low_var_kl"), ("k3+", "low_var_kl+")])
def test_kl_is_verls(verl, batch, ours, theirs):
    a, b = batch.new.clone().requires_grad_(), batch.new.clone().requires_grad_()
    mine, wanted = kl_values(a, batch.old, ours), verl.core.kl_penalty(b, batch.old, theirs)
    close(mine, wanted)
    mine.sum().backward()
    wanted.sum().backward()
    close(a.grad, b.grad)


def test_adaptive_kl_is_verls(verl):
    ours, theirs = KlController(0.2, 6.0, 10_000), verl.core.AdaptiveKLController(0.2, 6.0, 10_000)
    for kl in (12.0, 3.0, 6.0, 0.1, 50.0):
        ours.observe(kl, 256)
        theirs.update(kl, 256)
        assert ours.coefficient == pytest.approx(theirs.value, rel=1e-12)


def test_group_baselines_are_verls(verl, batch):
    import numpy as np

    groups = np.array(["a", "a", "b", "b", "b"])
    scores = batch.rewards * batch.mask
    grpo, _ = verl.core.compute_grpo_outcome_advantage(scores, batch.mask, groups)
    rloo, _ = verl.core.compute_rloo_outcome_advantage(scores, batch.mask, groups)
    totals = scores.sum(dim=1)
    for wanted, estimator in ((grpo, "grpo"), (rloo, "rloo")):
        for members in ([0, 1], [2, 3, 4]):
            ours = group_advantages(totals[members], estimator)
            close(ours.unsqueeze(1) * batch.mask[members], wanted[members].double())


def test_reinforce_plus_plus_is_verls(verl, batch):
    # verl multiplies by the mask where GAE skips; on masks without holes the two agree.
    mask = batch.mask.cummin(dim=1).values
    config = {"gamma": 0.97}
    config = type("Config", (dict,), {"__getattr__": dict.__getitem__})(config)
    wanted, _ = verl.core.compute_reinforce_plus_plus_outcome_advantage(batch.rewards * mask, mask, config)
    close(whiten(discounted_returns(batch.rewards, mask, 0.97), mask), wanted)


# Three groups of four, and streams by name. `flat` differs between groups and in none of them, `calm` in the last group alone.
MEMBERS = 4
GROUPS = [group for group in "abc" for _ in range(MEMBERS)]
STREAMS = {
    "two live": ("fine", "coarse"),
    "three live": ("fine", "coarse", "calm"),
    "one live beside a constant": ("coarse", "constant"),
    "one live beside a constant, the other way round": ("constant", "fine"),
    "one live beside two constants": ("constant", "fine", "constant"),
    "one live without spread in two groups": ("calm", "constant"),
    "two live, without spread in two groups": ("calm", "calm"),
    "one live beside one without spread in any group": ("fine", "flat"),
    "none with spread in any group": ("flat", "constant"),
    "none live": ("constant", "constant"),
}


def draw_streams(names, seed):
    """Scores [rows, streams] of unlike scale and weights. Powers of two: theirs are float32, where a mean of equals must be exact."""
    generator = torch.Generator().manual_seed(seed)

    def levels(*shape):
        return torch.randint(0, 9, shape, generator=generator).double()

    rows = len(GROUPS)
    made = []
    for name in names:
        drawn = levels(rows)
        # Some group may have drawn equals.
        drawn[::MEMBERS] = (drawn[1::MEMBERS] + 1) % 9
        made.append({
            "fine": drawn / 64,
            "coarse": drawn * 16,
            "constant": torch.full((rows,), 0.25, dtype=torch.float64),
            "flat": levels(3).repeat_interleave(MEMBERS),
            "calm": torch.cat([torch.full((rows - MEMBERS,), 0.5, dtype=torch.float64), drawn[-MEMBERS:]]),
        }[name])
    return torch.stack(made, dim=1), [0.5, 3.0, 1.0][: len(names)]


def our_gdpo(scores, weights, mask):
    """Streams normalized, grpo; each score on the last token of its row."""
    last = mask.cumsum(dim=1).argmax(dim=1, keepdim=True)
    zeros = torch.zeros_like(mask)
    parts = [
        StreamRewards(weight, zeros.scatter(1, last, column.unsqueeze(1)), [True] * len(mask))
        for weight, column in zip(weights, scores.T, strict=True)
    ]
    total = torch.stack([part.rewards for part in parts]).sum(dim=0)
    rows = StepRewards(total, zeros, 0.0, zeros, mask, GROUPS, [[row] for row in range(len(mask))], StepStreams("normalized", parts))
    return step_advantages(rows, AdvantageSettings("grpo", 1.0, 1.0, True, "unbiased", "off")).advantages


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("names", STREAMS.values(), ids=STREAMS)
def test_normalized_streams_are_verls_gdpo(verl, names, seed):
    scores, weights = draw_streams(names, seed)
    lengths = torch.randint(1, 6, (len(GROUPS),), generator=torch.Generator().manual_seed(seed))
    mask = (torch.arange(6) < lengths.unsqueeze(1)).double()
    import numpy as np

    keys = [str(i) for i in range(len(names))]
    wanted, _ = verl.core.compute_gdpo_outcome_advantage(
        torch.zeros_like(mask), mask, np.array(GROUPS), config={"gdpo_reward_keys": keys, "gdpo_reward_weights": weights},
        non_tensor_batch=dict(zip(keys, scores.T.numpy(), strict=True)),
        batch={"prompts": torch.zeros(len(mask), 2), "attention_mask": torch.cat([torch.ones(len(mask), 2), mask], dim=1).long()},
    )
    # verl makes float32 of scores and weights.
    torch.testing.assert_close(our_gdpo(scores, weights, mask), wanted.double(), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("names", STREAMS.values(), ids=STREAMS)
def test_normalized_streams_are_trls_normalize_then_sum(trl_normalize_then_sum, names, seed):
    scores, weights = draw_streams(names, seed)
    # Its epsilon of 1e-4 is lost beside large scores and weights, and their scale matters to neither.
    large = 2.0**20
    wanted = trl_normalize_then_sum(scores * large, [weight * large for weight in weights], MEMBERS)
    ones = torch.ones(len(GROUPS), 1, dtype=torch.float64)
    ours = our_gdpo(scores * large, weights, ones).squeeze(1)
    torch.testing.assert_close(ours, wanted, rtol=1e-6, atol=1e-6)


def test_log_probabilities_and_entropy_are_trls():
    utils = pytest.importorskip("trl.trainer.utils", reason="TRL is not installed here")
    logits = torch.randn(3, 7, 50, generator=torch.Generator().manual_seed(1)) * 3
    targets = torch.randint(0, 50, (3, 7), generator=torch.Generator().manual_seed(2))
    from dda_torch.model.policy import Policy

    class Head:
        """The head of a policy whose states are logits."""

        _softcap = None
        forbidden = torch.zeros(50, dtype=torch.bool)
        base = types.SimpleNamespace(get_output_embeddings=lambda: lambda states: states)
        distribution = Policy.distribution

    log_probs, entropy = Policy._head(Head(), logits.flatten(0, 1), targets.flatten(), 0.7)
    torch.testing.assert_close(log_probs, utils.selective_log_softmax(logits / 0.7, targets).flatten())
    torch.testing.assert_close(entropy, utils.entropy_from_logits(logits / 0.7).flatten())


@pytest.mark.parametrize("seed", range(5))
def test_gae_is_the_discounted_sum_of_td_errors(seed):
    """I2, by brute force over the unmasked tokens."""
    generator = torch.Generator().manual_seed(seed)
    rewards, values = (torch.randn(4, 7, generator=generator, dtype=torch.float64) for _ in range(2))
    mask = (torch.rand(4, 7, generator=generator) < 0.6).double()
    gamma, lam = 0.95, 0.8
    advantages, returns = gae(rewards, values, mask, gamma, lam)
    for row in range(4):
        kept = [c for c in range(7) if mask[row, c]]
        deltas = [
            rewards[row, c] + gamma * (values[row, kept[k + 1]] if k + 1 < len(kept) else 0) - values[row, c] for k, c in enumerate(kept)
        ]
        for k, c in enumerate(kept):
            wanted = sum((gamma * lam) ** i * delta for i, delta in enumerate(deltas[k:]))
            assert float(advantages[row, c]) == pytest.approx(float(wanted), abs=1e-9)
            assert float(returns[row, c]) == pytest.approx(float(wanted + values[row, c]), abs=1e-9)
