"""A logo in the corner of a film: small, in its own colours, clear of captions and of what players lay over.

It stands in the upper right corner, as broadcasters have it: captions are below, and titles of players on the
left.
"""

from typing import Final

from PIL import Image

from actors.media.errors import PictureError
from actors.media.formats import Format
from actors.media.overlay import Overlay, overlay
from actors.media.pictures import open_rgba

_HIGH: Final = 0.11
_WIDE: Final = 0.26
"""The most that it takes of the frame's short side, and of its width."""
_MARGIN: Final = 0.05
"""Of the short side: inside the area that every screen shows."""


def logo(picture: bytes, fmt: Format) -> Overlay:
    """The picture as it is laid over every frame of this format.

    Raises:
        PictureError: it cannot be decoded, or nothing of it is to be seen (``logo_invisible``).

    """
    image = open_rgba(picture)
    seen = image.getchannel("A").getbbox()
    if seen is None:
        raise PictureError(
            "logo_invisible", "The logo is transparent from edge to edge", "Send one that can be seen"
        )
    image = image.crop(seen)  # a transparent border is no part of it
    short = min(fmt.width, fmt.height)
    scale = min(short * _HIGH / image.height, fmt.width * _WIDE / image.width)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    image = image.resize(size, Image.Resampling.LANCZOS)
    drawing = Image.new("RGBA", (fmt.width, fmt.height))
    margin = round(short * _MARGIN)
    drawing.paste(image, (fmt.width - margin - image.width, margin))
    laid = overlay(drawing)
    assert laid is not None
    return laid
