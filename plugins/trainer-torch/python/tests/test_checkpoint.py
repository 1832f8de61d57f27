"""Exact resume (I16), broken checkpoints, export, supervised warm start."""

import errno
import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from dda_torch import checkpoint
from dda_torch.errors import Aborted, TrainerError
from dda_torch.settings import Settings
from wire_options import wire_options

LORA = {"lora": {"rank": 4, "alpha": 8.0}}
# Several passes over shuffled mini-batches and an adaptive coefficient, so that their state has to be kept as well.
FULL = {"epochs": 2, "miniBatch": 2, "kl": {"place": "reward", "coefficient": 0.1, "target": 0.01}}


def equal(a, b):
    assert a.keys() == b.keys()
    assert all(torch.equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize("options", [FULL, {**FULL, **LORA}, {"critic": {"kind": "model"}}, {"dtype": "bfloat16", "epochs": 2}])
def test_i16_save_load_step_is_step(bench, tmp_path, options):
    made = bench(**options)
    made.step(1)
    made.call("save", {"folder": str(tmp_path)})
    state = made.call("state")
    other = bench(**options)
    assert other.call("load", {"folder": str(tmp_path)}) == state
    assert other.learner.controller.coefficient == made.learner.controller.coefficient
    assert made.step(2) == other.step(2)
    equal(made.weights(), other.weights())
    equal(made.learner.optimiser.export_state(), other.learner.optimiser.export_state())


@pytest.mark.parametrize("kind", ["head", "model"])
def test_a_value_head_a_stream_is_resumed_and_no_checkpoint_of_one_head(bench, tmp_path, kind):
    options = {"critic": {"kind": kind}, "valueStreams": ["cognitive", "visual"]}
    streams = {"mode": "normalized", "names": ["visual", "cognitive"], "weights": [1.0, 2.0], "heads": [1, 0]}

    def learn(made, step):
        rows = made.rows(made.plans(step))
        assert all(row["values"] is None for row in rows)
        for row in rows:
            half = [reward * 0.25 for reward in row["rewards"]]
            row["streams"] = [half, [reward - part for reward, part in zip(row["rewards"], half, strict=True)]]
        # A stream of its own scale and order.
        rows[0]["streams"] = [[0.0] * len(rows[0]["ids"]), rows[0]["rewards"]]
        return made.call("update", {"step": step, "rows": rows, "streams": streams})["metrics"]

    made, other, one = bench(**options), bench(**options), bench(critic={"kind": kind})
    metrics = learn(made, 1)
    assert {"value/explained-variance/cognitive", "value/explained-variance/visual"} <= metrics.keys()
    made.call("save", {"folder": str(tmp_path)})
    other.call("load", {"folder": str(tmp_path)})
    assert learn(made, 2) == learn(other, 2)
    equal(made.weights(), other.weights())
    with pytest.raises(TrainerError) as refused:
        one.call("load", {"folder": str(tmp_path)})
    assert refused.value.code == "DDA_CHECKPOINT_MISMATCH"


def test_saving_twice_gives_the_same_bytes(bench, tmp_path):
    made = bench()
    made.step()
    files = made.call("save", {"folder": str(tmp_path / "a")})["files"]
    made.call("save", {"folder": str(tmp_path / "b")})
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.parametrize("damage", ["cut", "gone", "zeros", "flipped"])
def test_a_broken_checkpoint_is_refused_and_changes_nothing(bench, tmp_path, damage):
    made = bench(**LORA)
    files = made.call("save", {"folder": str(tmp_path / "good")})["files"]
    made.step()
    before, state = made.weights(), made.call("state")
    for name in files:
        folder = tmp_path / f"bad-{name}"
        shutil.copytree(tmp_path / "good", folder)
        path: Path = folder / name
        content = bytearray(path.read_bytes())
        if damage == "gone":
            path.unlink()
        elif damage == "flipped":
            content[len(content) // 2] ^= 1
            path.write_bytes(content)
        else:
            path.write_bytes(content[: len(content) // 2] if damage == "cut" else bytes(len(content)))
        if damage == "flipped" and name == checkpoint.MANIFEST:
            continue
        with pytest.raises(TrainerError) as error:
            made.call("load", {"folder": str(folder)})
        assert error.value.code == "DDA_CHECKPOINT_CORRUPT", name
    equal(made.weights(), before)
    assert made.call("state") == state


def test_an_empty_folder_is_no_checkpoint(bench, tmp_path):
    with pytest.raises(TrainerError) as error:
        bench().call("load", {"folder": str(tmp_path)})
    assert error.value.code == "DDA_CHECKPOINT_CORRUPT"


def test_a_checkpoint_of_other_options_or_another_model_is_refused(bench, tmp_path):
    bench(**LORA).call("save", {"folder": str(tmp_path)})
    for other in (bench(), bench("qwen3_vl", **LORA), bench(lora={"rank": 8})):
        with pytest.raises(TrainerError) as error:
            other.call("load", {"folder": str(tmp_path)})
        assert error.value.code == "DDA_CHECKPOINT_MISMATCH"


@pytest.mark.parametrize(
    ("options", "changed"),
    [
        ({}, {"critic": {"learningRate": 1e-3, "warmup": 2, "detach": True}, "learningRate": 1e-3, "lambda": 0.9}),
        ({"critic": {"kind": "model"}}, {"critic": {"kind": "model", "warmup": 2}}),
        ({"advantage": "grpo"}, {"advantage": "rloo"}),
    ],
)
def test_a_resume_goes_on_under_other_options_of_learning(bench, tmp_path, options, changed):
    made = bench(**options)
    made.step()
    made.call("save", {"folder": str(tmp_path)})
    other = bench(**{**options, **changed})
    assert other.call("load", {"folder": str(tmp_path)}) == made.call("state")
    equal(other.weights(), made.weights())
    equal(made.learner.optimiser.export_state(), other.learner.optimiser.export_state())
    assert other.step(2) != made.step(2)


@pytest.mark.parametrize("changed", [{"critic": {"kind": "model"}}, {"advantage": "grpo"}])
def test_a_critic_of_another_kind_does_not_go_on(bench, tmp_path, changed):
    bench().call("save", {"folder": str(tmp_path)})
    with pytest.raises(TrainerError) as error:
        bench(**changed).call("load", {"folder": str(tmp_path)})
    assert error.value.code == "DDA_CHECKPOINT_MISMATCH"


# What the version before saved for the options of `bench()`.
OLD_SETTINGS = "e9c0f07625ab72cf"


def test_a_checkpoint_of_before_options_of_learning_were_left_out_is_resumed(bench, tmp_path):
    made, resumed = bench(), bench()
    made.step()
    made.call("save", {"folder": str(tmp_path)})
    restate(tmp_path, lambda state: state.update(settings=OLD_SETTINGS))
    resumed.call("load", {"folder": str(tmp_path)})
    equal(resumed.weights(), made.weights())


def restate(folder, change):
    """Makes the state of a checkpoint that of another version."""
    state = json.loads((folder / "trainer.json").read_text())
    change(state)
    content = json.dumps(state).encode()
    (folder / "trainer.json").write_bytes(content)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["trainer.json"] = hashlib.sha256(content).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_a_checkpoint_of_before_phases_is_resumed_as_it_would_have_gone_on(bench, tmp_path):
    made, resumed = bench(), bench()
    made.step()
    made.call("save", {"folder": str(tmp_path)})
    restate(tmp_path, lambda state: state["counters"].pop("phase"))
    resumed.call("load", {"folder": str(tmp_path)})
    assert resumed.learner.counters == made.learner.counters
    assert resumed.step(2) == made.step(2)
    equal(resumed.weights(), made.weights())


@pytest.mark.parametrize("change", [lambda counters: counters.pop("update_steps"), lambda counters: counters.update(epochs=3)])
def test_a_checkpoint_of_a_version_that_counts_other_things_is_refused_and_changes_nothing(bench, tmp_path, change):
    made = bench()
    made.call("save", {"folder": str(tmp_path)})
    made.step()
    restate(tmp_path, lambda state: change(state["counters"]))
    before, counters = made.weights(), replace(made.learner.counters)
    with pytest.raises(TrainerError) as error:
        made.call("load", {"folder": str(tmp_path)})
    assert error.value.code == "DDA_CHECKPOINT_MISMATCH" and "version" in error.value.next
    assert made.learner.counters == counters
    assert all(torch.equal(value, before[name]) for name, value in made.weights().items())


@pytest.mark.parametrize(("number", "code"), [(errno.ENOSPC, "DDA_DISK_FULL"), (errno.EACCES, "DDA_DISK_ERROR")])
def test_trouble_with_the_disk_is_a_coded_error(bench, tmp_path, monkeypatch, number, code):
    def fails(path, content):
        raise OSError(number, "no")

    made = bench()
    monkeypatch.setattr(checkpoint, "_write", fails)
    with pytest.raises(TrainerError) as error:
        made.call("save", {"folder": str(tmp_path)})
    assert error.value.code == code


@pytest.mark.parametrize("family", ["qwen2_5_vl", "qwen3_vl", "qwen2"])
@pytest.mark.parametrize("options", [{}, LORA])
def test_transformers_loads_an_export_that_says_the_same(bench, tmp_path, family, options):
    from transformers import AutoModelForCausalLM, AutoModelForImageTextToText, AutoProcessor

    made = bench(family, **options)
    made.step()
    before = made.weights()
    files = made.call("export", {"folder": str(tmp_path)})["files"]
    assert "config.json" in files and all((tmp_path / name).stat().st_size for name in files)
    equal(made.weights(), before)
    kind = AutoModelForCausalLM if family == "qwen2" else AutoModelForImageTextToText
    network, info = kind.from_pretrained(tmp_path, output_loading_info=True)
    assert not info["missing_keys"] and not info["unexpected_keys"]
    assert not any("lora" in name for name, _ in network.named_parameters())
    assert AutoProcessor.from_pretrained(tmp_path).chat_template
    plans = made.plans(9)
    # The export is a model like any other: the same policy, opened by its folder.
    other = type(made)(tmp_path, made.pictures, {}, role="thinker")
    for mine, theirs in zip(plans, other.plans(9)):
        assert mine["ids"] == theirs["ids"]
        assert mine["logProbs"] == pytest.approx(theirs["logProbs"], abs=1e-4)
        assert theirs["values"] is None


@pytest.mark.parametrize("options", [{}, LORA])
def test_a_checkpoint_can_be_opened_as_a_thinker(bench, tmp_path, options):
    made = bench(**options)
    made.step()
    made.call("save", {"folder": str(tmp_path)})
    thinker = type(made)(tmp_path, made.pictures, {"freezeVision": True}, role="thinker")
    assert thinker.call("state") == made.call("state")
    for mine, theirs in zip(made.plans(4), thinker.plans(4)):
        assert mine["ids"] == theirs["ids"]
        assert mine["logProbs"] == pytest.approx(theirs["logProbs"], abs=1e-5)
    with pytest.raises(TrainerError) as error:
        thinker.step()
    assert error.value.code == "DDA_TRAINER_INPUT"


@pytest.mark.parametrize("options", [{}, LORA])
def test_imitation_lowers_the_loss_and_counts(bench, options):
    made = bench(imitation={"learningRate": 3e-2}, **options)
    demonstrations = [{"prompt": prompt, "text": "red"} for prompt in made.prompts()]
    results = [made.call("imitate", {"demonstrations": demonstrations}) for _ in range(6)]
    losses = [result["metrics"]["imitation/loss"] for result in results]
    assert losses[-1] < losses[0] - 0.2
    assert [result["policyVersion"] for result in results] == [1, 2, 3, 4, 5, 6]
    assert len({result["weights"] for result in results}) == 6


@pytest.mark.parametrize("place", ["reward", "loss"])
@pytest.mark.parametrize("options", [{}, LORA, {"dtype": "bfloat16"}])
def test_reinforcement_after_imitation_starts_from_its_policy(bench, tmp_path, place, options):
    """The policy that imitation made is the reference, and Adam begins anew; a resume keeps both."""
    given = {"kl": {"place": place, "coefficient": 0.1}, "imitation": {"learningRate": 3e-2}, **options}
    made = bench(**given)
    demonstrations = [{"prompt": prompt, "text": "red"} for prompt in made.prompts()]
    for _ in range(3):
        made.call("imitate", {"demonstrations": demonstrations})
    made.call("save", {"folder": str(tmp_path / "warm")})
    assert not (tmp_path / "warm/reference.safetensors").exists()
    learned = made.weights()
    # bfloat16: sampled one by one and scored together differ by its spacing.
    exact = pytest.approx(0, abs=1e-5 if "dtype" not in options else 0.02)
    assert made.step(1)["kl/reference"] == exact
    assert {float(value) for name, value in made.learner.optimiser.export_state().items() if name.startswith("step.")} == {1.0}
    made.call("save", {"folder": str(tmp_path / "run")})
    reference = load_file(tmp_path / "run/reference.safetensors")
    assert reference and all(torch.equal(value, learned[name]) for name, value in reference.items())

    fresh = bench(**given)
    fresh.call("load", {"folder": str(tmp_path / "warm")})
    assert fresh.step(1)["kl/reference"] == exact
    resumed = bench(**given)
    resumed.call("load", {"folder": str(tmp_path / "run")})
    metrics = made.step(2)
    assert metrics == fresh.step(2) == resumed.step(2)
    assert abs(metrics["kl/reference"]) > 1e-5
    equal(made.weights(), resumed.weights())
    # Back to a state before reinforcement, and on: nothing of the later reference is left.
    made.call("load", {"folder": str(tmp_path / "warm")})
    assert made.learner.reference.weights is None
    assert made.step(1)["kl/reference"] == exact and made.step(2) == metrics


def test_an_aborted_first_update_leaves_the_phase(bench):
    made, plain = (bench(microBatch=1, kl={"place": "loss", "coefficient": 0.1}, imitation={"learningRate": 3e-2}) for _ in range(2))
    for each in (made, plain):
        each.call("imitate", {"demonstrations": [{"prompt": prompt, "text": "red"} for prompt in each.prompts()]})
    rows = made.rows(made.plans())

    def check():
        raise Aborted()

    with pytest.raises(Aborted):
        made.call("update", {"step": 1, "rows": rows}, check=check)
    assert made.learner.counters == plain.learner.counters
    equal(made.learner.optimiser.export_state(), plain.learner.optimiser.export_state())
    assert made.step(1) == plain.step(1)


def test_one_unreadable_picture_is_left_out_of_a_step_and_told(bench, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"no picture")
    broken = [{"hash": "x" * 64, "path": str(tmp_path / "broken.png")}]
    made, plain = bench(), bench()
    good = [{"prompt": prompt, "text": "red"} for prompt in made.prompts()]
    odd = {"prompt": {**good[0]["prompt"], "sampleId": "odd", "images": broken}, "text": "red"}
    told = []
    left_out = made.call("imitate", {"demonstrations": [good[0], odd, *good[1:]]}, warn=told.append)
    assert left_out == plain.call("imitate", {"demonstrations": good})
    assert len(told) == 1 and f"1 of {len(good) + 1} demonstrations" in told[0] and "odd" in told[0]
    rows = made.rows(made.plans())
    stray = {**rows[0], "group": "odd", "prompt": odd["prompt"]}
    assert made.call("update", {"step": 1, "rows": [*rows, stray]}, warn=told.append)["metrics"]
    assert len(told) == 2 and "rollouts" in told[1]
    before = made.learner.weights_id()
    with pytest.raises(TrainerError) as error:
        made.call("imitate", {"demonstrations": [odd]})
    assert error.value.code == "DDA_IMAGE_INVALID" and made.learner.weights_id() == before


@pytest.mark.parametrize("text", ["x" * 50, "red<|im_end|>"])
def test_a_demonstration_that_does_not_fit_is_named(bench, text):
    made = bench()
    with pytest.raises(TrainerError) as error:
        made.call("imitate", {"demonstrations": [{"prompt": made.prompts()[1], "text": text}]})
    assert error.value.code == "DDA_TRAINER_INPUT" and error.value.data["sampleId"] == "s1"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"model": "/no/such/folder"}, "DDA_MODEL_NOT_FOUND"),
        ({"lora": {"targets": ["nothing"]}}, "DDA_CONFIG_INVALID"),
        ({"epochz": 1}, "DDA_CONFIG_INVALID"),
        ({"advantage": "gea"}, "DDA_CONFIG_INVALID"),
        ({"clip": {"low": "x"}}, "DDA_CONFIG_INVALID"),
        ({"device": "cuda:99"}, "DDA_CONFIG_INVALID"),
        ({"device": "gpu"}, "DDA_CONFIG_INVALID"),
    ],
)
def test_options_that_do_not_fit_are_coded_errors(bench, options, code):
    with pytest.raises(TrainerError) as error:
        bench(**options)
    assert error.value.code == code and error.value.next


@pytest.mark.parametrize("path", [(name,) for name in wire_options()] + [("clip", "dual"), ("kl", "target"), ("lora", "rank")])
def test_a_value_that_was_not_sent_is_an_error_never_a_default(path):
    given = {**wire_options(lora={}), "seed": 1}
    assert Settings.from_json(given).lora is not None
    group = given
    for key in path[:-1]:
        group = group[key]
    del group[path[-1]]
    with pytest.raises(TrainerError) as error:
        Settings.from_json(given)
    assert error.value.code == "DDA_CONFIG_INVALID" and error.value.data["location"] == ".".join(path)


def test_the_expected_peak_is_said_in_one_line(bench):
    memory = bench().opened["memory"]
    assert memory["line"].startswith("expected peak memory") and "\n" not in memory["line"] and memory["peak"] > 0
