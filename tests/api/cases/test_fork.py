"""Forking: what is kept, what is made anew, what it costs, by which prompts, and from which moment.

Seen to fail with plans that are always ``_alike``, times that are always the same, an ``at`` that is not
looked at, a person's prompt that is forgotten, and a manifest that is kept.
"""

import hashlib
import json
from typing import Any
from uuid import UUID

import pytest

from api.cases import fork as fork_module
from api.cases.accepted import Accepted
from api.cases.errors import Faults
from api.cases.estimate import EstimateRequest, estimate
from api.cases.fork import Fork, ForkRequest, fork
from api.cases.preview import Preview
from api.cases.submit import SubmitRequest, submit
from api.cases.validation import validated
from domain.asset import Asset, AssetKey
from domain.given_scenes import CastMember, Given
from domain.script import PROVIDER_KINDS, Kind
from domain.submission import Options
from tests.api.cases.conftest import Studio
from tests.api.planned import ANALYSIS, DOCUMENTS

NARRATIONS = {"narration:1", "narration:2"}
IMAGES = {"image:1", "image:2"}


@pytest.fixture
def source(studio: Studio) -> UUID:
    return studio.completed()


def ask(studio: Studio, job_id: UUID, key: str | None = None, **asked: Any) -> Any:
    return fork(studio.system, ForkRequest(job_id, Fork(**asked), key))


def begin(studio: Studio, job_id: UUID, **asked: Any) -> UUID:
    accepted = ask(studio, job_id, **asked)
    assert isinstance(accepted, Accepted)
    return accepted.job_id


def preview(studio: Studio, job_id: UUID, **changes: Any) -> dict[str, Any]:
    return _preview(studio, job_id, changes=changes)


def preview_at(studio: Studio, job_id: UUID, at: int) -> dict[str, Any]:
    return _preview(studio, job_id, at=at)


def _preview(studio: Studio, job_id: UUID, **asked: Any) -> dict[str, Any]:
    result = ask(studio, job_id, dry_run=True, **asked)
    assert isinstance(result, Preview)
    return result.to_json()


def paid(names: list[str]) -> set[str]:
    return {name for name in names if AssetKey.parse(name).kind in PROVIDER_KINDS}


def events_of(studio: Studio, job_id: UUID) -> list[Any]:
    return [r.event for r in studio.log.read(0, 10_000) if r.event.job_id == job_id]


def test_a_fork_keeps_what_its_changes_do_not_touch_as_its_preview_says(studio: Studio, source: UUID) -> None:
    changes = {"prompts": {"image:2": "A red boat."}}
    preview = ask(studio, source, changes=changes, dry_run=True)
    assert isinstance(preview, Preview)
    accepted = ask(studio, source, changes=changes)
    assert accepted.began
    assert json.loads(accepted.job)["status"] == "queued"
    assert studio.topics(accepted.job_id).count("asset.reused") == len(preview.reused)
    assert "image:2" in [key.name for key in preview.redone]


def test_a_voice_for_nobody_is_refused_with_the_names_that_there_are(studio: Studio) -> None:
    source = studio.completed(
        script="Ben: Home.\n\nAda: At last.\n\nBen: Sleep well.",
        given=Given(cast=(CastMember(name="Mara", look="old"),)),
    )
    for dry_run in (True, False):
        changes = {"cast": [{"name": " ben ", "voice": "Puck"}, {"name": "Marra", "voice": "Kore"}]}
        with pytest.raises(Faults) as refused:
            ask(studio, source, changes=changes, dry_run=dry_run)
        [fault] = refused.value.errors
        assert fault.pointer == "/changes/cast/1/name"
        assert fault.message == (
            "cast.1.name is 'Marra', which is no character of the film; those that there are: Mara, BEN, ADA"
        )
    del changes["cast"][1]
    assert preview(studio, source, **changes)
    alone = studio.completed()
    with pytest.raises(Faults, match="no character of the film; the film has none"):
        ask(studio, alone, changes={"cast": [{"name": "Ben", "voice": "Puck"}]})
    # Whoever looks so the analysis is told of, which is made anew; so it is where there is none yet.
    assert "analysis" in preview(studio, alone, cast=[{"name": "Ben", "look": "tall"}])["redone"]
    assert preview(studio, studio.failed("analysis"), cast=[{"name": "Ben", "voice": "Puck"}])


