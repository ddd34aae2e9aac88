"""The film: what it consists of, what is current, and that a long one is asked as cheaply as a short one.

That it is always what all events make of it, ``test_workflow_properties.py`` tries in every life.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from domain.analysis_facts import AnalysisFacts
from domain.asset import Asset, AssetKey
from domain.film import Film
from domain.film_graph import (
    LATEST_GRAPH,
    SOUND_IN_FILM,
    SOUNDTRACK,
    Graph,
    Scene,
    guessed_scenes,
    scenes_of,
)
from domain.inputs import Input
from domain.job import Job
from domain.script import Kind
from domain.submission import Options
from domain.workflow import workflow
from tests.domain import simulation
from tests.domain.language import (
    JOB_ID,
    NOW,
    START,
    Fact,
    build,
    fact,
    generated,
    requested,
    started,
    submitted,
)
from tests.domain.simulation import World

ANALYSIS, STORYBOARD, VIDEO = (AssetKey(k) for k in (Kind.ANALYSIS, Kind.STORYBOARD, Kind.VIDEO))
SILENT = Options(include_audio=False)


def names(keys: Any) -> list[str]:
    return [key.name for key in keys]


# ---- keys ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (ANALYSIS, "analysis"),
        (AssetKey(Kind.IMAGE, 3), "image:3"),
        (AssetKey(Kind.IMAGE, 3, 1), "image:3"),
        (AssetKey(Kind.IMAGE, 3, 2), "image:3.2"),
        (AssetKey(Kind.CLIP, 12), "clip:12"),
    ],
)
def test_a_key_and_its_name_tell_each_other(key: AssetKey, name: str) -> None:
    assert key.name == name
    assert AssetKey.parse(name) == key


@pytest.mark.parametrize(
    "name",
    ["image:3.1", "image:3.0", "image:3.02", "image:3.", "image:.2", "clip:3.2", "video.2", "image:0.2"],
)
def test_no_other_name_is_one_of_an_asset(name: str) -> None:
    with pytest.raises(ValueError, match="no asset is named"):
        AssetKey.parse(name)


# ---- the graph ----------------------------------------------------------------------------------------


def test_the_graph_of_the_same_film_is_compiled_once() -> None:
    assert Graph.of(Options(), guessed_scenes(7)) is Graph.of(Options(fps=24), guessed_scenes(7))
    assert Graph.of(Options(), guessed_scenes(7)) is not Graph.of(SILENT, guessed_scenes(7))


def test_what_is_made_from_an_asset_is_told_directly_and_altogether() -> None:
    graph = Graph.of(SILENT, guessed_scenes(3))
    image = AssetKey(Kind.IMAGE, 2)
    assert names(graph.nodes[image].dependents) == ["clip:2", "transition:1", "transition:2"]
    assert names(graph.dependents(image)) == ["clip:2", "transition:1", "transition:2", "video", "manifest"]
    assert graph.dependents(AssetKey(Kind.IMAGE, 9)) == []


def test_scenes_play_in_the_order_in_which_they_are_given() -> None:
    """Scene 2 was taken out and scene 3 put before scene 1: each keeps its number."""
    graph = Graph.of(Options(), (Scene(3), Scene(1), Scene(4)))
    assert names(k for k in graph.nodes if k.kind is Kind.TRANSITION) == ["transition:3", "transition:1"]
    inputs = names(graph.inputs(AssetKey(Kind.TRANSITION, 3)))
    assert inputs == ["analysis", "audio_plan", "image:3", "image:1", "narration:3", "narration:1"]
    assert names(graph.inputs(AssetKey(Kind.POSTER))) == ["analysis", "image:3"]
    clips = [key for key in graph.inputs(VIDEO) if key.kind is Kind.CLIP]
    assert names(clips) == ["clip:3", "clip:1", "clip:4"]


def test_a_scene_of_several_beats_has_a_picture_for_each() -> None:
    graph = Graph.of(SILENT, (Scene(1, beats=2), Scene(2), Scene(3, beats=3)))
    images = [key for key in graph.nodes if key.kind is Kind.IMAGE]
    assert names(images) == ["image:1", "image:1.2", "image:2", "image:3", "image:3.2", "image:3.3"]
    assert names(graph.inputs(AssetKey(Kind.CLIP, 1))) == ["analysis", "image:1", "image:1.2"]
    assert names(graph.inputs(AssetKey(Kind.TRANSITION, 1))) == ["analysis", "image:1.2", "image:2"]


ONE, TWO = AssetKey(Kind.IMAGE, 1), AssetKey(Kind.IMAGE, 2)


def test_a_picture_comes_after_those_whose_characters_it_takes_also_in_another_order() -> None:
    graph = Graph.of(SILENT, (Scene(3, references=((ONE, TWO),)), Scene(1), Scene(2, references=((ONE,),))))
    for key, node in graph.nodes.items():
        assert all(graph.nodes[needed.key].place < node.place for needed in node.inputs), key.name
    assert names(graph.inputs(AssetKey(Kind.IMAGE, 3))) == ["storyboard", "image:1", "image:2"]


def test_a_picture_takes_characters_from_those_that_its_own_beat_names() -> None:
    facts: AnalysisFacts = {
        "title": "x",
        "language": "en",
        "mood": "calm",
        "scenes": [
            {"scene": 1, "text": "a", "mood": "calm", "beats": [{"references": []}, {"references": []}]},
            {
                "scene": 2,
                "text": "b",
                "mood": "calm",
                "beats": [{"references": ["image:1.2"]}, {"references": []}, {"references": ["image:2"]}],
            },
        ],
    }
    graph = Graph.of(SILENT, scenes_of(facts))
    taken = [names(graph.inputs(AssetKey(Kind.IMAGE, 2, beat)))[1:] for beat in (1, 2, 3)]
    assert taken == [["image:1.2"], [], ["image:2"]]
    assert names(graph.dependents(AssetKey(Kind.IMAGE, 1, 2)))[:2] == ["image:2", "image:2.3"]
    assert names(graph.inputs(AssetKey(Kind.POSTER))) == ["analysis", "image:1"]


def test_pictures_of_which_nothing_is_known_are_shared_evenly() -> None:
    assert [scene.beats for scene in guessed_scenes(3, 7)] == [2, 2, 3]
    assert [scene.beats for scene in guessed_scenes(3)] == [1, 1, 1]
    assert guessed_scenes(3, 2) == guessed_scenes(3)


def test_a_picture_that_does_not_play_is_still_what_another_was_drawn_by() -> None:
    """Else that one would be drawn anew when the scene is removed; and nobody draws the other again."""
    graph = Graph.of(SILENT, (Scene(2, references=((ONE,),)),))
    image = AssetKey(Kind.IMAGE, 2)
    assert (names(graph.inputs(image)), names(graph.awaited(image))) == (
        ["storyboard", "image:1"],
        ["storyboard"],
    )
    assert (graph.outside, ONE in graph.nodes) == ((ONE,), False)


def test_the_sound_is_mixed_apart_from_the_pictures() -> None:
    graph = Graph.of(Options(), guessed_scenes(2))
    assert names(graph.inputs(SOUNDTRACK)) == [
        "analysis",
        "audio_plan",
        "narration:1",
        "narration:2",
        "music",
    ]
    joined = ["analysis", "clip:1", "clip:2", "transition:1", "soundtrack", "captions"]
    assert names(graph.inputs(VIDEO)) == joined
    assert SOUNDTRACK not in Graph.of(SILENT, guessed_scenes(2)).nodes
    assert "soundtrack" not in names(Graph.of(SILENT, guessed_scenes(2)).inputs(VIDEO))


def test_a_song_waits_for_no_voice_and_is_not_made_anew_with_one() -> None:
    graph = Graph.of(Options(), guessed_scenes(2), song=True)
    assert names(graph.inputs(AssetKey(Kind.MUSIC))) == ["analysis", "audio_plan"]
    assert AssetKey(Kind.MUSIC) not in graph.dependents(AssetKey(Kind.NARRATION, 1))
    assert "music" in names(graph.inputs(SOUNDTRACK)), "it is fitted to the film where that is mixed"
    synthesised = Graph.of(Options(), guessed_scenes(2))
    assert AssetKey(Kind.MUSIC) in synthesised.dependents(AssetKey(Kind.NARRATION, 1))
    assert "music" not in names(Graph.of(Options(music=False), guessed_scenes(2), song=True).keys)


def test_the_film_of_an_older_graph_mixes_its_sound_itself() -> None:
    graph = Graph.of(Options(), guessed_scenes(1), SOUND_IN_FILM)
    assert SOUNDTRACK not in graph.nodes
    assert names(graph.inputs(VIDEO)) == [
        "analysis",
        "audio_plan",
        "clip:1",
        "narration:1",
        "music",
        "captions",
    ]


def test_a_job_keeps_to_the_graph_of_its_time_until_its_next_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was begun by an older version ends as that one would; then local parts are made as today's."""
    with monkeypatch.context() as older:
        older.setattr("domain.job.LATEST_GRAPH", SOUND_IN_FILM)
        world = life(2)
    world.run()
    assert world.job.status == "completed"
    assert SOUNDTRACK not in world.assets
    world.regenerate(AssetKey(Kind.POSTER))
    world.run()
    assert world.job.status == "completed"
    assert {"soundtrack", "video", "manifest", "poster"} == world.orders_begun(run=2)
    assert set(world.assets[VIDEO].inputs) == {
        key.name for key in Graph.of(Options(), guessed_scenes(2)).inputs(VIDEO)
    }
    assert (world.reader.current, world.reader.is_complete) == (world.film.current, True)


