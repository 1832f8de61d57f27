"""What the first edits find out: batches, and settings that do not work."""

import pytest
from conftest import PARAMS

from dda_worker import Failure
from dda_diffusers.trial import trial


@pytest.mark.parametrize("family", ["instruct-pix2pix", "kontext"])
def test_pipelines_that_batch_are_found(opened, family):
    found = trial(opened(family, batch=2))
    assert found["batches"], found["why"]


def test_a_pipeline_that_refuses_batches_says_why(opened):
    found = trial(opened("qwen-edit-plus", batch=2))
    assert not found["batches"] and "only supports batch_size=1" in found["why"]


def test_qwen_edits_and_its_batches_are_measured(opened):
    found = trial(opened("qwen-edit", batch=2))
    # Its text encoder gets a picture in the size of the source where it is one of several, and resized where it is alone.
    assert not found["batches"] and "of 255 off on average" in found["why"]


def test_a_pipeline_that_edits_no_smaller_pictures_edits_one_at_a_time(opened, monkeypatch):
    editing = opened(batch=2)
    preprocess = editing.pipeline.image_processor.preprocess

    def picky(image, *args, **more):
        if not isinstance(image, list) and image.width * image.height < 64 * 64:
            raise ValueError("Image too small")
        return preprocess(image, *args, **more)

    monkeypatch.setattr(editing.pipeline.image_processor, "preprocess", picky)
    found = trial(editing)
    assert not found["batches"] and "does not edit a picture of 48 × 32" in found["why"] and "Image too small" in found["why"]


def test_batch_1_needs_no_comparison(opened):
    assert trial(opened())["why"] == "batch: 1"


def test_a_batch_that_mixes_pictures_up_is_not_used(opened, monkeypatch):
    editing = opened(batch=2)
    prepare = editing.pipeline.prepare_image_latents

    def mixed(image, *args, **more):
        return prepare(image.flip(0), *args, **more)

    monkeypatch.setattr(editing.pipeline, "prepare_image_latents", mixed)
    found = trial(editing)
    assert not found["batches"], found["why"]


def test_values_that_the_pipeline_does_not_take_fail_before_the_first_edit(opened):
    with pytest.raises(Failure, match="cannot edit with these settings") as caught:
        trial(opened(params={"num_inference_steps": 2, "guidance_scale": "high"}))
    assert caught.value.reason == "DDA_EDITOR_FAILED"


def test_more_pictures_than_the_pipeline_takes_are_a_configuration_error(opened):
    with pytest.raises(Failure, match="does not take 2 pictures") as caught:
        trial(opened("kontext", max_images=2, params=PARAMS["kontext"]))
    assert caught.value.reason == "DDA_CONFIG_INVALID" and caught.value.data["location"] == "maxImages"
