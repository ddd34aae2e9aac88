"""A film worked out anew from all of its events: slow, obvious, and sharing nothing with ``domain/film.py``.

What the real one keeps up to date as events come must at every moment be what this one finds.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domain.asset import Asset, AssetKey
from domain.job import Job
from domain.script import Kind, Stage
from domain.submission import Options

Assets = Mapping[AssetKey, Asset]
ANALYSIS = AssetKey(Kind.ANALYSIS)
NO_BEATS: Mapping[int, int] = {}


def images(number: int, beats: Mapping[int, int]) -> list[AssetKey]:
    """The pictures of a scene; ``beats`` tells how many those have that have several."""
    return [AssetKey(Kind.IMAGE, number, beat) for beat in range(1, beats.get(number, 1) + 1)]


def expected_of(
    options: Options, scenes: int | None, beats: Mapping[int, int] = NO_BEATS, graph: int = 2
) -> list[AssetKey]:
    """Every asset that a film of so many scenes needs, each after its inputs, by this graph."""
    keys = [ANALYSIS]
    if scenes is None:
        return keys
    numbers = range(1, scenes + 1)
    keys.append(AssetKey(Kind.STORYBOARD))
    keys += [image for n in numbers for image in images(n, beats)]
    if options.has_sound:
        keys.append(AssetKey(Kind.AUDIO_PLAN))
    if options.has_narration:
        keys += [AssetKey(Kind.NARRATION, n) for n in numbers]
    if options.has_music:
        keys.append(AssetKey(Kind.MUSIC))
    keys += [AssetKey(Kind.CLIP, n) for n in numbers]
    keys += [AssetKey(Kind.TRANSITION, n) for n in range(1, scenes)]
    if options.has_sound and graph == 2:
        keys.append(AssetKey(Kind.SOUNDTRACK))
    keys += [AssetKey(kind) for kind in (Kind.CAPTIONS, Kind.POSTER, Kind.VIDEO, Kind.MANIFEST)]
    return keys


def inputs_of(
    key: AssetKey,
    options: Options,
    scenes: int,
    seen: Mapping[int, tuple[int, ...]] | None = None,
    beats: Mapping[int, int] = NO_BEATS,
    graph: int = 2,
) -> list[AssetKey]:
    """What it is made from; ``seen`` tells of a scene whose pictures go along when it is drawn."""
    plan = [AssetKey(Kind.AUDIO_PLAN)] if options.has_sound else []
    numbers = range(1, scenes + 1)

    def narration(*scene_numbers: int) -> list[AssetKey]:
        return [AssetKey(Kind.NARRATION, n) for n in scene_numbers] if options.has_narration else []

    n = key.scene or 0
    music = [AssetKey(Kind.MUSIC)] if options.has_music else []
    soundtrack = [AssetKey(Kind.SOUNDTRACK)] if options.has_sound else []
    sound_in_film = [*narration(*numbers), *music] if graph == 1 else soundtrack
    references = [AssetKey(Kind.IMAGE, m) for m in (seen or {}).get(n, ())]
    inputs: dict[Kind, list[AssetKey]] = {
        Kind.ANALYSIS: [],
        Kind.STORYBOARD: [ANALYSIS],
        Kind.IMAGE: [AssetKey(Kind.STORYBOARD), *references],
        Kind.AUDIO_PLAN: [ANALYSIS],
        Kind.NARRATION: [ANALYSIS, *plan],
        Kind.MUSIC: [ANALYSIS, *plan, *narration(*numbers)],
        Kind.CLIP: [ANALYSIS, *plan, *images(n, beats), *narration(n)],
        Kind.TRANSITION: [
            ANALYSIS,
            *plan,
            images(n, beats)[-1],
            AssetKey(Kind.IMAGE, n + 1),
            *narration(n, n + 1),
        ],
        Kind.CAPTIONS: [ANALYSIS, *plan, *narration(*numbers)],
        Kind.POSTER: [ANALYSIS, AssetKey(Kind.IMAGE, 1)],
        Kind.SOUNDTRACK: [ANALYSIS, *plan, *narration(*numbers), *music],
        Kind.VIDEO: [
            ANALYSIS,
            *(plan if graph == 1 else []),
            *(AssetKey(Kind.CLIP, s) for s in numbers),
            *(AssetKey(Kind.TRANSITION, s) for s in range(1, scenes)),
            *sound_in_film,
            AssetKey(Kind.CAPTIONS),
        ],
        Kind.MANIFEST: [AssetKey(Kind.VIDEO), AssetKey(Kind.CAPTIONS), AssetKey(Kind.POSTER)],
    }
    return inputs[key.kind]


def found(events: list[Any]) -> dict[str, Any]:
    """All that a film is asked about, by name."""
    job: Any = None
    aggregates: dict[UUID, Asset] = {}
    for event in events:
        if isinstance(event, Job.Event):
            job = event.mutate(job)
        else:
            aggregates[event.originator_id] = event.mutate(aggregates.get(event.originator_id))
    assets = {asset.key: asset for asset in aggregates.values()}
    analysis = assets[ANALYSIS].product if ANALYSIS in assets else None
    scenes = None if analysis is None else analysis.facts["scenes"]
    count = None if scenes is None else len(scenes)
    seen = {n: tuple(scene.get("references", ())) for n, scene in enumerate(scenes or (), 1)}
    beats = {n: len(scene.get("beats", "1")) for n, scene in enumerate(scenes or (), 1)}
    expected = expected_of(job.options, count, beats, job.graph)
    inputs = {key: inputs_of(key, job.options, count or 0, seen, beats, job.graph) for key in expected}
    digests = {key: asset.product.digest for key, asset in assets.items() if asset.product}
    current: set[AssetKey] = set()
    for key in expected:
        asset = assets.get(key)
        latest = {needed.name: digests.get(needed) for needed in inputs[key]}
        if key.kind is Kind.STORYBOARD and asset is None:
            drawn = [assets.get(other) for other in expected if key in inputs[other]]
            if drawn and all(one is not None and one.is_provided for one in drawn):
                current.add(key)  # nobody needs it
        if asset is None or asset.product is None:
            continue
        made_from_latest = asset.inputs == latest and current.issuperset(inputs[key])
        if asset.product.provided or made_from_latest:
            current.add(key)
    every = assets.values()
    return {
        "status": job.status,
        "expected": expected,
        "inputs": inputs,
        "current": current,
        "ready": {k for k in expected if k not in current and current.issuperset(inputs[k])},
        "open": {k for k, a in assets.items() if any(x.status == "open" for x in a.attempts)},
        "unstarted": {k for k, a in assets.items() if a.status in ("requested", "waiting")},
        "waiting": {k for k, a in assets.items() if a.status == "waiting"},
        "failed": {k for k, a in assets.items() if a.status == "failed" and a.failed_in_run == job.run},
        "complete": count is not None and current.issuperset(expected),
        "done": {s: sum(a.product is not None for a in every if a.key.stage is s) for s in Stage},
        "requests": {s: sum(a.requests for a in every if a.key.stage is s) for s in Stage},
        "money": [
            round(sum(getattr(a, name) for a in every), 9)
            for name in ("spent_usd", "unknown_usd", "reserved_usd")
        ],
    }
