"""What real image models draw although nobody asked: lettering, borders, a reference copied as it is."""

import base64
import io

from PIL import Image, ImageDraw, ImageOps

from actors.emulator.pictures.draw import with_badge
from actors.emulator.pictures.word_poster import font


def spoil_picture(image: Image.Image, fault: str, references: list[str]) -> Image.Image:
    """The picture with the named fault; ``references`` are the pictures sent along, as base64."""
    if fault == "lettering":
        return _with_lettering(image)
    if fault == "border":
        return _with_border(image)
    if fault == "copied_reference" and references:
        with Image.open(io.BytesIO(base64.b64decode(references[0]))) as reference:
            return with_badge(ImageOps.fit(reference.convert("RGB"), image.size))
    return image


def _with_lettering(image: Image.Image) -> Image.Image:
    image = image.copy()
    width, height = image.size
    face = font(max(12, height // 9))
    ImageDraw.Draw(image).text((width / 2, height * 0.82), "THE END?", font=face, fill="white", anchor="mm")
    return image


def _with_border(image: Image.Image) -> Image.Image:
    edge = max(2, min(image.size) // 24)
    return ImageOps.expand(ImageOps.crop(image, edge), edge, "white")
