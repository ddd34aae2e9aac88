"""Image bytes from anywhere become one thing: an upright, opaque, 8-bit sRGB picture.

Everything is decoded to the last byte before it counts: a truncated JPEG opens without complaint, and would
otherwise fail in the middle of a render. Trusting the media type of the answer was rejected.
"""

import hashlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from actors.media.errors import PictureError
from actors.media.kept import Kept

MOST_PIXELS: Final = 80_000_000
"""Three times a 2160p frame on each axis; more is a decompression bomb, not a picture."""
SMALLEST_SIDE: Final = 64
_MEDIA_TYPES: Final = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
}
_PAPER: Final = (255, 255, 255)
"""What shows through transparent pixels."""


@dataclass(frozen=True, slots=True)
class PictureInfo:
    """What an image is; width and height in pixels as it is to be seen (after its orientation tag)."""

    media_type: str
    width: int
    height: int


def inspect(data: bytes) -> PictureInfo:
    """Decode all of ``data`` and say what it is.

    Raises:
        PictureError: ``picture_empty``, ``_unreadable``, ``_too_large`` or ``_too_small``.

    """
    picture, media_type = _decode(data)
    return PictureInfo(media_type, picture.width, picture.height)


def picture_type(path: Path) -> str | None:
    """The media type of a picture in a file; None where it holds something else."""
    try:
        with Image.open(path, formats=list(_MEDIA_TYPES)) as picture:
            return _MEDIA_TYPES[str(picture.format)]
    except UnidentifiedImageError:
        return None


def open_rgb(data: bytes) -> Image.Image:
    """The picture, upright, opaque, in 8-bit sRGB. Raises like :func:`inspect`."""
    picture, _ = _decode(data)
    return to_srgb(picture)


def kept_rgb(data: bytes) -> Image.Image:
    """The same, for reading only: who films a picture looks first for what is of interest in it."""
    return _opened.get(hashlib.sha256(data).digest(), lambda: open_rgb(data))


_opened: Final[Kept[bytes, Image.Image]] = Kept(
    32_000_000, lambda picture: 3 * picture.width * picture.height
)


def open_rgba(data: bytes) -> Image.Image:
    """The picture, upright, in 8-bit sRGB, transparent where it is. Raises like :func:`inspect`."""
    picture, _ = _decode(data)
    return to_srgb(picture, opaque=False).convert("RGBA")


def to_srgb(picture: Image.Image, *, opaque: bool = True) -> Image.Image:
    """A decoded picture in 8-bit sRGB: RGB, or RGBA where it need not be ``opaque`` and is not."""
    if opaque or not picture.has_transparency_data:
        return _to_srgb(_opaque(picture))
    layer = picture.convert("RGBA")
    alpha = layer.getchannel("A")
    flat = layer.convert("RGB")
    flat.info = dict(picture.info)
    seen = _to_srgb(flat)
    if alpha.getextrema() != (255, 255):
        seen.putalpha(alpha)
    return seen


def _decode(data: bytes) -> tuple[Image.Image, str]:
    if not data:
        raise PictureError("picture_empty", "The image has no bytes")
    try:
        with Image.open(BytesIO(data), formats=tuple(_MEDIA_TYPES)) as opened:
            media_type = _MEDIA_TYPES[opened.format or ""]
            if opened.width * opened.height > MOST_PIXELS:
                raise PictureError(
                    "picture_too_large",
                    f"The image is {opened.width}x{opened.height}, above {MOST_PIXELS // 10**6} megapixels",
                )
            opened.load()
            picture = ImageOps.exif_transpose(opened)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise PictureError(
            "picture_unreadable",
            f"The image cannot be decoded: {error}",
            "PNG, JPEG, WebP and AVIF are read; the bytes may have been cut short",
        ) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError("picture_too_large", str(error)) from error
    if min(picture.size) < SMALLEST_SIDE:
        raise PictureError(
            "picture_too_small",
            f"The image is {picture.width}x{picture.height}; a side has less than {SMALLEST_SIDE} pixels",
        )
    return picture, media_type


def _opaque(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I") or picture.mode == "F":  # 16-bit grey: Pillow would clip, not scale
        wide = np.asarray(picture, dtype=np.float64)
        top = 65_535.0 if wide.max(initial=0) > 255 else 255.0
        grey = Image.fromarray(np.clip(wide * (255.0 / top) + 0.5, 0, 255).astype(np.uint8))
        grey.info = dict(picture.info)
        return grey
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        flat = Image.new("RGBA", layer.size, (*_PAPER, 255))
        flat.alpha_composite(layer)
        opaque = flat.convert("RGB")
        opaque.info = dict(picture.info)
        return opaque
    return picture


def _to_srgb(picture: Image.Image) -> Image.Image:
    """Wide-gamut and CMYK pictures carry a profile; without obeying it their colours shift."""
    profile = picture.info.get("icc_profile")
    if profile and picture.mode in {"RGB", "CMYK", "L"}:
        try:
            converted = ImageCms.profileToProfile(
                picture,
                ImageCms.ImageCmsProfile(BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGB",
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            converted = None  # a broken profile is no reason to refuse a picture that decodes
        if converted is not None:
            return converted
    return picture.convert("RGB")
