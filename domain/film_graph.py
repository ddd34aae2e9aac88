"""What a film consists of, and what each part is made from: the graph that everything else walks.

A graph is compiled once for the shape of a film (what its options leave out) and its scenes, and shared by
all who ask for the same one. The scenes are data: which play, in what order, with how many pictures each. A
change here changes what every job needs, also those under way: missing parts are asked for, and parts made
from other inputs are made anew. Where that is not to be so the graph has versions: a job keeps to the one
that was the latest when its run began, so that what an older version decided stays decided. The next run of
an old job is made as today's are.

Longer than other modules: the edges and what is asked of them are read together.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, repeat
from typing import Literal

from domain import document_parts as part
from domain.analysis_facts import AnalysisFacts, SceneFacts, analysis_facts, numbered_scenes
from domain.asset import Asset, AssetKey
from domain.inputs import Input
from domain.script import Kind, Stage
from domain.submission import Options
from domain.topic import ScriptOrigin
from domain.translation import is_translation, translated_facts

SCRIPT = AssetKey(Kind.SCRIPT)
ANALYSIS = AssetKey(Kind.ANALYSIS)
STORYBOARD = AssetKey(Kind.STORYBOARD)
AUDIO_PLAN = AssetKey(Kind.AUDIO_PLAN)
MUSIC = AssetKey(Kind.MUSIC)
SOUNDTRACK = AssetKey(Kind.SOUNDTRACK)
CAPTIONS = AssetKey(Kind.CAPTIONS)
VIDEO = AssetKey(Kind.VIDEO)
POSTER = AssetKey(Kind.POSTER)
MANIFEST = AssetKey(Kind.MANIFEST)

DRAWN = frozenset({Kind.IMAGE, Kind.SHOT})
"""What is made from the storyboard."""

Assets = Mapping[AssetKey, Asset]
Motion = Literal["camera", "generated"]

Music = Literal["score", "song"]
"""Synthesised from the plan to the film's length; or a model's, which has its own."""

SOUND_IN_FILM, SOUNDTRACK_APART = 1, 2
"""Versions of the graph: the film mixes its sound itself; the soundtrack is an asset of its own."""
LATEST_GRAPH = SOUNDTRACK_APART


@dataclass(frozen=True)
class Scene:
    """One scene: its number for life, and how many pictures it has."""

    number: int
    beats: int = 1
    references: tuple[tuple[AssetKey, ...], ...] = ()
    """Of each beat, the pictures that go along when it is drawn: those that show its characters already."""
    motion: Motion | None = None
    """How it moves; None is as the film's options say."""
    own_visual: bool = False
    """Whether its pictures are drawn from what the analysis says of them, too: a person edited that."""

    @property
    def images(self) -> list[AssetKey]:
        return [AssetKey(Kind.IMAGE, self.number, beat) for beat in range(1, self.beats + 1)]

    @property
    def shots(self) -> list[AssetKey]:
        """One of each picture, where the scene has any."""
        return [AssetKey(Kind.SHOT, self.number, beat) for beat in range(1, self.beats + 1)]

    def is_shot(self, motion: Motion) -> bool:
        """Whether its pictures become shots, in a film with this ``motion``."""
        return (self.motion or motion) == "generated"

    def seen(self, motion: Motion) -> list[AssetKey]:
        """What its clip is cut from: shots, or pictures over which the camera moves."""
        return self.shots if self.is_shot(motion) else self.images


def scenes_of(facts: AnalysisFacts) -> tuple[Scene, ...]:
    """The scenes that an analysis found, in the order in which they play; numbered so, if not told."""
    return tuple(_scene(number, scene) for number, scene in numbered_scenes(facts).items())


def _scene(number: int, facts: SceneFacts) -> Scene:
    names = [beat["references"] for beat in facts.get("beats", ())]
    if not names:  # of a film of before there were beats: one picture, which names scenes
        names = [[f"{Kind.IMAGE}:{seen}" for seen in facts.get("references", ())]]
    references = tuple(tuple(AssetKey.parse(name) for name in beat) for beat in names)
    seen = references if any(references) else ()
    return Scene(number, len(names), seen, facts.get("motion"), facts.get("own_visual", False))