def test_whom_the_words_name_may_be_found_to_speak_where_the_sound_is_planned_anew(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = 'The old man said: "Home."'
    scenes = [scene.model_copy(update={"narration": said}) for scene in ANALYSIS.scenes]
    monkeypatch.setitem(DOCUMENTS, Kind.ANALYSIS, ANALYSIS.model_copy(update={"scenes": scenes}))
    options = Options(max_scenes=2, voices="cast").model_dump(mode="json")
    source = studio.completed(script=f"{said} {said}", options=options)
    named = preview(studio, source, cast=[{"name": "Old Man", "voice": "Puck"}])
    assert "audio_plan" in named["redone"]
    with pytest.raises(Faults, match="no character"):
        preview(studio, source, cast=[{"name": "Marra", "voice": "Puck"}])


def test_the_same_key_is_the_same_fork(studio: Studio, source: UUID) -> None:
    first, again = (ask(studio, source, "k") for _ in range(2))
    assert (first.job_id, first.began, again.began) == (again.job_id, True, False)
    with pytest.raises(Faults) as refused:
        ask(studio, source, "k", changes={"priority": "low"})
    assert refused.value.code == "idempotency_key_reused"


ALIKE: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
    ({}, {"changes": {}}),
    ({}, {"at": None, "webhook": None, "dry_run": False}),
    ({"changes": {"options": {"fps": 24, "seed": 1}}}, {"changes": {"options": {"seed": 1, "fps": 24}}}),
)
DIFFERENT: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
    ({"changes": {}}, {"changes": {"max_cost_usd": None}}),
    ({"changes": {}}, {"changes": {"max_cost_usd": None, "language": None}}),
    ({"changes": {"cast": [{"name": "Mara"}]}}, {"changes": {"cast": [{"name": "Mara", "voice": None}]}}),
    ({"changes": {"models": {}}}, {"changes": {"models": {"music": None}}}),
    ({}, {"at": 1}),
    ({"webhook": {"url": "https://a.example/"}}, {"webhook": {"url": "https://b.example/"}}),
)


def test_what_a_change_takes_away_is_no_repetition_of_what_it_leaves_out() -> None:
    """``null`` takes the source's cap or language away; what is left out stays."""

    def recorded(asked: dict[str, Any]) -> str:
        return fork_module._fingerprint(UUID(int=1), Fork.model_validate(asked))

    for one, other in ALIKE:
        assert recorded(one) == recorded(other), other
    for one, other in DIFFERENT:
        assert recorded(one) != recorded(other), other


def test_null_takes_a_language_or_a_budget_away_and_leaves_all_else_as_it_is(studio: Studio) -> None:
    source = studio.completed(language="en", max_cost_usd=3.0, priority="high", metadata={"n": 1})
    nulls = dict.fromkeys(("script", "topic", "language", "max_cost_usd", "priority", "metadata"))
    before, job = studio.studio.job(source), studio.studio.job(begin(studio, source, changes=nulls))
    assert (job.language, job.max_cost_usd) == (None, None)
    for name in ("script", "given", "priority", "metadata", "models", "options"):
        assert getattr(job, name) == getattr(before, name), name


