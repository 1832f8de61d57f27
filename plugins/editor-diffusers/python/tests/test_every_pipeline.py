"""Every pipeline of the installed diffusers that turns a picture and a plan into a picture: a new version shows itself here."""

import inspect

import diffusers
import numpy as np
import pytest
import torch
from conftest import SMALLER, picture

from dda_diffusers.arguments import Arguments
from dda_diffusers.editing import Edit, Editing
from dda_diffusers.loading import load
from dda_diffusers.settings import Settings
from dda_diffusers.trial import trial
from dda_worker import Failure

# Built tiny and tried: family of tiny_pipeline.py, and tokens of a plan that it reads, as far as they were looked for.
TRIED = {
    "StableDiffusionInstructPix2PixPipeline": ("instruct-pix2pix", (70, 77)),
    "FluxKontextPipeline": ("kontext", (500, 512)),
    # A message of the system goes before the plan, here of one token a byte.
    "Flux2Pipeline": ("flux2", (300, 512)),
    "Flux2KleinPipeline": ("flux2-klein", (490, 512)),
    "Flux2KleinKVPipeline": ("flux2-klein-kv", (490, 512)),
    "ZImageOmniPipeline": ("z-image-omni", (490, 512)),
    "OmniGenPipeline": ("omnigen", (2048, 2048)),
    "StableDiffusionXLInstructPix2PixPipeline": ("instruct-pix2pix-xl", (70, 77)),
    # `max_sequence_length` is for drawing alone: with a picture the whole plan is read.
    "DreamLitePipeline": ("dreamlite", (2048, 2048)),
    "DreamLiteMobilePipeline": ("dreamlite-mobile", (2048, 2048)),
    # What they read is found out in test_trial.py, with their other properties.
    "QwenImageEditPipeline": ("qwen-edit", None),
    "QwenImageEditPlusPipeline": ("qwen-edit-plus", None),
    "QwenImage21Pipeline": ("qwen-image-21", (2048, 2048)),
    "BriaFibo2Pipeline": ("fibo2", (2048, 2048)),
    "BriaFiboEditPipeline": ("fibo-edit", (2048, 2048)),
    # Draws tokens of a picture first: what of the plan they hold is chance.
    "GlmImagePipeline": ("glm-image", None),
    # These work at a megapixel whatever is asked; here at a smaller one (conftest.py).
    "Kandinsky5I2IPipeline": ("kandinsky5", (800, 1024)),
    "LongCatImageEditPipeline": ("longcat", (490, 512)),
    "JoyImageEditPipeline": ("joy-edit", (2048, 2048)),
    "JoyImageEditPlusPipeline": ("joy-edit-plus", (2048, 2048)),
}
# Redraw, upscale or vary a picture; the text says what it shows and not what to change. They run, and are nobody's Editor.
NO_INSTRUCTION = {
    "DiffusionGemmaPipeline", "FluxPriorReduxPipeline", "HunyuanImageRefinerPipeline", "IFSuperResolutionPipeline",
    "QwenImageLayeredPipeline", "StableCascadeCombinedPipeline", "StableCascadePriorPipeline", "StableDiffusionLatentUpscalePipeline",
    "StableDiffusionUpscalePipeline", "StableUnCLIPImg2ImgPipeline",
}  # fmt: skip


def edit_pipelines():
    """Names of those that the plugin would open, without films, masks, controls, strengths and what diffusers has given up."""
    for name in dir(diffusers):
        kind = getattr(diffusers, name, None) if name.endswith("Pipeline") and "Modular" not in name else None
        if not (isinstance(kind, type) and issubclass(kind, diffusers.DiffusionPipeline)):
            continue
        arguments = Arguments(kind)
        film = arguments.takes("num_frames") or arguments.takes("video") or "Video" in name or "Animate" in name or name == "SanaWMPipeline"
        other = any(arguments.takes(each) for each in ("mask_image", "control_image", "strength")) or "ControlNet" in name or "Adapter" in name
        if arguments.edits and not film and not other and ".deprecated." not in kind.__module__:
            yield name


def test_every_edit_pipeline_of_this_version_is_known():
    found = set(edit_pipelines())
    known = set(TRIED) | NO_INSTRUCTION
    assert found - known == set(), "new in this diffusers: try them, and say here what they are"
    assert known - found == set(), "gone from this diffusers"


