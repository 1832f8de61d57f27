"""Pictures in by content hash and path, out as PNG."""

import io

import pytest
from conftest import distance, picture, stored
from PIL import Image

from dda_worker import Failure
from dda_diffusers.editing import Edit
from dda_diffusers.pictures import Sources, encode, working_size


@pytest.mark.parametrize("suffix", ["png", "webp", "jpg"])
def test_a_file_is_read_once(tmp_path, suffix):
    given, sources = stored(tmp_path, picture(1), suffix), Sources()
    first = sources.get(given)
    (tmp_path / f"picture.{suffix}").unlink()
    assert sources.get(given) is first
    assert first.mode == "RGB" and first.size == (64, 48)


def test_content_that_is_not_what_the_hash_says_is_refused(tmp_path):
    given = stored(tmp_path, picture(1))
    (tmp_path / "picture.png").write_bytes(b"something else")
    with pytest.raises(Failure, match="not what its hash says") as caught:
        Sources().get(given)
    assert caught.value.reason == "DDA_IMAGE_INVALID" and caught.value.data["kind"] == "bad-input"


def test_a_file_that_is_no_picture_or_not_there_is_refused(tmp_path):
    import hashlib

    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(Failure, match="cannot be decoded"):
        Sources().get({"hash": hashlib.sha256(b"no picture").hexdigest(), "path": str(tmp_path / "a.png")})
    with pytest.raises(Failure, match="cannot be read"):
        Sources().get({"hash": "0", "path": str(tmp_path / "b.png")})


def test_png_has_all_pixels_and_nothing_else():
    image = picture(1)
    image.info["text"] = "secret"
    data = encode(image)
    assert distance(Image.open(io.BytesIO(data)), image) == 0
    assert b"secret" not in data and encode(image) == data


@pytest.mark.parametrize(
    ("size", "pixels", "wanted"),
    [((64, 48), 4096, (80, 48)), ((4000, 3000), 2**20, (1184, 880)), ((10, 1000), 4096, (16, 640)), ((1024, 1024), 2**20, (1024, 1024))],
)
def test_working_sizes_keep_aspect_and_area(size, pixels, wanted):
    assert working_size(size, pixels) == wanted


def test_no_side_is_shorter_than_the_least_and_the_shape_stays():
    assert working_size((200, 90), 64 * 64, least=64) == (144, 64)
    assert working_size((1024, 1024), 2**20, least=64) == (1024, 1024)


def test_only_larger_pictures_are_made_smaller(opened):
    seen = []
    editing = opened(pixels=64 * 48)
    preprocess = editing.pipeline.image_processor.preprocess
    editing.pipeline.image_processor.preprocess = lambda image, *args, **more: (seen.append(image.size), preprocess(image, *args, **more))[1]
    for size in ((64, 48), (640, 480), (32, 16)):
        editing.invoke([Edit([picture(1, size)], "x", 1)])
    assert seen == [(64, 48), (64, 48), (32, 16)]
