"""Decodes pictures as the Node side does. Needs Pillow, which the rest of this package does without."""

import io

from PIL import Image, ImageCms, ImageOps

GROUND = "white"
"""What transparent pixels lie on: GROUND of the package `pictures`."""


def read_rgb(data: bytes) -> Image.Image:
    """An encoded picture as upright 8-bit sRGB without transparency. Raises OSError, ValueError, SyntaxError or
    Image.DecompressionBombError where it cannot be decoded.

    The store keeps pictures in that form, so nothing but unpacking happens here, save for one that an older version stored.
    """
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return rgb(picture)


def rgb(picture: Image.Image) -> Image.Image:
    """The same of a picture that is open: turned by its tag, in sRGB by its profile, on white, 8 bits a channel."""
    profile = picture.info.get("icc_profile")
    picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith("I;16") or picture.mode == "I":
        # Pillow's own conversion clips to white.
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    if "A" in picture.getbands() or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, GROUND), picture)
    return _srgb(picture if picture.mode in ("RGB", "CMYK") else picture.convert("RGB"), profile)


def _srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    if profile:
        try:
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "sRGB" not in ImageCms.getProfileDescription(given) and given.profile.xcolor_space.strip() == picture.mode:
                intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
                return ImageCms.profileToProfile(picture, given, ImageCms.createProfile("sRGB"), intent, "RGB")
        except (ImageCms.PyCMSError, OSError):
            # A profile that cannot be read says nothing.
            pass
    return picture.convert("RGB")
