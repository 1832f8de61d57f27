"""Models, pipelines and devices by name, and what is said where there is none."""

import json
import shutil

import pytest

from dda_worker import Failure
from dda_diffusers.arguments import Arguments
from dda_diffusers.loading import choose_device, digest, load, pipeline_class


def refused(code, work):
    with pytest.raises(Failure) as caught:
        work()
    assert caught.value.reason == code, caught.value
    assert caught.value.data["next"]
    return f"{caught.value} | {caught.value.data['next']}"


def test_the_model_names_its_pipeline(settings):
    pipeline, identity = load(settings("kontext"))
    assert type(pipeline).__name__ == "FluxKontextPipeline"
    assert identity.startswith("sha256:")
    assert str(pipeline.dtype) == "torch.float32"


def test_another_type_of_weights(settings):
    assert str(load(settings(dtype="bfloat16"))[0].dtype) == "torch.bfloat16"


def test_no_such_pipeline_names_near_ones(settings):
    assert "FluxKontextPipeline" in refused("DDA_EDITOR_PIPELINE", lambda: load(settings(pipeline="FluxContextPipeline")))
    assert "QwenImageEditPipeline" in refused("DDA_EDITOR_PIPELINE", lambda: pipeline_class("xyz"))


def test_a_pipeline_that_does_not_edit(settings):
    text = refused("DDA_EDITOR_PIPELINE", lambda: load(settings("text-to-image")))
    assert "StableDiffusionPipeline" in text and "StableDiffusionInstructPix2PixPipeline" in text


def test_a_model_for_another_pipeline(settings):
    refused("DDA_MODEL_UNSUPPORTED", lambda: load(settings(pipeline="QwenImageEditPipeline", params={})))


def test_no_such_folder_and_one_that_is_no_pipeline(settings, tmp_path):
    assert "is not there" in refused("DDA_MODEL_NOT_FOUND", lambda: load(settings(model=str(tmp_path / "none"))))
    assert "no model_index.json" in refused("DDA_MODEL_NOT_FOUND", lambda: load(settings(model=str(tmp_path))))


def test_no_such_model_on_the_hub(settings, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert "owner/name" in refused("DDA_MODEL_NOT_FOUND", lambda: load(settings(model="nobody/no-such-model", revision="v1")))


def test_a_folder_whose_weights_are_cut_short(settings, folders, tmp_path):
    copy = shutil.copytree(folders("instruct-pix2pix"), tmp_path / "copy")
    weights = copy / "unet/diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    refused("DDA_MODEL_UNSUPPORTED", lambda: load(settings(model=str(copy))))


def test_an_index_without_a_class(settings, folders, tmp_path):
    copy = shutil.copytree(folders("instruct-pix2pix"), tmp_path / "copy")
    (copy / "model_index.json").write_text(json.dumps({}))
    refused("DDA_MODEL_UNSUPPORTED", lambda: load(settings(model=str(copy))))


def test_the_hash_of_a_folder_follows_its_content(folders, tmp_path):
    folder = folders("instruct-pix2pix")
    copy = shutil.copytree(folder, tmp_path / "copy")
    assert digest(copy) == digest(folder)
    (copy / "scheduler/scheduler_config.json").write_text("{}")
    assert digest(copy) != digest(folder)


def test_large_files_are_hashed_by_size_and_sample(tmp_path):
    (tmp_path / "weights.bin").write_bytes(bytes(9 * 2**20))
    before = digest(tmp_path)
    with (tmp_path / "weights.bin").open("r+b") as file:
        file.seek(2**19)
        file.write(b"x")
    assert digest(tmp_path) != before


def test_arguments_are_checked_and_the_accepted_ones_named(settings):
    text = refused("DDA_EDITOR_PARAM", lambda: load(settings("kontext", params={"guidance": 3})))
    assert "did you mean `guidance_scale`?" in text
    for name in ("num_inference_steps", "guidance_scale", "true_cfg_scale", "negative_prompt"):
        assert name in text


@pytest.mark.parametrize("name", ["prompt", "image", "generator", "latents", "prompt_embeds", "callback_on_step_end", "return_dict"])
def test_what_an_edit_brings_or_no_configuration_can_hold_is_refused(name):
    arguments = Arguments(pipeline_class("FluxKontextPipeline"))
    assert name not in arguments.accepted
    refused("DDA_EDITOR_PARAM", lambda: arguments.check({name: 1}))


def test_texts_are_given_once_for_each_edit_of_a_batch():
    arguments = Arguments(pipeline_class("FluxKontextPipeline"))
    given = {"negative_prompt": "blurry", "true_cfg_scale": 2.0}
    assert arguments.for_batch(given, 2) == {"negative_prompt": ["blurry", "blurry"], "true_cfg_scale": 2.0}


@pytest.mark.parametrize("name", ["cuda:99", "gpu", "tpu:0"])
def test_a_device_that_is_not_there(name):
    assert name in refused("DDA_CONFIG_INVALID", lambda: choose_device(name))
