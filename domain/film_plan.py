"""What a film consists of, and what each part is made from: the graph that the workflow walks.

Pure functions of the job's options and of what the analysis found. A change here changes what every job
needs, also those under way: missing parts are asked for, and parts made from other inputs are made anew.
"""

from collections.abc import Mapping

from domain.asset import Asset, AssetKey
from domain.script import Kind
from domain.submission import Options

Assets = Mapping[AssetKey, Asset]
References = Mapping[int, tuple[int, ...]]


def scene_count(assets: Assets) -> int | None:
    """How many scenes the analysis found; None while it is unmade."""
    analysis = assets.get(AssetKey(Kind.ANALYSIS))
    if analysis is None or analysis.product is None:
        return None
    return len(analysis.product.facts["scenes"])


def most_scenes(assets: Assets) -> int | None:
    """The most scenes that any revision of the analysis found: as far as assets of this job may exist."""
    analysis = assets.get(AssetKey(Kind.ANALYSIS))
    if analysis is None or not analysis.products:
        return None
    return max(len(product.facts["scenes"]) for product in analysis.products.values())


def expected_assets(options: Options, scenes: int | None) -> list[AssetKey]:
    """Every asset a film needs, each after its inputs; the analysis alone while the scenes are unknown."""
    keys = [AssetKey(Kind.ANALYSIS)]
    if scenes is None:
        return keys
    numbers = range(1, scenes + 1)
    keys.append(AssetKey(Kind.STORYBOARD))
    keys += [AssetKey(Kind.IMAGE, n) for n in numbers]
    if options.has_sound:
        keys.append(AssetKey(Kind.AUDIO_PLAN))
    if options.has_narration:
        keys += [AssetKey(Kind.NARRATION, n) for n in numbers]
    if options.has_music:
        keys.append(AssetKey(Kind.MUSIC))
    keys += [AssetKey(Kind.CLIP, n) for n in numbers]
    keys += [AssetKey(Kind.TRANSITION, n) for n in range(1, scenes)]
    keys += [AssetKey(kind) for kind in (Kind.CAPTIONS, Kind.POSTER, Kind.VIDEO, Kind.MANIFEST)]
    return keys


def references(assets: Assets) -> References:
    """Which earlier scenes' pictures go along when a scene is drawn: where its characters were first seen."""
    analysis = assets.get(AssetKey(Kind.ANALYSIS))
    if analysis is None or analysis.product is None:
        return {}
    return {
        number: tuple(scene.get("references", ()))
        for number, scene in enumerate(analysis.product.facts["scenes"], 1)
    }


def inputs_of(key: AssetKey, options: Options, scenes: int, seen: References) -> list[AssetKey]:
    """The assets that ``key`` is made from, in a fixed order; ``seen`` are the film's `references`."""
    analysis = AssetKey(Kind.ANALYSIS)
    plan = [AssetKey(Kind.AUDIO_PLAN)] if options.has_sound else []
    numbers = range(1, scenes + 1)

    def narration(*scene_numbers: int) -> list[AssetKey]:
        return [AssetKey(Kind.NARRATION, n) for n in scene_numbers] if options.has_narration else []

    n = key.scene or 0
    inputs: dict[Kind, list[AssetKey]] = {
        Kind.ANALYSIS: [],
        Kind.STORYBOARD: [analysis],
        Kind.IMAGE: [AssetKey(Kind.STORYBOARD), *(AssetKey(Kind.IMAGE, m) for m in seen.get(n, ()))],
        Kind.AUDIO_PLAN: [analysis],
        Kind.NARRATION: [analysis, *plan],
        Kind.MUSIC: [analysis, *plan, *narration(*numbers)],
        Kind.CLIP: [analysis, *plan, AssetKey(Kind.IMAGE, n), *narration(n)],
        Kind.TRANSITION: [
            analysis,
            *plan,
            AssetKey(Kind.IMAGE, n),
            AssetKey(Kind.IMAGE, n + 1),
            *narration(n, n + 1),
        ],
        Kind.CAPTIONS: [analysis, *plan, *narration(*numbers)],
        Kind.POSTER: [analysis, AssetKey(Kind.IMAGE, 1)],
        Kind.VIDEO: [
            analysis,
            *plan,
            *(AssetKey(Kind.CLIP, s) for s in numbers),
            *(AssetKey(Kind.TRANSITION, s) for s in range(1, scenes)),
            *narration(*numbers),
            *([AssetKey(Kind.MUSIC)] if options.has_music else []),
            AssetKey(Kind.CAPTIONS),
        ],
        Kind.MANIFEST: [AssetKey(Kind.VIDEO), AssetKey(Kind.CAPTIONS), AssetKey(Kind.POSTER)],
    }
    return inputs[key.kind]
