"""Updates: invariants I1, I7, I13, I15, I17, I18, I19, I21 and what must change nothing."""

import pytest
import torch

from dda_torch.errors import Aborted, TrainerError

LORA = {"lora": {"rank": 4, "alpha": 8.0}}


def same(a, b, atol=0.0):
    assert a.keys() == b.keys()
    for name in a:
        assert torch.allclose(a[name], b[name], rtol=0, atol=atol, equal_nan=True), name


@pytest.mark.parametrize("temperature", [1.0, 0.7])
@pytest.mark.parametrize("family", ["qwen2_5_vl", "qwen3_vl", "qwen2_vl", "qwen2"])
def test_i1_i15_on_policy_the_ratio_is_one(bench, family, temperature):
    metrics = bench(family, temperature=temperature).step()
    assert metrics["policy/ratio-max"] == pytest.approx(1, abs=1e-4)
    assert metrics["policy/ratio-mean"] == pytest.approx(1, abs=1e-4)
    assert metrics["kl/approx"] == pytest.approx(0, abs=1e-4)
    assert metrics["policy/clip-fraction"] == 0


@pytest.mark.parametrize("options", [{"microBatch": 1}, {"microBatch": 4}, {"microBatchTokens": 100}])
def test_i7_how_a_batch_is_cut_changes_nothing(bench, options):
    whole, cut = bench(), bench(**options)
    assert whole.step()["policy/loss"] == pytest.approx(cut.step()["policy/loss"], abs=1e-6)
    same(whole.weights(), cut.weights(), atol=2e-5)


@pytest.mark.parametrize("aggregation", ["token-mean", "token-sum", "seq-mean-token-sum", "seq-mean-token-mean", "seq-mean-token-sum-norm"])
def test_i7_gradient_of_every_aggregation(bench, aggregation):
    """The gradient itself: Adam's first step would hide a wrong scale."""
    gradients = []
    for options in ({}, {"microBatch": 1}, {"microBatchTokens": 150}):
        made = bench(aggregation=aggregation, maxGradientNorm=1e9, **options)
        gradients.append(made.step()["gradient/norm"])
    assert gradients[0] > 0
    assert gradients[1:] == pytest.approx([gradients[0]] * 2, rel=1e-4)


def test_i7_order_of_rows_changes_only_rounding(bench):
    a, b = bench(), bench()
    rows = a.rows(a.plans())
    a.call("update", {"step": 1, "rows": rows})
    b.call("update", {"step": 1, "rows": rows[::-1]})
    same(a.weights(), b.weights(), atol=2e-5)


def test_i17_the_seed_decides(bench):
    one, again, other = (bench(seed=seed, weights="random").step() for seed in (1, 1, 2))
    assert one == again
    assert one != other


@pytest.mark.parametrize("estimator", ["gae", "grpo", "rloo", "reinforce++"])
def test_i19_equal_rewards_are_no_advantage(bench, estimator):
    made = bench(advantage=estimator)
    made.step(1)
    metrics = made.step(2, reward=lambda plan: 0.5)
    if estimator in ("grpo", "rloo"):
        assert metrics["advantage/mean"] == metrics["advantage/std"] == metrics["policy/loss"] == 0


def test_rewards_that_do_not_fit_the_tokens_are_refused(bench):
    made = bench()
    rows = made.rows(made.plans())
    rows[2]["rewards"].append(0.0)
    before = made.weights()
    with pytest.raises(TrainerError) as error:
        made.call("update", {"step": 1, "rows": rows})
    assert error.value.code == "DDA_TRAINER_STALE"
    same(made.weights(), before)


@pytest.mark.parametrize("options", [{}, {"oldLogProbs": "recompute"}])
def test_the_first_on_policy_plans_are_held_to_a_ratio_of_one(bench, options):
    made = bench(temperature=0.7, **options)
    rows = made.rows(made.plans())
    before = made.weights()
    for row in rows:
        row["temperature"] = 1.0
    with pytest.raises(TrainerError) as error:
        made.call("update", {"step": 1, "rows": rows})
    assert error.value.code == "DDA_TRAINER_RATIO" and "temperature" in error.value.next
    same(made.weights(), before)
    for row in rows:
        row["temperature"] = 0.7
    assert made.call("update", {"step": 1, "rows": rows})["metrics"]["policy/ratio-max"] == pytest.approx(1, abs=1e-4)


def test_plans_of_several_temperatures_train_together(bench):
    made = bench()
    rows = made.rows([*made.plans(1), *made.plans(2, temperature=0.5), *made.plans(3, temperature=0.0)])
    assert made.call("update", {"step": 1, "rows": rows})["metrics"]["policy/ratio-max"] == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("place", ["reward", "loss"])
@pytest.mark.parametrize("options", [{}, LORA])
def test_i13_before_any_update_the_policy_is_its_own_reference(bench, place, options):
    made = bench(kl={"place": place, "coefficient": 0.1}, **options)
    assert made.step(1)["kl/reference"] == pytest.approx(0, abs=1e-5)
    assert abs(made.step(2)["kl/reference"]) > 1e-5


@pytest.mark.parametrize("family", ["qwen2_5_vl", "qwen3_vl"])
def test_i13_lora_changes_adapters_and_value_head_only(bench, family):
    made = bench(family, **LORA, freezeVision=True, gradientCheckpointing=True)
    before = made.weights()
    made.step()
    changed = {name for name, value in made.weights().items() if not torch.equal(value, before[name])}
    assert changed and all(".lora_" in name or name.startswith("critic.") for name in changed)
    assert not any("visual" in name for name in changed)
    assert any(name.startswith("critic.") for name in changed)


