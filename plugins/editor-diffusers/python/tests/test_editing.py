"""Edits by real pipelines: seeds, batches, sizes, memory, plans that are too long."""

import numpy as np
import pytest
import torch
from conftest import distance, edit, picture
from PIL import Image

from dda_worker import Failure
from dda_diffusers.editing import Edit, Stopped


@pytest.mark.parametrize("family", ["instruct-pix2pix", "kontext"])
def test_a_batch_gives_each_the_picture_that_it_has_alone(opened, family):
    editing = opened(family, batch=3)
    edits = [edit(i) for i in range(3)]
    together = editing.run(edits)
    alone = [editing.run([each])[0] for each in edits]
    assert max(distance(a, b) for a, b in zip(together, alone, strict=True)) < 0.05
    # In another order and company too.
    turned = editing.run([edits[2], edits[0]])
    assert max(distance(a, b) for a, b in zip(turned, (alone[2], alone[0]), strict=True)) < 0.05
    assert distance(alone[0], alone[1]) > 1


def test_seed_picture_and_plan_make_the_result_and_nothing_else(opened):
    editing = opened()
    first, other = edit(1), edit(2)
    result = editing.run([first])[0]
    editing.run([other])
    assert distance(editing.run([first])[0], result) == 0
    assert distance(editing.run([Edit(first.pictures, first.plan, first.seed + 1)])[0], result) > 1
    assert distance(editing.run([Edit(first.pictures, "another", first.seed)])[0], result) > 0.01
    assert distance(editing.run([Edit(other.pictures, first.plan, first.seed)])[0], result) > 0.1


@pytest.mark.parametrize("size", [(64, 48), (50, 70), (300, 100)])
@pytest.mark.parametrize("family", ["instruct-pix2pix", "kontext"])
def test_the_result_has_the_size_of_the_source(opened, family, size):
    assert opened(family).run([edit(1, size)])[0].size == size


def test_or_that_of_the_pipeline_in_the_aspect_ratio_of_the_source(opened):
    kontext = opened("kontext", size="pipeline").run([edit(1, (300, 100))])[0]
    assert kontext.width * kontext.height == pytest.approx(64 * 64, rel=0.3)
    assert kontext.width / kontext.height == pytest.approx(3, rel=0.35)
    own = opened("instruct-pix2pix", size="pipeline").run([edit(1, (300, 100))])[0]
    assert own.size == (112, 32)


def test_width_and_height_of_the_params_win(opened):
    params = {"num_inference_steps": 1, "width": 32, "height": 96, "max_area": 32 * 96, "_auto_resize": False}
    assert opened("kontext", size="pipeline", params=params).run([edit(1)])[0].size == (32, 96)


def out_of_memory_above(editing, monkeypatch, most):
    """The pipeline's network has no room for more than so many edits; three rows are one edit."""
    forward, seen = editing.pipeline.unet.forward, []

    def limited(sample, *args, **more):
        seen.append(sample.shape[0] // 3)
        if sample.shape[0] > 3 * most:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB.")
        return forward(sample, *args, **more)

    monkeypatch.setattr(editing.pipeline.unet, "forward", limited)
    return seen


def test_a_batch_that_does_not_fit_is_halved_with_a_warning_and_stays_so(opened, monkeypatch):
    editing = opened(batch=4)
    edits = [edit(i, plan="same length") for i in range(4)]
    wanted = [editing.run([each])[0] for each in edits]
    seen, warnings = out_of_memory_above(editing, monkeypatch, 1), []
    results = editing.run(edits, warn=warnings.append)
    assert all(distance(a, b) == 0 for a, b in zip(results, wanted, strict=True))
    assert len(warnings) == 2 and "4 edits of 64 × 48 pixels do not fit into memory; going on with 2 at once" in warnings[0]
    seen.clear()
    editing.run(edits, warn=warnings.append)
    assert set(seen) == {1} and len(warnings) == 2
    # Smaller pictures may fit.
    editing.run([edit(i, (32, 32)) for i in range(2)], warn=warnings.append)
    assert max(seen) == 2


def test_one_edit_that_does_not_fit_fails_with_a_code(opened, monkeypatch):
    editing = opened(batch=2)
    out_of_memory_above(editing, monkeypatch, 0)
    results = editing.run([edit(1), edit(2)])
    assert [each.reason for each in results] == ["DDA_CUDA_MEMORY"] * 2
    assert "offload" in results[0].data["next"]


def test_an_error_of_the_pipeline_has_a_code_and_spoils_nothing(opened, monkeypatch):
    editing = opened()
    wanted = editing.run([edit(1)])[0]
    with monkeypatch.context() as patch:
        patch.setattr(editing.pipeline.unet, "forward", lambda *_, **__: 1 / 0)
        failed = editing.run([edit(1)])[0]
    assert isinstance(failed, Failure) and failed.reason == "DDA_EDITOR_FAILED"
    assert "ZeroDivisionError" in str(failed)
    assert distance(editing.run([edit(1)])[0], wanted) == 0


def test_it_stops_within_a_step_when_nobody_waits_and_goes_on_afterwards(opened):
    editing = opened(params={"num_inference_steps": 1000})
    asked = []

    def stop():
        asked.append(1)
        return len(asked) > 20

    with pytest.raises(Stopped):
        editing.run([edit(1)], stop=stop)
    assert len(asked) == 21
    editing.settings.params["num_inference_steps"] = 1
    assert isinstance(editing.run([edit(1)])[0], Image.Image)


def test_a_plan_that_the_tokenizer_would_cut_fails_and_its_neighbour_does_not(opened):
    editing = opened(batch=2)
    long, short = edit(1, plan="x" * 100), edit(2, plan="y" * 70)
    refused, made = editing.run([long, short])
    assert refused.reason == "DDA_EDITOR_PROMPT" and refused.data["kind"] == "bad-input" and "77" in str(refused)
    assert isinstance(made, Image.Image)
    assert isinstance(opened(cut_plans=True).run([long])[0], Image.Image)
    # The other tokenizer of this one has room for 256.
    assert isinstance(opened("kontext").run([long])[0], Image.Image)


def test_what_the_safety_checker_flags_is_a_refusal_not_a_black_picture(opened, monkeypatch):
    editing = opened(batch=2)
    monkeypatch.setattr(editing.pipeline, "run_safety_checker", lambda image, *_: (image, [False, True]))
    fine, flagged = editing.run([edit(1), edit(2)])
    assert isinstance(fine, Image.Image)
    assert flagged.reason == "DDA_EDITOR_REFUSED" and flagged.data["kind"] == "refusal"


def test_several_sources_go_to_one_edit(opened):
    editing = opened("qwen-edit-plus", max_images=2)
    one, two = picture(1), picture(2, (48, 48))
    a = np.asarray(editing.run([Edit([one, two], "swap them", 1)])[0])
    b = np.asarray(editing.run([Edit([one], "swap them", 1)])[0])
    assert a.shape == b.shape == (48, 64, 3)
    assert (a != b).any()


def test_offloading_changes_nothing_on_the_cpu(opened):
    wanted = opened().run([edit(1)])[0]
    assert distance(opened(offload="model").run([edit(1)])[0], wanted) == 0