def scenes_in(assets: Assets) -> tuple[Scene, ...] | None:
    """The scenes of these assets' film; None while the analysis is unmade."""
    analysis = assets.get(ANALYSIS)
    return (
        None
        if analysis is None or analysis.product is None
        else scenes_of(analysis_facts(analysis.product.facts))
    )


def written_script(assets: Assets) -> str | None:
    """What a script says that was written here; None while there is none."""
    script = assets.get(SCRIPT)
    written = script.product.facts.get("text") if script is not None and script.product is not None else None
    return None if written is None else str(written)


def words_in(assets: Assets) -> AnalysisFacts | None:
    """What is learnt of the film, in the words that are spoken; None while the analysis is unmade."""
    product = assets[ANALYSIS].product if ANALYSIS in assets else None
    if product is None:
        return None
    learnt, script = analysis_facts(product.facts), assets.get(SCRIPT)
    if script is None or script.product is None or not is_translation(script.product.facts):
        return learnt
    return translated_facts(learnt, script.product.facts)


def playing(assets: Assets) -> dict[AssetKey, Asset]:
    """Those that are none of a scene, a picture or a joint that does not play any more."""
    scenes = scenes_in(assets) or ()
    beats = {scene.number: scene.beats for scene in scenes}
    ends = AssetKey(Kind.TRANSITION, scenes[-1].number) if scenes else None

    def plays(key: AssetKey) -> bool:
        return key.scene is None or (key.beat <= beats.get(key.scene, 0) and key != ends)

    return {key: asset for key, asset in assets.items() if plays(key)} if scenes else dict(assets)


def scene_facts(assets: Assets, number: int) -> SceneFacts | None:
    """What the analysis found of the scene of this number; None where there is none."""
    learnt = words_in(assets)
    if learnt is None:
        return None
    found = zip(scenes_of(learnt), learnt["scenes"], strict=True)
    return next((facts for scene, facts in found if scene.number == number), None)


def moving_scenes(facts: AnalysisFacts, options: Options) -> list[bool]:
    """Of each scene, whether shots are made of its pictures."""
    return [scene.is_shot(options.motion) for scene in scenes_of(facts)]