def test_i13_frozen_vision_stays_bit_identical_in_full_training(bench):
    made = bench(freezeVision=True)
    before = made.weights()
    made.step()
    after = made.weights()
    assert all(torch.equal(after[name], before[name]) for name in before if ".visual." in name)
    assert any(not torch.equal(after[name], before[name]) for name in before if ".language_model." in name)


def test_unfrozen_vision_learns(bench):
    made = bench(freezeVision=False)
    before = made.weights()
    made.step()
    after = made.weights()
    assert any(not torch.equal(after[name], before[name]) for name in before if ".visual." in name)


@pytest.mark.parametrize("options", [{}, LORA, {"epochs": 3, "miniBatch": 2}])
def test_an_aborted_update_changes_nothing(bench, options):
    made = bench(microBatch=1, **options)
    rows = made.rows(made.plans())
    before, optimiser, shuffle = made.weights(), made.learner.optimiser.export_state(), made.learner.shuffle.get_state()
    left = [len(rows) + 3]

    def check():
        left[0] -= 1
        if left[0] < 0:
            raise Aborted()

    if "miniBatch" not in options:
        left[0] = 2
    with pytest.raises(Aborted):
        made.call("update", {"step": 1, "rows": rows}, check=check)
    same(made.weights(), before)
    assert torch.equal(made.learner.shuffle.get_state(), shuffle)
    assert made.learner.optimiser.export_state().keys() == optimiser.keys()
    assert made.learner.version == 0
    metrics = made.call("update", {"step": 1, "rows": rows})["metrics"]
    fresh = bench(microBatch=1, **options)
    assert metrics == fresh.call("update", {"step": 1, "rows": rows})["metrics"]


@pytest.mark.parametrize("learning", [True, False])
def test_memory_that_runs_out_halves_the_micro_batch(bench, monkeypatch, learning):
    """While it learns, and while it scores what was sampled."""
    made, plain = bench(oldLogProbs="recompute"), bench(oldLogProbs="recompute")
    rows = made.rows(made.plans())
    policy = made.learner.policy
    forward = policy.forward

    def limited(batch, *args, **kwargs):
        if torch.is_grad_enabled() == learning and batch.inputs["input_ids"].shape[0] > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return forward(batch, *args, **kwargs)

    monkeypatch.setattr(policy, "forward", limited)
    warnings = []
    made.call("update", {"step": 1, "rows": rows}, warn=warnings.append)
    plain.call("update", {"step": 1, "rows": rows})
    assert len(warnings) == 2 and "out of memory" in warnings[0]
    same(made.weights(), plain.weights(), atol=2e-5)


def test_memory_for_not_even_one_plan_is_a_coded_error(bench, monkeypatch):
    made = bench()
    rows = made.rows(made.plans())
    before = made.weights()

    def fails(*args, **kwargs):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(made.learner.policy, "forward", fails)
    with pytest.raises(TrainerError) as error:
        made.call("update", {"step": 1, "rows": rows})
    assert error.value.code == "DDA_CUDA_MEMORY"
    same(made.weights(), before)


def test_plans_of_a_version_to_come_and_foreign_ones_are_refused(bench):
    made = bench()
    plans = made.plans()
    made.step()
    for change in ({"policyVersion": 2}, {"ids": []}, {"ids": [10**6] * len(plans[0]["ids"])}, {"logProbs": []}):
        rows = made.rows(plans)
        rows[0] |= change
        with pytest.raises(TrainerError) as error:
            made.call("update", {"step": 2, "rows": rows})
        assert error.value.code == "DDA_TRAINER_STALE"
        assert error.value.data["sampleId"] == "s0"


def test_plans_of_an_older_version_are_learned_from(bench):
    made = bench()
    rows = made.rows(made.plans())
    made.step()
    assert made.call("update", {"step": 2, "rows": rows})["policyVersion"] == 2


def test_critic_warm_up_leaves_the_policy_alone(bench):
    made = bench(critic={"warmup": 1})
    before = made.weights()
    made.step(1)
    changed = {name for name, value in made.weights().items() if not torch.equal(value, before[name])}
    assert changed == {"critic.linear.weight", "critic.linear.bias"}
    made.step(2)
    assert any(not torch.equal(value, before[name]) for name, value in made.weights().items() if "language_model" in name)


def test_a_separate_critic_learns_and_leaves_the_policy_to_itself(bench):
    made = bench(critic={"kind": "model"})
    plans = made.plans()
    assert all(plan["values"] == [0.0] * len(plan["ids"]) for plan in plans)
    made.step(1)
    assert any(abs(value) > 0 for plan in made.plans(2) for value in plan["values"])


def test_learns_the_mean_reward_rises(bench):
    # Ten times this rate, the critic's default, is for the rates of real models.
    made = bench(learningRate=3e-2, entropy=0.0, critic={"learningRate": 3e-2})
    wanted = set(made.learner.tokenizer.convert_tokens_to_ids(["red", "green", "blue"]))
    reward = lambda plan: sum(token in wanted for token in plan["ids"]) / 6  # noqa: E731
    means = []
    for step in range(1, 16):
        plans = made.plans(step, copies=6)
        made.call("update", {"step": step, "rows": made.rows(plans, reward)})
        means.append(sum(map(reward, plans)) / len(plans))
    assert sum(means[-3:]) / 3 > sum(means[:3]) / 3 + 0.2, means