def test_what_must_be_something_is_refused_as_null_with_the_way_out(studio: Studio, source: UUID) -> None:
    changes = {"models": {"text": None}, "options": {"fps": None}}
    told = {
        "models/text": "models.text is null; it should be a text, or be left out",
        "options/fps": "options.fps is null; it should be 24, 25, 30 or 60, or be left out",
    }
    with pytest.raises(Faults) as refused:
        ask(studio, source, changes=changes)
    assert {e.pointer: e.message for e in refused.value.errors} == {
        f"/changes/{k}": v for k, v in told.items()
    }
    for case, request in ((submit, SubmitRequest), (estimate, EstimateRequest)):
        with pytest.raises(Faults) as refused:
            case(studio.system, request({"script": "A boat."} | changes))  # type: ignore[operator]
        assert {e.pointer: e.message for e in refused.value.errors} == {f"/{k}": v for k, v in told.items()}
    with pytest.raises(Faults) as refused:
        validated({"changes": {"cast": None}, "dry_run": None}, Fork)
    assert [e.message for e in refused.value.errors] == [
        "changes.cast is null; it should be a list, or be left out",
        "dry_run is null; it should be true or false, or be left out",
    ]
    with pytest.raises(Faults) as refused:
        estimate(studio.system, EstimateRequest({"script": None}))
    assert refused.value.errors[0].message == "script is null; it should be a text"


def test_a_key_that_came_with_another_change_is_refused(studio: Studio, source: UUID) -> None:
    first = ask(studio, source, "k", changes={"options": {"fps": 24}})
    with pytest.raises(Faults) as refused:
        ask(studio, source, "k", changes={"options": {"fps": 24}, "language": None})
    assert refused.value.code == "idempotency_key_reused"
    again = ask(studio, source, "k", changes={"options": {"fps": 24}})
    assert (again.job_id, again.began) == (first.job_id, False)


