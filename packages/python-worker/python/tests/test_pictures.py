"""One picture is one picture: turned, on white, 8 bits, sRGB."""

import io

import pytest

Image = pytest.importorskip("PIL.Image")

from dda_worker.pictures import read_rgb  # noqa: E402 - after Pillow is known to be there


def encoded(picture, kind="PNG", **how):
    out = io.BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_orientation_tag_is_applied(kind):
    exif = Image.Exif()
    exif[0x0112] = 6
    assert read_rgb(encoded(Image.new("RGB", (10, 6), "red"), kind, exif=exif)).size == (6, 10)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_colour_under_transparency_is_not_seen(kind):
    how = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    assert read_rgb(encoded(Image.new("RGBA", (4, 4), (255, 0, 0, 0)), kind, **how)).getpixel((0, 0)) == (255, 255, 255)


def test_a_transparent_entry_of_a_palette_lies_on_white():
    picture = Image.new("P", (4, 4), 0)
    picture.putpalette([255, 0, 0])
    assert read_rgb(encoded(picture, transparency=0)).getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize(("mode", "value", "wanted"), [("L", 7, 7), ("I;16", 0x6010, 0x60), ("1", 255, 255)])
def test_grey_is_scaled_and_not_clipped(mode, value, wanted):
    assert read_rgb(encoded(Image.new(mode, (4, 4), value))).getpixel((0, 0)) == (wanted,) * 3


@pytest.mark.parametrize("data", [b"", b"no picture", encoded(Image.new("RGB", (64, 64), "red"))[:60]])
def test_what_cannot_be_decoded_is_refused(data):
    with pytest.raises((OSError, ValueError, SyntaxError)):
        read_rgb(data)
