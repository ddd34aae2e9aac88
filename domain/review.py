"""Reviews: where a film waits for a person, and what may be made before that person lets it go on.

Pure functions of a film. Each review is of one stage, and they come one at a time. A stage that was taken
over whole from another job was looked at there, and is not asked about again.
"""

from typing import Literal, cast, get_args

from domain.asset import AssetKey
from domain.film import Film
from domain.script import Kind

Review = Literal["script", "storyboard", "narration", "images"]
REVIEWS: tuple[Review, ...] = cast("tuple[Review, ...]", get_args(Review))
"""In the order in which they are asked."""

_KINDS: dict[Review, Kind] = {
    "script": Kind.ANALYSIS,
    "storyboard": Kind.STORYBOARD,
    "narration": Kind.NARRATION,
    "images": Kind.IMAGE,
}


def pending_review(film: Film) -> Review | None:
    """The next review that the film is to wait for; None where there is none (any more)."""
    wanted = film.job.options.review or ()
    for review in REVIEWS:
        if review == "narration" and not film.job.options.has_narration:
            continue
        asked = review in wanted and review not in film.job.approved
        if asked and not any(map(film.is_spared, _shown(film, review))) and not _is_taken_over(film, review):
            return review
    return None


def before_approval(film: Film, review: Review) -> set[AssetKey]:
    """All that is made before this review is approved: what it shows, and what that is made from."""
    if film.scenes is None:
        return {*film.graph.nodes}
    wanted = film.job.options.review or ()
    found: set[AssetKey] = set()
    left = [
        key
        for earlier in REVIEWS[: REVIEWS.index(review) + 1]
        if earlier in wanted
        for key in _shown(film, earlier)
    ]
    while left:
        key = left.pop()
        if key not in found:
            found.add(key)
            left += film.inputs(key)
    return found


def _shown(film: Film, review: Review) -> list[AssetKey]:
    kind = _KINDS[review]
    if review == "script" and film.job.script_origin == "translation":
        kind = Kind.SCRIPT  # the analysis has been seen; new are the words
    return [key for key in film.expected if key.kind is kind]


def _is_taken_over(film: Film, review: Review) -> bool:
    shown = _shown(film, review)
    products = [film.assets[key].product for key in shown if film.is_current(key)]
    return (
        bool(shown)
        and len(products) == len(shown)
        and all(product is not None and product.reused for product in products)
    )
