"""Weights of new jobs come from measured seconds, and say when they do not."""

from domain.script import Kind
from domain.submission import Options
from projections.projector import Projector
from projections.readers import ReadModels
from projections.timings import PROPORTIONS, weights
from tests.projections.filming import MODELS, SCRIPT, Filming


def nothing(_kind: Kind, _maker: str) -> list[float]:
    return []


def test_without_measurements_only_proportions_are_known() -> None:
    found = weights(SCRIPT, MODELS, Options(), nothing)
    assert not found["measured"]
    usual = [kind for kind in Kind if kind not in (Kind.SCRIPT, Kind.SHOT)]
    assert found["seconds"] == {kind.value: PROPORTIONS[kind] for kind in usual}
    assert found["scenes"] >= 1
    moving = weights(SCRIPT, MODELS | {"video": "v"}, Options(motion="generated"), nothing)
    assert moving["seconds"]["shot"] == PROPORTIONS[Kind.SHOT]
    written = weights(SCRIPT, MODELS, Options(), nothing, "topic")
    assert written["seconds"]["script"] == PROPORTIONS[Kind.SCRIPT]


def test_the_median_of_what_was_measured_counts() -> None:
    found = weights(SCRIPT, MODELS, Options(), lambda *_: [1.0, 100.0, 3.0])
    assert found["measured"]
    assert set(found["seconds"].values()) == {3.0}


def test_what_is_not_measured_is_scaled_to_what_is() -> None:
    found = weights(SCRIPT, MODELS, Options(), lambda kind, _: [20.0] if kind is Kind.IMAGE else [])
    assert not found["measured"]
    assert found["seconds"]["image"] == 20.0
    assert found["seconds"]["music"] == PROPORTIONS[Kind.MUSIC] * 20.0 / PROPORTIONS[Kind.IMAGE]


def test_a_film_of_one_scene_needs_no_measured_transition() -> None:
    found = weights("One line.", MODELS, Options(), lambda kind, _: [] if kind is Kind.TRANSITION else [2.0])
    assert (found["scenes"], found["measured"]) == (1, True)
    assert found["seconds"]["transition"] > 0


def test_stages_that_are_left_out_have_no_weight() -> None:
    found = weights(SCRIPT, MODELS, Options(include_audio=False), nothing)
    assert not {"narration", "music", "audio_plan"} & set(found["seconds"])


def test_a_finished_film_teaches_how_long_the_next_one_takes(
    filming: Filming, projector: Projector, readers: ReadModels
) -> None:
    options = Options()
    assert not readers.weights(SCRIPT, MODELS, options, "emulator")["measured"]
    filming.finish(filming.submit())
    assert readers.wait_for(filming.head(), 10)
    learnt = readers.weights(SCRIPT, MODELS, options, "emulator")
    assert learnt["measured"]
    assert learnt["seconds"]["image"] == filming.latency_s
    assert projector.status.reason is None


def test_measurements_hold_for_their_provider_model_and_size_alone(
    filming: Filming, projector: Projector, readers: ReadModels
) -> None:
    filming.finish(filming.submit())
    assert readers.wait_for(filming.head(), 10)
    assert not readers.weights(SCRIPT, MODELS, Options(), "gemini")["measured"]
    other = MODELS | {"image": "another-model"}
    assert not readers.weights(SCRIPT, other, Options(), "emulator")["measured"]
    assert not readers.weights(SCRIPT, MODELS, Options(resolution="2160p"), "emulator")["measured"]
    assert projector.status.reason is None
