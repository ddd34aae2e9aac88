"""Which assets of a film are there when its author submits it, and what that says of its scenes."""

from collections.abc import Sequence

from domain.asset import AssetKey
from domain.beats import SECONDS_A_PICTURE
from domain.film_graph import Scene
from domain.given_scenes import GivenScene
from domain.script import Kind
from domain.spoken import reading_s


def film_scenes(given: Sequence[GivenScene]) -> tuple[Scene, ...]:
    """The scenes as they will be, as far as is known before the analysis."""
    return tuple(Scene(number, _pictures(scene), motion=scene.moves) for number, scene in enumerate(given, 1))


def _pictures(scene: GivenScene) -> int:
    return 1 if scene.has_one_picture else max(1, round(reading_s(scene.text) / SECONDS_A_PICTURE))


def given_keys(given: Sequence[GivenScene]) -> frozenset[AssetKey]:
    """What nobody has to make. A clip gives its scene's picture as well."""
    found = set()
    for number, scene in enumerate(given, 1):
        if scene.image is not None or scene.shot is not None:
            found.add(AssetKey(Kind.IMAGE, number))
        if scene.shot is not None:
            found.add(AssetKey(Kind.SHOT, number))
        if scene.narration is not None:
            found.add(AssetKey(Kind.NARRATION, number))
    return frozenset(found)