# ---- parts --------------------------------------------------------------------------------------------


def asked(key: AssetKey, *inputs: dict[str, Any]) -> Fact:
    return fact(Asset.Requested, **{**requested(key=key).fields, "inputs": list(inputs)})


def board(digest: str, **parts: str) -> tuple[Fact, ...]:
    told = generated(digest=digest).fields
    return asked(STORYBOARD), started(), fact(Asset.Generated, **{**told, "facts": {"parts": parts}})


def image(**recorded: Any) -> tuple[Fact, ...]:
    source = {"id": "…", "name": "storyboard", "revision": 1, "digest": "sha256:older"} | recorded
    return asked(AssetKey(Kind.IMAGE, 1), source), started(), generated()


@pytest.mark.parametrize(
    ("recorded", "outdated"),
    [
        ({}, True),
        ({"digest": "sha256:board"}, False),
        ({"parts": {"scene 1": "sha256:one"}}, False),
        ({"parts": {"scene 1": "sha256:other"}}, True),
        ({"parts": {}}, True),
    ],
    ids=["another whole", "the whole", "the part", "another part", "no part"],
)
def test_of_a_document_the_recorded_part_is_compared_where_one_is_recorded(
    monkeypatch: pytest.MonkeyPatch, recorded: Any, outdated: bool
) -> None:
    one = Input(STORYBOARD, "scene 1")
    graph = Graph(
        [(ANALYSIS, ()), (STORYBOARD, ()), (AssetKey(Kind.IMAGE, 1), (one,))],
        guessed_scenes(1),
        SOUND_IN_FILM,
    )
    monkeypatch.setattr(Graph, "of", staticmethod(lambda *_, **__: graph))
    facts = board("sha256:board", **{"scene 1": "sha256:one", "scene 2": "sha256:two"})
    film = Film.of(build(Job, (submitted(),)), [build(Asset, facts), build(Asset, image(**recorded))])
    assert film.is_outdated(film.assets[AssetKey(Kind.IMAGE, 1)]) is outdated
    assert film.is_current(AssetKey(Kind.IMAGE, 1)) is not outdated