def guessed_scenes(count: int, images: int = 0) -> tuple[Scene, ...]:
    """So many scenes of which nothing else is known; with ``images``, which they share evenly."""
    most = max(images, count)
    return tuple(Scene(n, most * n // count - most * (n - 1) // count) for n in range(1, count + 1))


@dataclass(frozen=True)
class Node:
    key: AssetKey
    place: int
    """Its number in the film's order, which is after all of its inputs."""
    inputs: tuple[Input, ...]
    dependents: tuple[AssetKey, ...]
    """What is made from it directly."""


class Graph:
    """The nodes of one film, each after its inputs; none of scenes while ``scenes`` are unknown."""

    def __init__(
        self,
        edges: Iterable[tuple[AssetKey, tuple[Input, ...]]],
        scenes: tuple[Scene, ...] | None,
        version: int,
    ) -> None:
        self.scenes = scenes
        self.version = version
        self.scene_places = {scene.number: place for place, scene in enumerate(scenes or ())}
        inputs = dict(edges)
        used: dict[AssetKey, dict[AssetKey, None]] = {key: {} for key in inputs}
        for key, needed in inputs.items():
            for one in needed:
                used.setdefault(one.key, {})[key] = None
        self.nodes: Mapping[AssetKey, Node] = {
            key: Node(key, place, needed, tuple(used[key]))
            for place, (key, needed) in enumerate(inputs.items())
        }
        self.outside = tuple(key for key in used if key not in inputs)
        """What is made from, and does not play: pictures of removed scenes by which others were drawn."""
        self.members: Mapping[Stage, tuple[AssetKey, ...]] = {
            stage: members
            for stage in Stage
            if (members := tuple(key for key in inputs if key.stage is stage))
        }

    @staticmethod
    def of(
        options: Options,
        scenes: tuple[Scene, ...] | None,
        version: int = LATEST_GRAPH,
        *,
        song: bool = False,
        script: ScriptOrigin = "submitted",
    ) -> "Graph":
        """``song``: the music comes from a model, and is fitted to the film when that is mixed."""
        music: Music | None = ("song" if song else "score") if options.has_music else None
        fixed = options.target_duration_s is not None
        return _compiled(
            options.has_sound, options.has_narration, music, options.motion, fixed, scenes, version, script
        )

    @property
    def keys(self) -> list[AssetKey]:
        """Every asset that the film needs, in order."""
        return list(self.nodes)

    def inputs(self, key: AssetKey) -> list[AssetKey]:
        """The assets that ``key`` is made from, in a fixed order; none of what the film does not need."""
        node = self.nodes.get(key)
        return list(dict.fromkeys(needed.key for needed in node.inputs)) if node else []

    def awaited(self, key: AssetKey) -> list[AssetKey]:
        """Those of its inputs that the film needs too, and that must be current before it is made."""
        return [needed for needed in self.inputs(key) if needed in self.nodes]

    def dependents(self, key: AssetKey) -> list[AssetKey]:
        """All that is made from it, directly or not, in order."""
        reached: set[AssetKey] = set()
        found = [key] if key in self.nodes else []
        while found:
            direct = [d for d in self.nodes[found.pop()].dependents if d not in reached]
            reached.update(direct)
            found += direct
        return self.in_order(reached)

    def in_order(self, keys: Iterable[AssetKey]) -> list[AssetKey]:
        """These keys in the film's order; what the film does not need any more comes last."""
        return sorted(keys, key=self._place)

    def _place(self, key: AssetKey) -> tuple[int, str, int, int]:
        node = self.nodes.get(key)
        if node is not None:
            return node.place, "", 0, 0
        return len(self.nodes), key.kind.value, key.scene or 0, key.beat


@lru_cache(maxsize=512)
def _compiled(
    sound: bool,
    narration: bool,
    music: Music | None,
    motion: Motion,
    fixed: bool,
    scenes: tuple[Scene, ...] | None,
    version: int,
    script: ScriptOrigin,
) -> Graph:
    edges = _edges(
        sound=sound,
        narration=narration,
        music=music,
        motion=motion,
        fixed=fixed,
        scenes=scenes,
        version=version,
        script=script,
    )
    return Graph(edges, scenes, version)


def _edges(  # noqa: C901 - one way for each kind of asset
    *,
    sound: bool,
    narration: bool,
    music: Music | None,
    motion: Motion,
    fixed: bool,
    scenes: tuple[Scene, ...] | None,
    version: int,
    script: ScriptOrigin,
) -> Iterator[tuple[AssetKey, tuple[Input, ...]]]:
    """Every asset with what it is made from, each after its inputs.

    ``fixed``: the film is to last so long, so that each scene's length depends on all others.
    """
    written = [SCRIPT] if script == "topic" else []
    yield from ((key, ()) for key in written)
    yield ANALYSIS, _whole(*written)
    if scenes is None:
        return
    told = _whole(SCRIPT) if script == "translation" else ()
    pairs = list(pairwise(scenes))
    transitions = [AssetKey(Kind.TRANSITION, first.number) for first, _ in pairs]
    clips = [AssetKey(Kind.CLIP, scene.number) for scene in scenes]

    def spoken(*those: Scene) -> tuple[Input, ...]:
        return _whole(*(AssetKey(Kind.NARRATION, scene.number) for scene in those)) if narration else ()

    def analysis(*parts: str) -> tuple[Input, ...]:
        return tuple(Input(ANALYSIS, one) for one in parts)

    def plan(*parts: str) -> tuple[Input, ...]:
        return tuple(Input(AUDIO_PLAN, one) for one in parts) if sound else ()

    def timed(*those: Scene) -> tuple[Input, ...]:
        """What decides when these scenes are seen, but for their voices."""
        if fixed:
            return every
        shapes = analysis(*(part.shape(scene.number) for scene in those))
        return (*shapes, *plan(*(part.pause(scene.number) for scene in those)), *told)

    every = (*analysis(part.SCENES), *plan(part.PAUSES), *told)
    yield STORYBOARD, analysis(part.ORIGIN)
    yield from _images(scenes)
    if sound:
        yield AUDIO_PLAN, analysis(part.ORIGIN)
    if told:
        # By whom quotes are spoken the plan says.
        yield SCRIPT, (*analysis(part.TITLE, part.SCENES), *plan(part.QUOTES))
    for scene in scenes:
        if narration:
            said = (*analysis(part.words(scene.number)), *plan(part.delivery(scene.number)), *told)
            yield AssetKey(Kind.NARRATION, scene.number), said
    for scene, shot, drawn in _shots(scenes, motion):
        # What moves the storyboard says, and how long it lasts the words.
        board = tuple(Input(STORYBOARD, name) for name in (shot.name, *(image.name for image in drawn)))
        own = analysis(part.visual(scene.number)) if scene.own_visual else ()
        lasts = (*analysis(part.shape(scene.number)), *own, *plan(part.pause(scene.number)))
        # In another language they last about as long, and a shot is not paid for again.
        yield shot, (*board, *lasts, *_whole(*drawn), *(() if told else spoken(scene)))
    if music == "score":
        yield MUSIC, (*every, *plan(part.MUSIC_PLAN), *spoken(*scenes))
    elif music:
        # A song is asked for by the plan alone: a voice that is spoken anew must not pay for another one.
        yield MUSIC, (*analysis(part.ORIGIN), *_whole(AUDIO_PLAN))
    for scene, clip in zip(scenes, clips, strict=True):
        yield clip, (*timed(scene), *_whole(*scene.seen(motion)), *spoken(scene))
    for (first, second), transition in zip(pairs, transitions, strict=True):
        met = first.seen(motion)[-1], second.seen(motion)[0]
        yield transition, (*timed(first, second), *_whole(*met), *spoken(first, second))
    heard = (*spoken(*scenes), *_whole(*([MUSIC] if music else [])))
    if sound and version >= SOUNDTRACK_APART:
        yield SOUNDTRACK, (*every, *heard)
    yield CAPTIONS, (*every, *spoken(*scenes))
    yield POSTER, (*analysis(part.TITLE), *told, *_whole(*(scene.images[0] for scene in scenes[:1])))
    segments = _whole(*clips, *transitions)
    apart = (*analysis(part.SCENES), *told, *segments, *_whole(*([SOUNDTRACK] if sound else [])))
    within = (*every, *segments, *heard)
    yield VIDEO, (*(apart if version >= SOUNDTRACK_APART else within), *_whole(CAPTIONS))
    yield MANIFEST, _whole(VIDEO, CAPTIONS, POSTER)


def _images(scenes: tuple[Scene, ...]) -> Iterator[tuple[AssetKey, tuple[Input, ...]]]:
    """The pictures; one that takes its characters from others comes after these."""
    references: dict[AssetKey, tuple[AssetKey, ...]] = {}
    own: dict[AssetKey, int] = {}
    for scene in scenes:
        references |= zip(scene.images, scene.references or repeat(()), strict=False)
        own |= dict.fromkeys(scene.images if scene.own_visual else (), scene.number)
    begun: set[AssetKey] = set()

    def drawn(image: AssetKey) -> Iterator[tuple[AssetKey, tuple[Input, ...]]]:
        if image in begun:
            return
        begun.add(image)
        seen = references[image]
        for other in seen:
            if other in references:
                yield from drawn(other)
        said = [Input(STORYBOARD, one.name) for one in (image, *seen)]
        mine = [Input(ANALYSIS, part.visual(own[image]))] if image in own else []
        yield image, (*said, *mine, *_whole(*seen))

    for image in references:
        yield from drawn(image)


def _shots(scenes: tuple[Scene, ...], motion: Motion) -> Iterator[tuple[Scene, AssetKey, list[AssetKey]]]:
    """Each shot with its scene and the pictures it is made of: its own first, then who is seen in it."""
    for scene in scenes:
        if scene.is_shot(motion):
            for image, looks in zip(scene.images, scene.references or repeat(()), strict=False):
                yield scene, AssetKey(Kind.SHOT, scene.number, image.beat), [image, *looks]


def _whole(*keys: AssetKey) -> tuple[Input, ...]:
    return tuple(Input(key) for key in keys)
