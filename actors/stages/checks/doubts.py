"""What seems wrong with an answer and cannot be proved by numbers: asked for again, then taken.

A border, a picture copied from the one that went along, a sentence left out: an honest answer may look or
sound so, too. So a doubt costs another attempt and never an asset: where it comes again in the last attempt
that there would be, or a voice takes as long again, the answer is taken, and a remark says what was doubted.
"""

from collections.abc import Iterable, Sequence
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from actors.media.findings import Finding
from actors.media.reading import spoken
from actors.stages.checks.answers import speech_rate
from actors.work.stage import Order
from domain.failures import CAUSES, AttemptFailedError, Code, Failure, passes_by_itself
from domain.spoken import sentences

if TYPE_CHECKING:
    from PIL import Image

COPY: Final = 0.95
"""Two pictures of one place in one light have been seen to agree in 0.92 of their cells, copies in 0.98."""
FEWEST_OTHERS: Final = 2
"""So many other scenes make a pace by which something may be doubted; to refuse takes more."""
FILM_SHARE: Final = 0.78
FILM_SHARE_WITHOUT_PAUSES: Final = 0.88
READER_SHARE_WITHOUT_PAUSES: Final = 0.8
"""Of the expected time, by the film's other narrations or an unhurried reader: less is doubted. Pauses are
fewer than the ends of sentences where a voice hurries, or where a sentence is missing."""
LEAST_MISSING: Final = 0.5
"""Of the shortest sentence's time, that must be missing: a sentence is left out as a whole."""
AS_LONG: Final = 0.08
"""By so much of its time the same voice differs when it speaks the same text again."""


def settle(doubts: Iterable[Failure], order: Order) -> dict[str, Any]:
    """Raise AttemptFailedError with the first doubt; where nothing more is asked for, give them as facts."""
    before = order.failures
    counted = order.attempt - sum(map(passes_by_itself, before))  # those that were lost have no failure
    remarks: list[dict[str, Any]] = []
    for doubt in doubts:
        if counted < CAUSES[Code(doubt.code)].attempts and not _as_before(doubt, before):
            raise AttemptFailedError(doubt)
        message = f"{doubt.message}; asking again did not help"
        remarks.append(Finding(doubt.code, message, remark=True).to_dict())
    return {"remarks": remarks} if remarks else {}


def _as_before(doubt: Failure, before: Sequence[Failure]) -> bool:
    """Whether the same was spoken in the same time before: then it is the voice's pace, and no slip."""
    voiced = doubt.details.get("voiced_s")
    earlier = (each.details.get("voiced_s") for each in before if each.code == doubt.code)
    return voiced is not None and any(past and abs(voiced / past - 1) <= AS_LONG for past in earlier)


def picture_doubts(picture: "Image.Image", references: Sequence["Image.Image"]) -> list[Failure]:
    """A border, and a picture that went along and came back."""
    from actors.media.likeness import border, likeness  # noqa: PLC0415 - the Director has no use for it

    found = []
    if strips := border(picture):
        edges = ", ".join(f"{edge} {width} px" for edge, width in strips.items())
        message = f"The image has a border or bars of one colour ({edges})"
        found.append(Failure.of(Code.BORDERED_IMAGE, message, details={"border": strips}))
    for place, reference in enumerate(references, 1):
        alike = likeness(reference, picture)
        if alike >= COPY:
            message = f"The image repeats attached picture {place} ({alike:.0%} of it is the same)"
            found.append(Failure.of(Code.COPIED_REFERENCE, message, details={"likeness": round(alike, 3)}))
            break
    return found


def speech_doubts(voiced_s: float, pauses: int, text: str, film_rates: Sequence[float] = ()) -> list[Failure]:
    """A sentence that seems to be left out, by the time that the text takes and its pauses between sentences.

    ``film_rates``: see `check_speech`. One of many sentences, or one as short as a breath, is not missed.
    """
    count = sentences(text)
    if count == 1 or speech_rate(voiced_s, text) is None:
        return []
    usual = sum(spoken(text).in_its_language) / 2
    few = pauses < count - 1
    if len(film_rates) >= FEWEST_OTHERS:
        expected = usual / median(film_rates)
        least = FILM_SHARE_WITHOUT_PAUSES if few else FILM_SHARE
    elif few:
        expected, least = usual, READER_SHARE_WITHOUT_PAUSES
    else:
        return []
    missing = expected - voiced_s
    if voiced_s >= expected * least or missing < LEAST_MISSING * expected / count:
        return []
    message = (
        f"{voiced_s:.1f} s of speech with {pauses} pauses for {count} sentences, where about "
        f"{expected:.1f} s were expected: a sentence seems to be left out"
    )
    return [Failure.of(Code.SWALLOWED_SENTENCE, message, details={"voiced_s": round(voiced_s, 3)})]