# ---- events -------------------------------------------------------------------------------------------


def life(scenes: int, **more: Any) -> World:
    def first(_question: str, answers: list[Any]) -> Any:
        return answers[0]

    return World(options={}, scenes=scenes, choose=first, accidents=False, **more)


def test_a_film_begins_with_its_job() -> None:
    [_, *others] = life(1).run().log
    with pytest.raises(ValueError, match="does not begin with job"):
        Film([e for e in others if isinstance(e, Asset.Event)])


def test_an_event_that_is_known_or_that_others_are_missing_before_is_told() -> None:
    events = life(2).run().log
    film = Film(events[:10])
    assert {film.missed_before(event) for event in events[:10]} <= set(range(-10, 0))
    assert film.missed_before(events[10]) == 0
    own = [e for e in events[10:] if e.originator_id == events[10].originator_id]
    assert [film.missed_before(event) for event in own] == list(range(len(own)))


def test_what_happened_last_is_remembered_of_the_job_and_of_each_asset() -> None:
    film = Film(life(1).run().log)
    film.happened(STORYBOARD.id_in(JOB_ID), 7)
    film.happened(JOB_ID, 9)
    film.happened(STORYBOARD.id_in(JOB_ID), 5)
    assert (film.cause, film.causes) == (9, {STORYBOARD: 7})


def test_a_film_that_was_loaded_is_the_same_as_one_that_was_folded() -> None:
    world = life(3).run()
    loaded = Film.of(world.job, world.assets.values())
    assert loaded.is_complete
    assert (loaded.current, loaded.tallies) == (world.film.current, world.film.tallies)


