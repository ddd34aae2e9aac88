"""Captions from text and speech, and their drawing: readable on any picture, in the script's own manner.

Plain ones are white letters on a soft dark glow of their own shape: a box hides the picture, and a thin
outline alone fails on busy ground. Who wants a box has a card, and who wants to be read on a small screen
without sound has large bold letters with a thick edge, whose spoken word has the accent colour. libass was
rejected: the encoder's wheel has none.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw

from actors.media import fonts
from actors.media.beats import scene_words
from actors.media.cues import Cue, CueWord, scene_cues
from actors.media.errors import CaptionError
from actors.media.formats import Format
from actors.media.lettering import WEIGHT, draw_line, measure, word_places
from actors.media.overlay import DrawnCue, overlay
from actors.media.speaker_names import Line, named
from actors.media.speech import Speech
from actors.media.timeline import SceneShape
from domain.characters import cleaned
from domain.submission import CaptionStyle

_EDGE_GLOW: Final = 0.85
_WIDE_GLOW: Final = 0.68
"""Opacity of the two glows where they are deepest."""
_ACCENT: Final = (255, 205, 64)
"""Of the word that is being spoken: a warm yellow, as bright as white to the eye that reads."""
_NAME: Final = (128, 214, 255)
"""Of a speaker's name: not to be taken for a word that is spoken."""


_CARD: Final = 0.8
"""Opacity of the card: letters on it have more than seven times its light, on a white picture too."""
_SOCIAL_SIZE: Final = 1.3
_SOCIAL_WEIGHT: Final = 800


@dataclass(frozen=True, slots=True)
class Style:
    """Where captions stand in a format, and how they look: sizes in pixels."""

    name: CaptionStyle
    size: int
    width: float
    """The widest line."""
    bottom: int
    """From the lower edge of the frame to the lower edge of the text."""
    weight: int = WEIGHT

    @property
    def line_height(self) -> int:
        return round(self.size * 1.28)


def style(fmt: Format, name: CaptionStyle = "plain") -> Style:
    """Broadcast's safe area on wide frames; on tall ones clear of what players lay over the lower fifth."""
    if fmt.width > fmt.height:
        found = Style(name, round(fmt.height * 0.053), fmt.width * 0.70, round(fmt.height * 0.075))
    elif fmt.width < fmt.height:
        found = Style(name, round(fmt.width * 0.064), fmt.width * 0.82, round(fmt.height * 0.20))
    else:
        found = Style(name, round(fmt.height * 0.052), fmt.width * 0.82, round(fmt.height * 0.09))
    if name == "social":
        return replace(found, size=round(found.size * _SOCIAL_SIZE), weight=_SOCIAL_WEIGHT)
    return found


def caption_scene(
    text: str,
    shape: SceneShape,
    fmt: Format,
    *,
    speech: Speech | None = None,
    beats: Sequence[str] = (),
    language: str = "",
    burned: bool = True,
    look: CaptionStyle = "plain",
    lines: Sequence[Line] = (),
) -> list[Cue]:
    """The captions of one scene on its own clock (add ``Timeline.start_s(scene)`` for the film's).

    With ``burned=False`` they are for files only, and no font needs to have their characters.
    Words are timed by the pauses in ``speech``; without it they are spread over the scene's reading time.
    With the words of its ``beats`` given, none stands across two pictures. With its ``lines``, none stands
    across two speakers, and each speaker is named.

    Raises:
        CaptionError: ``glyphs_missing`` naming the characters that no installed font can draw.

    """
    text = cleaned(text)  # what a model answers is not known to be clean
    names = " ".join(speaker for speaker, _ in lines if speaker)
    missing = fonts.missing_letters(f"{text} {names}", language) if burned else []
    if missing:
        shown = ", ".join(f"{character} (U+{ord(character):04X})" for character in missing[:12])
        raise CaptionError(
            "glyphs_missing",
            f"{len(missing)} letters of the text cannot be drawn: {shown}",
            "Remove these letters or ask for sidecar captions only",
        )
    timed = scene_words(text, beats, shape, speech)
    if any(speaker is not None for speaker, _ in lines):
        timed = list(named(timed, lines))
    where = style(fmt, look)
    return scene_cues(
        timed, shape, lambda line: measure(line, where.size, language, where.weight), where.width
    )


def draw_cues(
    cues: Sequence[Cue],
    fmt: Format,
    *,
    language: str = "",
    highlight: bool = False,
    look: CaptionStyle = "plain",
) -> list[DrawnCue]:
    """Each caption drawn once, for ``render_clip``; the cues are on the scene's clock.

    With ``highlight`` it is drawn once more for each word, which then has the accent colour while spoken; so
    are all that are ``social``.
    """
    highlight = highlight or look == "social"
    drawn: list[DrawnCue] = []
    for cue in cues:
        plain = _Drawing(cue.lines, fmt, language, look, cue.name)
        shown = cue.frames(fmt.fps)
        for word in cue.words if highlight else ():
            spoken = word.frames(fmt.fps)
            spoken = range(max(spoken.start, shown.start), min(spoken.stop, shown.stop))
            if spoken:
                drawn += _shown(plain.image(), range(shown.start, spoken.start))
                drawn += _shown(plain.image(word), spoken)
                shown = range(spoken.stop, shown.stop)
        drawn += _shown(plain.image(), shown)
    return drawn


def _shown(drawing: Image.Image, frames: range) -> list[DrawnCue]:
    layer = overlay(drawing) if frames else None
    return [DrawnCue(frames, layer)] if layer else []


