"""Tiny pipelines, opened once, and pictures."""

import copy
import hashlib
import importlib

import numpy as np
import pytest
import torch
from PIL import Image
from tiny_pipeline import build

from dda_diffusers.editing import Edit, Editing
from dda_diffusers.loading import load
from dda_diffusers.settings import Settings

# Tiny tensors: threads would only wait for each other.
torch.set_num_threads(1)

PARAMS = {
    "instruct-pix2pix": {"num_inference_steps": 3},
    "kontext": {"num_inference_steps": 3, "max_area": 64 * 64, "_auto_resize": False, "true_cfg_scale": 2.0, "negative_prompt": "blurry"},
    # Whatever the source, these bring it to a size of their own for the autoencoder.
    "qwen-edit": {"num_inference_steps": 1, "true_cfg_scale": 2.0, "negative_prompt": " "},
    "qwen-edit-plus": {"num_inference_steps": 1},
}


# Work at a megapixel whatever is asked, by a function of their module, which is given the area.
AT_A_MEGAPIXEL = ("qwenimage.pipeline_qwenimage_edit", "qwenimage.pipeline_qwenimage_edit_plus", "longcat_image.pipeline_longcat_image_edit")
# What is asked of them here does not depend on the size, and everything that they do costs as much as it has pixels, or more.
SMALLER = 16


@pytest.fixture(scope="session", autouse=True)
def a_smaller_megapixel():
    with pytest.MonkeyPatch.context() as patch:
        for name in AT_A_MEGAPIXEL:
            module = importlib.import_module(f"diffusers.pipelines.{name}")
            sizes = module.calculate_dimensions
            patch.setattr(module, "calculate_dimensions", lambda area, ratio, sizes=sizes: sizes(area // SMALLER, ratio))
        # Where there are several sources, whatever size is asked.
        fibo = importlib.import_module("diffusers.pipelines.bria_fibo2.image_processor").BriaFibo2ImageProcessor
        size = fibo.get_image_size
        patch.setattr(fibo, "get_image_size", lambda self, ratio, area=2**20: size(self, ratio, area // SMALLER))
        joy = importlib.import_module("diffusers.pipelines.joyimage.image_processor")
        bucket, side = joy.find_best_bucket, round(SMALLER**0.5)
        patch.setattr(joy, "find_best_bucket", lambda *given: tuple(each // side for each in bucket(*given)))
        # Nobody looks at its guesses of a next token, which are as many numbers as a plan has tokens times its vocabulary of 128,001.
        guesser = importlib.import_module("transformers").SmolLM3ForCausalLM
        guess = guesser.forward
        patch.setattr(guesser, "forward", lambda self, *given, **more: guess(self, *given, **{"logits_to_keep": 1, **more}))
        yield


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    root, built = tmp_path_factory.mktemp("pipelines"), {}

    def get(family):
        if family not in built:
            built[family] = build(root / family, family)
        return built[family]

    return get


@pytest.fixture(scope="session")
def settings(folders):
    def make(family="instruct-pix2pix", **more):
        given = {"model": str(folders(family)), "device": "cpu", "pixels": 64 * 64, "params": PARAMS.get(family, {}), **more}
        return Settings(**given)

    return make


@pytest.fixture(scope="session")
def loaded():
    """A pipeline of its own for each caller, as ``load`` gives it: reading the weights again would take longer than most edits."""
    read = {}

    def give(settings):
        # What of the settings decides what is loaded; the others are the editing's.
        key = (settings.model, settings.pipeline, settings.revision, settings.variant, settings.dtype, settings.device, settings.offload)
        if key not in read:
            read[key] = load(settings)[0]
        return copy.deepcopy(read[key])

    return give


@pytest.fixture(scope="session")
def opened(settings, loaded):
    """An editing of a family, with batches where ``batch`` says so; no trial is made."""

    def make(family="instruct-pix2pix", **more):
        given = settings(family, **more)
        editing = Editing(loaded(given), given)
        editing.batches = given.batch > 1
        return editing

    return make


def picture(index, size=(64, 48)):
    return Image.fromarray(np.random.default_rng(index).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8), "RGB")


def edit(index, size=(64, 48), plan=None):
    return Edit([picture(index, size)], plan or f"plan {index}" + " and more" * index, 100 + index)


def distance(a, b):
    """Mean difference of a channel, of 255."""
    return float(np.abs(np.asarray(a, np.float64) - np.asarray(b, np.float64)).mean())


def stored(folder, image, suffix="png"):
    """The picture as a file, as the Node side describes it."""
    path = folder / f"picture.{suffix}"
    image.save(path)
    data = path.read_bytes()
    return {"hash": hashlib.sha256(data).hexdigest(), "path": str(path), "width": image.width, "height": image.height}