def test_a_fork_of_an_older_version_is_known_by_its_key(
    studio: Studio, source: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(fork_module, "_fingerprint", fork_module._former_fingerprint)
        first = ask(studio, source, "k", changes={"options": {"fps": 24}})
    on_record = hashlib.sha256(
        f"{source} {Fork.model_validate({'changes': {'options': {'fps': 24}}}).model_dump_json()}".encode()
    ).hexdigest()
    assert studio.system.studio.job(first.job_id).fingerprint == on_record
    again = ask(studio, source, "k", changes={"options": {"fps": 24}})
    assert (again.job_id, again.began) == (first.job_id, False)


def test_faults_are_named_within_the_changes(studio: Studio, source: UUID) -> None:
    with pytest.raises(Faults) as refused:
        ask(studio, source, changes={"options": {"fps": 7}, "prompts": {"poster:9": "x"}})
    assert [fault.pointer for fault in refused.value.errors] == [
        "/changes/options/fps",
        "/changes/prompts/poster:9",
    ]


# ---- what is kept -----------------------------------------------------------------------------------


def test_what_is_kept_has_the_same_bytes_and_names_its_source(studio: Studio, source: UUID) -> None:
    new = begin(studio, source)
    old_digests = {
        k: a.product.digest for k, a in studio.studio.assets(studio.studio.job(source)).items() if a.product
    }
    assets = studio.studio.assets(studio.studio.job(new))
    for key, asset in assets.items():
        assert asset.product is not None
        assert asset.product.digest == old_digests[key]
    found = studio.system.readers.asset(AssetKey.parse("video").id_in(new))
    assert found is not None
    page = json.loads(found[0])
    assert page["reused_from"] == {
        "job_id": str(source),
        "asset_id": str(AssetKey.parse("video").id_in(source)),
        "revision": 1,
    }
    assert all(UUID(i["id"]) == AssetKey.parse(i["name"]).id_in(new) for i in page["inputs"])


def test_one_picture_of_a_scene_is_asked_for_anew_and_the_others_are_kept(studio: Studio) -> None:
    studio.beats = 2
    source = studio.completed()
    told = preview(studio, source, prompts={"image:1.2": "A red boat."})
    assert paid(told["redone"]) == {"image:1.2"}
    assert {"image:1", "image:2", "image:2.2", "clip:2"} <= set(told["reused"])
    assert {"clip:1", "transition:1", "video"} <= set(told["redone"])
    job = studio.studio.job(begin(studio, source, changes={"prompts": {"image:1.2": "A red boat."}}))
    assert job.weights["images"] == 4
    again = studio.studio.assets(job)[AssetKey.parse("image:2.2")]
    assert (again.key.beat, again.id) == (2, AssetKey.parse("image:2.2").id_in(job.id))


def test_another_number_of_pictures_asks_for_another_analysis(studio: Studio, source: UUID) -> None:
    assert "analysis" in preview(studio, source, options={"max_images": 1})["redone"]


@pytest.mark.parametrize(
    ("changes", "asked_anew"),
    [
        ({"options": {"voice": "Puck"}}, NARRATIONS),
        ({"options": {"style": "woodcut"}}, {"storyboard"} | IMAGES),
        ({"models": {"image": "gemini-3-pro-image"}}, IMAGES),
        ({"models": {"speech": "gemini-3.8-flash-lite-tts"}}, NARRATIONS),
        ({"options": {"captions": "sidecar"}}, set()),
        ({"options": {"fps": 25}}, set()),
        ({"options": {"music": False}}, set()),
        ({"options": {"narration": False}}, set()),
        ({"options": {"quality": "high"}}, IMAGES),
        ({"priority": "high", "max_cost_usd": 9.5, "metadata": {"a": 1}}, set()),
        ({"prompts": {"image:2": "A red boat."}}, {"image:2"}),
        (
            {"models": {"text": "gemini-4-carbon"}},
            {"analysis", "storyboard", "audio_plan"} | IMAGES | NARRATIONS,
        ),
        (
            {"script": "Another story. It is short."},
            {"analysis", "storyboard", "audio_plan"} | IMAGES | NARRATIONS,
        ),
    ],
    ids=lambda value: "+".join(sorted(value)) if isinstance(value, set) else str(value)[:40],
)
def test_only_what_the_changes_touch_is_paid_for_again(
    studio: Studio, source: UUID, changes: dict[str, Any], asked_anew: set[str]
) -> None:
    told = preview(studio, source, **changes)
    assert paid(told["redone"]) == asked_anew
    assert not set(told["redone"]) & set(told["reused"])
    assert (told["cost"]["usd"] > 0) == bool(asked_anew)


def test_another_rate_moves_all_that_is_timed_by_it_and_no_picture(studio: Studio, source: UUID) -> None:
    told = preview(studio, source, options={"fps": 25})
    assert {
        "music",
        "clip:1",
        "clip:2",
        "transition:1",
        "soundtrack",
        "captions",
        "video",
        "manifest",
    } == set(told["redone"])


def test_other_captions_are_drawn_into_the_clips_and_leave_music_and_transitions(
    studio: Studio, source: UUID
) -> None:
    assert {"music", "transition:1", "poster"} <= set(
        preview(studio, source, options={"captions": "none"})["reused"]
    )


def test_a_changed_voice_is_spoken_and_everything_else_that_was_paid_for_is_kept(
    studio: Studio, source: UUID
) -> None:
    new = begin(studio, source, changes={"options": {"voice": "Puck"}})
    assert studio.finish(new) == "completed"
    made = [e for e in events_of(studio, new) if isinstance(e, Asset.AttemptStarted)]
    names = {k.id_in(new): k for k in studio.studio.assets(studio.studio.job(new))}
    assert {
        names[e.originator_id].name for e in made if names[e.originator_id].kind in PROVIDER_KINDS
    } == NARRATIONS
    narration = studio.studio.find_asset(new, AssetKey.parse("narration:1"))
    assert narration is not None
    assert narration.recipe.parameters["voice"] == "Puck"


def test_an_edited_prompt_is_asked_for_in_the_new_job_with_its_own_inputs(
    studio: Studio, source: UUID
) -> None:
    new = begin(studio, source, changes={"prompts": {"image:2": "A red boat."}})
    [asked] = [e for e in events_of(studio, new) if isinstance(e, Asset.Requested)]
    assert (asked.kind, asked.scene, asked.prompt_version) == ("image", 2, "edited")
    assert studio.system.blobs.get(asked.prompt_digest) == b"A red boat."
    assert asked.parameters["aspect_ratio"] == "16:9"
    assert [i["id"] for i in asked.inputs] == [str(AssetKey.parse("storyboard").id_in(new))]
    assert asked.reservation_usd > 0
    assert studio.finish(new) == "completed"


def test_a_person_s_prompt_is_kept_by_later_forks_and_goes_along_with_another_model(
    studio: Studio, source: UUID
) -> None:
    first = begin(studio, source, changes={"prompts": {"image:2": "A red boat."}})
    studio.finish(first)
    studio.settle()
    assert "image:2" in preview(studio, first)["reused"]
    assert "image:2" in preview(studio, first, prompts={"image:2": "A red boat."})["reused"]
    second = begin(studio, first, changes={"models": {"image": "gemini-3-pro-image"}})
    [asked] = [e for e in events_of(studio, second) if isinstance(e, Asset.Requested)]
    assert (asked.model, studio.system.blobs.get(asked.prompt_digest)) == (
        "gemini-3-pro-image",
        b"A red boat.",
    )


def test_a_fork_of_an_earlier_moment_keeps_what_was_made_by_then(studio: Studio, source: UUID) -> None:
    storyboard = AssetKey.parse("storyboard").id_in(source)
    at = next(
        recorded.position
        for recorded in studio.log.read(0, 10_000)
        if isinstance(recorded.event, Asset.Generated) and recorded.event.originator_id == storyboard
    )
    told = preview_at(studio, source, at)
    assert (told["at"], told["reused"]) == (at, ["analysis", "storyboard"])
    new = begin(studio, source, at=at)
    assert studio.finish(new) == "completed"


def test_a_fork_of_the_first_moment_is_the_same_job_again(studio: Studio, source: UUID) -> None:
    first = studio.log.read(0, 1)[0].position
    told = preview_at(studio, source, first)
    assert told["reused"] == []
    assert told["cost"]["usd"] > 0


def test_a_failed_scene_is_drawn_by_another_prompt_in_a_fork(studio: Studio) -> None:
    job_id = studio.failed("image:2")
    new = begin(studio, job_id, changes={"prompts": {"image:2": "A harmless boat."}})
    assert studio.finish(new) == "completed"
    started = [e for e in events_of(studio, new) if isinstance(e, Asset.AttemptStarted)]
    assert AssetKey.parse("image:1").id_in(new) not in {e.originator_id for e in started}


@pytest.mark.parametrize("options", [{"pace": 1.2}, {"caption_style": "card"}])
def test_another_pace_or_look_of_captions_asks_no_provider(
    studio: Studio, source: UUID, options: dict[str, Any]
) -> None:
    found = preview(studio, source, options=options)
    assert paid(found["redone"]) == set()
    assert {"clip:1", "clip:2", "captions", "video"} <= set(found["redone"])
    assert ("soundtrack" in found["redone"]) == ("pace" in options)
    assert found["cost"]["usd"] == 0


def test_a_fork_of_a_storyboard_is_one_as_well_and_another_script_ends_that(studio: Studio) -> None:
    system = studio.system
    scenes = [{"text": "A boat sets out.", "visual": "a boat"}, {"text": "It comes home."}]
    value = {"scenes": scenes, "cast": [{"name": "Mara", "look": "old"}], "options": {"quality": "low"}}
    source = submit(system, SubmitRequest(value)).job_id
    system.readers.wait_for(system.log.head(), 10)
    again = fork(system, ForkRequest(source, Fork.model_validate({"changes": {"options": {"fps": 24}}})))
    other = fork(system, ForkRequest(source, Fork.model_validate({"changes": {"script": "A boat."}})))
    assert isinstance(again, Accepted)
    assert isinstance(other, Accepted)
    job, changed = system.studio.job(again.job_id), system.studio.job(other.job_id)
    assert job.given == system.studio.job(source).given
    assert [scene.visual for scene in job.given.scenes] == ["a boat", None]
    assert (changed.script, changed.given.scenes) == ("A boat.", ())
    assert [member.name for member in changed.given.cast] == ["Mara"]