def draw(
    lines: Sequence[str], fmt: Format, *, language: str = "", look: CaptionStyle = "plain"
) -> Image.Image:
    """The lines as a transparent drawing of the frame's size (RGBA)."""
    return _Drawing(lines, fmt, language, look).image()


class _Drawing:
    """A caption's ink and opacity, made once, to be coloured as its words are spoken."""

    def __init__(
        self, lines: Sequence[str], fmt: Format, language: str, look: CaptionStyle, name: int = 0
    ) -> None:
        self._name = CueWord(0, 0, 0, 0, name) if name else None
        self._lines, self._fmt, self._language = lines, fmt, language
        self._style = style(fmt, look)
        # Of the caption, not of each line: one that begins with a foreign name is still read as its text is.
        self._base = fonts.direction(" ".join(lines), language)
        self._ink = Image.new("L", (fmt.width, fmt.height), 0)
        pen = ImageDraw.Draw(self._ink)
        for number, line in enumerate(lines):
            at, baseline = self._left(line), self._baseline(number)
            draw_line(
                pen, line, at, baseline, self._style.size, language, self._style.weight, base=self._base
            )
        self._opacity = _GROUNDS[look](self._ink, self._style.size)

    def image(self, accented: CueWord | None = None) -> Image.Image:
        # Where there is no ink the colour is black, so that the half-size colour planes hold no fringe.
        drawing = Image.merge("RGB", (self._ink, self._ink, self._ink))
        for word, colour in ((self._name, _NAME), (accented, _ACCENT)):
            for box in self._boxes(word) if word is not None else ():
                ink = self._ink.crop(box)
                tinted = (ink.point([round(level * share / 255) for level in range(256)]) for share in colour)
                drawing.paste(Image.merge("RGB", tuple(tinted)), box)
        drawing.putalpha(self._opacity)
        return drawing

    def _boxes(self, word: CueWord) -> Iterator[tuple[int, int, int, int]]:
        """Where a word's ink is: shaped with its whole line, so it is cut out of it and not drawn apart."""
        line = self._lines[word.line]
        baseline, size = self._baseline(word.line), self._style.size
        places = word_places(
            line, word.begin, word.end, size, self._language, self._style.weight, base=self._base
        )
        for left, right in places:
            edges = (
                self._left(line) + left - 1,
                baseline - size,
                self._left(line) + right + 1,
                baseline + size * 0.28,
            )
            x0, y0, x1, y1 = (round(edge) for edge in edges)
            yield max(0, x0), max(0, y0), min(self._ink.width, x1), min(self._ink.height, y1)

    def _left(self, line: str) -> float:
        return (self._fmt.width - measure(line, self._style.size, self._language, self._style.weight)) / 2

    def _baseline(self, number: int) -> float:
        above = len(self._lines) - 1 - number
        lowest = self._fmt.height - self._style.bottom - round(self._style.size * 0.27)
        return lowest - above * self._style.line_height


def _glow(ink: Image.Image, size: int) -> Image.Image:
    """The letters, a tight dark edge that separates them from anything, and a wide one that calms."""

    def under(letters: NDArray[np.uint8]) -> NDArray[np.float32]:
        edge = _spread(letters, size * 0.05, size * 0.035) * _EDGE_GLOW
        wide = _spread(letters, size * 0.13, size * 0.28) * _WIDE_GLOW
        return np.asarray(np.maximum(edge, wide), np.float32)

    return _over(ink, round(size * 1.1), under)


def _edge(ink: Image.Image, size: int) -> Image.Image:
    """The letters in a thick black edge that is as sharp as they are."""
    return _over(ink, round(size * 0.5), lambda letters: _spread(letters, size * 0.1, size * 0.012))


def _card(ink: Image.Image, size: int) -> Image.Image:
    """The letters on one dark card with round corners, however many lines there are."""
    box = ink.getbbox()
    if box is None:
        return ink
    across, along = size * 0.6, size * 0.36
    card = Image.new("L", ink.size, 0)
    edges = (box[0] - across, box[1] - along, box[2] + across, box[3] + along)
    ImageDraw.Draw(card).rounded_rectangle(edges, radius=size * 0.32, fill=round(255 * _CARD))
    return ImageChops.lighter(card, ink)


def _over(
    ink: Image.Image, reach: int, under: Callable[[NDArray[np.uint8]], NDArray[np.float32]]
) -> Image.Image:
    """The letters over what is made of them, which ends within ``reach``: only that part is worked on."""
    box = ink.getbbox()
    if box is None:
        return ink
    left, top = max(0, box[0] - reach), max(0, box[1] - reach)
    right, bottom = min(ink.width, box[2] + reach), min(ink.height, box[3] + reach)
    letters = np.asarray(ink.crop((left, top, right, bottom)))
    opacity = Image.new("L", ink.size, 0)
    opacity.paste(Image.fromarray(np.maximum(letters, under(letters)).astype(np.uint8)), (left, top))
    return opacity


_GROUNDS: Final[dict[CaptionStyle, Callable[[Image.Image, int], Image.Image]]] = {
    "plain": _glow,
    "card": _card,
    "social": _edge,
}


def _spread(letters: NDArray[np.uint8], grow: float, blur: float) -> NDArray[np.float32]:
    side = max(1, round(grow)) * 2 + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return np.asarray(cv2.GaussianBlur(cv2.dilate(letters, disc), (0, 0), blur), np.float32)
