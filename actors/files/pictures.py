"""A picture as it is kept: drawn anew from its pixels, upright, in sRGB, and nothing else of the file.

So no metadata can come along, nor whatever hid behind the picture's end.
"""

import warnings
from pathlib import Path
from typing import Final

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from actors.files.formats import FileFormat
from actors.files.opened import Opened, Place
from actors.files.refusals import unfit
from actors.media.interest import find_focus
from actors.media.pictures import MOST_PIXELS, SMALLEST_SIDE, open_rgb, to_srgb
from domain.file import LEAST_KEPT

QUALITY: Final = 95
MOST_ENLARGED: Final = 2.0
USEFUL: Final = 2
"""A film's camera sees no more of a picture than twice its own size shows."""
ALIKE: Final = 0.01
"""Shapes that differ by less are the same."""
_MOST: Final = f"at most {MOST_PIXELS // 10**6} megapixels are taken"


def clean(source: Path, target: Path, fmt: FileFormat) -> Opened:
    """Write the picture in ``source`` to ``target`` as PNG, or as JPEG where it was no PNG and is opaque."""
    notes: list[str] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # counted here
            picture = _decoded(source, fmt, notes)
    except Image.DecompressionBombError as error:
        raise unfit(f"The picture is too large: {_MOST}") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise unfit(f"The {fmt.name} picture is broken or cut short: {error}") from error
    picture = to_srgb(picture, opaque=False)
    has_alpha = picture.mode == "RGBA"
    if has_alpha and picture.getchannel("A").getbbox() is None:
        raise unfit("The picture is transparent from edge to edge: there is nothing to be seen")
    kept = Image.frombytes(picture.mode, picture.size, picture.tobytes())
    if fmt.reader == "PNG" or has_alpha:
        kept.save(target, "PNG")
        media_type = "image/png"
    else:
        kept.save(target, "JPEG", quality=QUALITY, subsampling=0)
        media_type = "image/jpeg"
    return Opened(
        "image", media_type, {"width": kept.width, "height": kept.height, "alpha": has_alpha}, notes
    )


def _save(picture: Image.Image, target: Path, *, as_png: bool) -> str:
    """Write its pixels alone: Pillow would take comments, profiles and resolutions along."""
    picture.info = {}
    if as_png:
        picture.save(target, "PNG")
        return "image/png"
    picture.save(target, "JPEG", quality=QUALITY, subsampling=0)
    return "image/jpeg"


def _decoded(source: Path, fmt: FileFormat, notes: list[str]) -> Image.Image:
    with Image.open(source, formats=(fmt.reader,)) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise unfit(f"The picture has {opened.width}x{opened.height} pixels; {_MOST}")
        if min(opened.size) < SMALLEST_SIDE:
            raise unfit(
                f"The picture has {opened.width}x{opened.height} pixels; each side needs {SMALLEST_SIDE}"
            )
        # Phones write several pictures into a JPEG, the first of which is the one that is meant.
        if getattr(opened, "n_frames", 1) > 1 and opened.format != "MPO":
            raise unfit("The picture is animated; send a still, or a clip as MP4")
        opened.load()
        exif = opened.getexif()
        if exif:
            where = " with the place where it was taken" if exif.get_ifd(ExifTags.IFD.GPSInfo) else ""
            notes.append(f"EXIF metadata{where} was left out")
        upright = ImageOps.exif_transpose(opened)
        if exif.get(ExifTags.Base.Orientation, 1) != 1:
            notes.append("turned upright")
        return upright


def fit(source: Path, target: Path, place: Place) -> Opened:
    """Crop the picture around its subject to the film's shape; not larger than a film can show.

    FileRefusedError where too little of it would be left, or it would have to be enlarged too much.
    """
    data = source.read_bytes()
    picture = open_rgb(data)
    box = crop_box(picture.size, place.width / place.height, find_focus(data))
    width, height = box[2] - box[0], box[3] - box[1]
    kept = width * height / (picture.width * picture.height)
    film = f"{place.width}x{place.height}"
    if kept < LEAST_KEPT:
        raise unfit(
            f"Of the picture ({picture.width}x{picture.height}) only {kept:.0%} would be left in a film of "
            f"{film}; at least {LEAST_KEPT:.0%} must be. Crop it yourself, or take one of another shape"
        )
    enlarged = place.width / width
    if enlarged > MOST_ENLARGED:
        raise unfit(
            f"The picture has {width}x{height} pixels for a film of {film}: it would be enlarged "
            f"{enlarged:.1f} times, and at most {MOST_ENLARGED:g} times looks well. Take a larger one"
        )
    notes = []
    if kept < 1 - ALIKE:
        notes.append(f"cropped around its subject: {kept:.0%} is kept")
    fitted = picture.crop(box)
    if fitted.width > USEFUL * place.width:
        fitted = fitted.resize((USEFUL * place.width, USEFUL * place.height), Image.Resampling.LANCZOS)
        notes.append(f"made smaller, to {fitted.width}x{fitted.height}")
    media_type = _save(fitted, target, as_png=data.startswith(b"\x89PNG"))
    facts = {"width": fitted.width, "height": fitted.height, "kept": round(kept, 3)}
    return Opened("image", media_type, facts, notes)


def crop_box(size: tuple[int, int], ratio: float, focus: tuple[float, float]) -> tuple[int, int, int, int]:
    """The largest part of this shape whose middle is as near to the focus as the edges allow."""
    width, height = size
    if width / height > ratio:
        part = max(1, min(width, round(height * ratio)))
        left = min(max(0, round(focus[0] * width - part / 2)), width - part)
        return left, 0, left + part, height
    part = max(1, min(height, round(width / ratio)))
    top = min(max(0, round(focus[1] * height - part / 2)), height - part)
    return 0, top, width, top + part
