"""What a client would rather have: the Accept header, weighed as RFC 9110 (12.5.1) says."""

from collections.abc import Sequence

from starlette.datastructures import Headers


def preferred(headers: Headers, offers: Sequence[str]) -> str:
    """The media type of ``offers`` that is wanted most; the first where the client does not mind.

    Of two that are wanted alike, the one that is named goes before one that a range covers, then the one that
    is named earlier. Where none is taken, the first is sent all the same.
    """
    ranges = _ranges(",".join(headers.getlist("accept")))
    return max(offers, key=lambda offer: (*_rank(offer, ranges), -offers.index(offer)))


def wants_html(headers: Headers) -> bool:
    """Whether it is a person's browser that asks."""
    return preferred(headers, ("application/json", "application/problem+json", "text/html")) == "text/html"


def _ranges(accept: str) -> list[tuple[str, float]]:
    """Each media range with its weight; one whose weight cannot be read is taken at full weight."""
    found = []
    for part in accept.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        if name:
            given = {key.strip(): value.strip() for key, _, value in (p.partition("=") for p in parameters)}
            found.append((name, _weight(given.get("q", "1"))))
    return found


def _weight(text: str) -> float:
    digits = text.replace(".", "", 1)
    return min(1.0, float(text)) if digits.isascii() and digits.isdecimal() else 1.0


def _rank(offer: str, ranges: list[tuple[str, float]]) -> tuple[float, int, int]:
    """Weight, how exactly it is named, and how early."""
    family = f"{offer.partition('/')[0]}/*"
    for exactness, name in ((2, offer), (1, family), (0, "*/*")):
        for place, (said, weight) in enumerate(ranges):
            if said == name:
                return (weight, exactness, -place) if weight else (0.0, 0, 0)
    return (0.0, 0, 0)