@pytest.mark.parametrize("name", sorted(TRIED))
def test_its_pictures_and_plan_have_a_place(name):
    arguments = Arguments(getattr(diffusers, name))
    assert arguments.image in inspect.signature(getattr(diffusers, name).__call__).parameters
    assert "Make it blue." in arguments.written("Make it blue.", 2)


@pytest.fixture
def opened(folders, loaded):
    """An editing of a family, by ``params`` of the pipeline."""
    return lambda family, **more: editing_of(folders, loaded, family, **more)


def editing_of(folders, loaded, family, batch=1, pixels=64 * 64, cut_plans=False, **params):
    given = Settings(model=str(folders(family)), device="cpu", pixels=pixels, batch=batch, cut_plans=cut_plans, params=params)
    editing = Editing(loaded(given), given)
    if family == "kandinsky5":
        # It takes the nearest of these, and none is far from a megapixel.
        sizes, side = editing.pipeline.resolutions, round(SMALLER**0.5)
        assert min(width * height for width, height in sizes) > 0.8 * 2**20
        editing.pipeline.resolutions = [(width // side, height // side) for width, height in sizes]
    return editing


def words(count, last="b"):
    """A plan of that many tokens, of bytes."""
    return "a " * (count // 2 - 1) + f"a{last}"


@pytest.mark.parametrize("name", [name for name, (_, room) in TRIED.items() if room is not None])
def test_its_limit_is_found_and_longer_plans_fail_their_format(opened, name):
    family, (least, most) = TRIED[name]
    editing = opened(family)
    source = picture(1, (64, 64))
    editing.find_room(Edit([source], "x", 1))
    assert least <= editing.room.most <= most
    if most < 2048:
        # Equal up to the limit: they would give the same picture, and one of them would be scored for the other's.
        for last in ("b", "c"):
            refused = editing.run([Edit([source], words(most + 40, last), 1)])[0]
            assert isinstance(refused, Failure) and refused.reason == "DDA_EDITOR_PROMPT" and refused.data["kind"] == "bad-input"


# Whether edits may share a call, and the side of a picture that it takes: the attention of these networks grows with its fourth power. The
# batches of others are looked at in test_trial.py.
SHARED = {
    "instruct-pix2pix-xl": (True, 64),
    "dreamlite": (False, 64),
    "dreamlite-mobile": (False, 64),
    "flux2": (False, 64),
    "z-image-omni": (False, 64),
    # Every plan of a call sees all pictures of it here too.
    "fibo2": (False, 64),
    "fibo-edit": (False, 64),
    # Every plan of a call sees all pictures of it.
    "qwen-image-21": (False, 64),
    # At a size of their own whatever is asked.
    "kandinsky5": (True, 64),
    "longcat": (False, 64),
}


@pytest.mark.parametrize("family", SHARED)
def test_a_batch_gives_what_its_edits_give_alone_or_is_refused(opened, family):
    shared, side = SHARED[family]
    # How long a plan may be is found out above.
    editing = opened(family, batch=2, pixels=side * side, cut_plans=True, num_inference_steps=2)
    edits = [Edit([picture(seed, (side, side))], plan, seed) for seed, plan in ((1, "make it blue"), (2, "make it red"))]
    found = trial(editing)
    assert found["batches"] == shared, found["why"]
    if found["batches"]:
        alone = [editing.run([edit])[0] for edit in edits]
        editing.batches = True
        for one, together in zip(alone, editing.run(edits), strict=True):
            assert np.abs(np.asarray(one, dtype=float) - np.asarray(together, dtype=float)).mean() < 1


def test_a_limit_of_the_params_is_the_limit(opened):
    editing = opened("kontext", max_sequence_length=256)
    editing.find_room(Edit([picture(1, (64, 64))], "x", 1))
    assert 250 <= editing.room.most <= 256


def test_what_another_process_found_out_is_taken_over(folders):
    given = Settings(model=str(folders("instruct-pix2pix")), device="cpu", pixels=64 * 64, room=40)
    assert Editing(load(given)[0], given).room.lacks("x" * 41) == (41, 40)


def test_kontext_works_at_the_size_of_the_options(opened):
    editing = opened("kontext", num_inference_steps=1)
    output = editing.invoke([Edit([picture(1, (160, 90))], "x", 1)])
    # Without `_auto_resize: false` and `max_area` it would have worked at a megapixel.
    assert output.images[0].width * output.images[0].height <= 1.3 * 64 * 64


def test_qwen_image_21_works_at_the_size_of_the_options(opened):
    editing = opened("qwen-image-21", num_inference_steps=1)
    seen = []
    encode = editing.pipeline.vae.encode
    editing.pipeline.vae.encode = lambda picture, *args, **more: (seen.append(tuple(picture.shape[-2:])), encode(picture, *args, **more))[1]
    editing.invoke([Edit([picture(1, (160, 90))], "x", 1)])
    # Without `output_resolution` its source would have been brought to a megapixel; sides are multiples of 32.
    assert seen and all(height * width <= 2 * 64 * 64 for height, width in seen)


def test_a_picture_in_a_field_of_another_name_is_the_result(opened):
    editing = opened("kandinsky5", num_inference_steps=1)
    assert editing.run([Edit([picture(1)], "make it blue", 7)])[0].size == (64, 48)


def test_omnigen_edits_and_its_seed_decides(opened):
    editing = opened("omnigen", num_inference_steps=1)
    edit = Edit([picture(1)], "make it blue", 7)
    first = editing.run([edit])[0]
    torch.rand(3)
    again = editing.run([edit])[0]
    assert first.size == (64, 48)
    assert list(first.getdata()) == list(again.getdata())


# A source of which a side is shorter than these take, and one that has another shape than the size at which they work.
@pytest.mark.parametrize("family", ["flux2", "flux2-klein", "z-image-omni"])
@pytest.mark.parametrize("size", [(50, 70), (200, 90)])
def test_small_and_long_sources_are_edited(opened, family, size):
    result = opened(family, num_inference_steps=1).run([Edit([picture(1, size)], "make it blue", 7)])[0]
    assert result.size == size


def test_weights_that_a_pipeline_does_not_work_with_are_a_configuration_error(folders):
    given = Settings(model=str(folders("z-image-omni")), device="cpu", dtype="float32")
    with pytest.raises(Failure, match="bfloat16 alone, not of float32") as caught:
        load(given)
    assert caught.value.reason == "DDA_CONFIG_INVALID" and caught.value.data["location"] == "dtype"


@pytest.mark.parametrize("family", ["fibo-edit", "fibo2"])
@pytest.mark.parametrize("plan", ["make it blue", '{"colour": "blue"}', '{"edit_instruction": "make it blue"}', "[1]", '"edit_instruction"'])
def test_any_plan_is_an_instruction_of_a_pipeline_that_reads_json(opened, family, plan):
    edited, other = opened(family, num_inference_steps=1).run([Edit([picture(1, (64, 64))], each, 7) for each in (plan, "make it red")])
    assert edited.size == (64, 64) and list(edited.getdata()) != list(other.getdata())


def test_marks_of_json_take_room_too(opened):
    editing = opened("fibo-edit", max_sequence_length=256)
    editing.find_room(Edit([picture(1, (64, 64))], "x", 1))
    plain, quoted = "a" * 200, '"' * 200
    assert editing.room.lacks(plain) is None
    # Each quote is written as two characters, of which the pipeline would have read half.
    assert editing.room.lacks(quoted) is not None


def glm_image(opened):
    """As GlmImagePipeline is with a transformers whose ``get_image_tokens`` takes the features in one tensor, as this diffusers gives them."""
    editing = opened("glm-image", num_inference_steps=1)
    encoder = editing.pipeline.vision_language_encoder
    tokens = encoder.get_image_tokens
    encoder.get_image_tokens = lambda features, grids: tokens([features])
    return editing


@pytest.mark.parametrize("size", [(64, 64), (200, 90), (40, 60)])
def test_glm_image_edits_sources_of_any_size(opened, size):
    editing = glm_image(opened)
    editing.find_room(Edit([picture(1, size)], "x", 1))
    first, again, other = editing.run([Edit([picture(1, size)], f"write '{word}'", 7) for word in ("blue", "blue", "red")])
    assert first.size == size and list(first.getdata()) == list(again.getdata()) != list(other.getdata())


def test_glm_image_edits_by_the_installed_packages_or_says_why_not(opened):
    editing = opened("glm-image", num_inference_steps=1)
    with pytest.raises(Failure, match="GlmImagePipeline cannot edit with these settings") as caught:
        trial(editing)
    assert caught.value.reason == "DDA_EDITOR_FAILED", "it edits: these versions fit, take it into the tables above"