# ---- what it costs ------------------------------------------------------------------------------------


class Counted(dict[AssetKey, Any]):
    """A mapping that counts what is looked at in it: one for a key, all for a walk over it."""

    looks = 0

    def __getitem__(self, key: AssetKey) -> Any:
        Counted.looks += 1
        return super().__getitem__(key)

    def get(self, key: AssetKey, default: Any = None) -> Any:
        Counted.looks += 1
        return super().get(key, default)

    def __iter__(self) -> Iterator[AssetKey]:
        Counted.looks += len(self)
        return super().__iter__()

    def values(self) -> Any:
        Counted.looks += len(self)
        return super().values()

    def items(self) -> Any:
        Counted.looks += len(self)
        return super().items()


class CountedFilm(Film):
    def __init__(self, events: Any = ()) -> None:
        super().__init__()
        self.assets = Counted()
        for event in events:
            self.evolve(event)


def counted(graph: Graph) -> Graph:
    graph.nodes = Counted(graph.nodes)
    return graph


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Graphs and films that count what is looked at in them."""
    compiled, found = Graph.of, {}

    def of(
        options: Options,
        scenes: tuple[Scene, ...] | None,
        version: int = LATEST_GRAPH,
        *,
        song: bool = False,  # noqa: ARG001 - synthesised here
        script: str = "submitted",  # noqa: ARG001 - as it is here
    ) -> Graph:
        key = options.has_sound, options.has_narration, options.has_music, scenes, version
        if key not in found:
            real = compiled(options, scenes, version)
            edges = [(node.key, node.inputs) for node in real.nodes.values()]
            found[key] = counted(Graph(edges, scenes, version))
        return found[key]

    monkeypatch.setattr(Graph, "of", staticmethod(of))
    monkeypatch.setattr(simulation, "Film", CountedFilm)


def looks_at_decisions(scenes: int, monkeypatch: pytest.MonkeyPatch) -> float:
    """How many nodes and assets one decision of such a film looks at, on the average of its life."""
    spent = []

    def watched(*arguments: Any, **more: Any) -> Any:
        before = Counted.looks
        decisions = workflow(*arguments, **more)
        spent.append(Counted.looks - before)
        return decisions

    monkeypatch.setattr(simulation, "workflow", watched)
    life(scenes).run()
    return sum(spent) / len(spent)


def looks_at_events(events: list[Any]) -> list[int]:
    film = CountedFilm()
    marks = [Counted.looks]
    for event in events:
        film.evolve(event)
        marks.append(Counted.looks)
    return [after - before for before, after in pairwise(marks)]


@pytest.mark.usefixtures("counting")
def test_a_decision_looks_at_no_more_of_a_long_film_than_of_a_short_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    short, long = looks_at_decisions(8, monkeypatch), looks_at_decisions(60, monkeypatch)
    assert long <= 1.5 * short, (short, long)


@pytest.mark.usefixtures("counting")
def test_an_event_looks_at_no_more_of_a_long_film_than_of_a_short_one() -> None:
    short, long = (looks_at_events(life(scenes).run().log) for scenes in (8, 60))
    assert sum(long) / len(long) <= 1.5 * sum(short) / len(short)
    assert sorted(long)[len(long) // 2] <= sorted(short)[len(short) // 2] + 1


@pytest.mark.usefixtures("counting")
def test_a_regenerated_analysis_costs_as_much_more_as_the_film_is_longer() -> None:
    def looks(scenes: int) -> int:
        world = life(scenes).run()
        before = len(world.log)
        world.regenerate(ANALYSIS)
        world.run()
        return sum(looks_at_events(world.log)[before:])

    short, long = looks(10), looks(40)
    assert long <= 1.25 * 4 * short, (short, long)


def test_the_books_are_the_same_at_another_hour() -> None:
    """Nothing in a film reads a clock."""
    film = Film.of(build(Job, (submitted(),)))
    assert workflow(film, NOW) == workflow(film, START)


def test_an_asset_that_is_read_anew_with_another_revision_puts_what_is_made_from_it_out_of_date() -> None:
    """As the Director does, which may see several events of an asset at once."""
    world = life(2).run()
    film, image = Film(world.log), AssetKey(Kind.IMAGE, 1)
    assert film.is_current(image)
    world.regenerate(STORYBOARD)
    world.run()
    film.take(world.assets[STORYBOARD])
    assert film.is_current(STORYBOARD)
    assert not film.is_current(image)
    assert image in film.ready
