"""A submission that is wrong says which field, what was found there, and what would do."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from domain.script import MAX_SCRIPT_CHARACTERS
from domain.submission import MAX_METADATA_BYTES, Options, Submission


def test_a_script_alone_is_a_submission_with_the_documented_defaults() -> None:
    accepted = Submission.model_validate({"script": "Welcome."}).model_dump(exclude={"models"})
    assert accepted == {
        "script": "Welcome.",
        "language": None,
        "options": {
            "aspect_ratio": "16:9",
            "resolution": "720p",
            "quality": "medium",
            "fps": 30,
            "target_duration_s": None,
            "max_scenes": 12,
            "max_images": None,
            "motion": "camera",
            "include_audio": True,
            "narration": True,
            "music": True,
            "captions": "burned",
            "captions_highlight": False,
            "caption_style": "plain",
            "caption_speakers": False,
            "pace": 1.0,
            "voice": None,
            "voices": "narrator",
            "style": None,
            "script_form": "auto",
            "on_lost_call": "retry",
            "patience_s": None,
            "review": None,
        },
        "files": {"music": None, "style": None, "logo": None, "outro": None},
        "preset": None,
        "scenes": None,
        "topic": None,
        "cast": [],
        "max_cost_usd": None,
        "priority": "normal",
        "webhook": None,
        "metadata": {},
        "allow_fallback": False,
    }


def test_the_most_scenes_may_be_null_and_are_then_the_usual_ones_or_those_that_are_given() -> None:
    said = {"options": {"max_scenes": None}}
    assert Submission.model_validate({"script": "Welcome.", **said}).options.max_scenes == 12
    given = {"scenes": [{"text": f"Scene {number}."} for number in range(14)], **said}
    assert Submission.model_validate(given).options.max_scenes == 14


def test_the_longest_script_is_accepted() -> None:
    script = "語" * MAX_SCRIPT_CHARACTERS
    assert Submission.model_validate({"script": script}).script == script


BAD: list[tuple[str, dict[str, Any], tuple[str, ...], Any, str]] = [
    ("an empty script", {"script": ""}, ("script",), "", "write at least one sentence"),
    ("a blank script", {"script": " \n\t"}, ("script",), " \n\t", "write at least one sentence"),
    (
        "a script too long",
        {"script": "x" * (MAX_SCRIPT_CHARACTERS + 1)},
        ("script",),
        "x" * (MAX_SCRIPT_CHARACTERS + 1),
        "at most 50000 characters",
    ),
    ("a NUL in the script", {"script": "a\x00b"}, ("script",), "a\x00b", "not text"),
    ("half a character", {"script": "a\ud800"}, ("script",), "a\ud800", "valid string"),
    ("bytes for a script", {"script": b"abc"}, ("script",), b"abc", "valid string"),
    ("an unknown field", {"scirpt": 1}, ("scirpt",), 1, "not permitted"),
    ("an unknown option", {"options": {"speed": 2}}, ("options", "speed"), 2, "not permitted"),
    ("an unknown kind of model", {"models": {"scent": "x"}}, ("models", "scent"), "x", "not permitted"),
    ("a model without a name", {"models": {"image": ""}}, ("models", "image"), "", "at least 1 character"),
    (
        "an unknown resolution",
        {"options": {"resolution": "480p"}},
        ("options", "resolution"),
        "480p",
        "'720p', '1080p' or '2160p'",
    ),
    ("a broken rate", {"options": {"fps": 29.97}}, ("options", "fps"), 29.97, "24, 25, 30 or 60"),
    ("no scene", {"options": {"max_scenes": 0}}, ("options", "max_scenes"), 0, "greater than or equal to 1"),
    (
        "true for a number",
        {"options": {"max_scenes": True}},
        ("options", "max_scenes"),
        True,
        "valid integer",
    ),
    ("true for a budget", {"max_cost_usd": True}, ("max_cost_usd",), True, "valid number"),
    ("a budget of nothing", {"max_cost_usd": 0}, ("max_cost_usd",), 0, "greater than 0"),
    ("a budget without end", {"max_cost_usd": float("inf")}, ("max_cost_usd",), float("inf"), "finite"),
    (
        "a voice without narration",
        {"options": {"voice": "Kore", "narration": False}},
        ("options", "voice"),
        "Kore",
        "set narration and include_audio to true",
    ),
    (
        "a voice without audio",
        {"options": {"include_audio": False, "voice": "Kore"}},
        ("options", "voice"),
        "Kore",
        "set narration and include_audio to true",
    ),
    ("a language by its name", {"language": "English"}, ("language",), "English", "such as en, pt-BR"),
    ("an unknown priority", {"priority": "urgent"}, ("priority",), "urgent", "'high', 'normal' or 'low'"),
    ("a wish for a fallback", {"allow_fallback": True}, ("allow_fallback",), True, "leave it false"),
    ("metadata beyond JSON", {"metadata": {"a": "\ud800"}}, ("metadata",), {"a": "\ud800"}, "plain JSON"),
]


@pytest.mark.parametrize(("body", "field", "value", "way_out"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_a_wrong_value_is_told_with_its_field_the_value_and_what_would_do(
    body: dict[str, Any], field: tuple[str, ...], value: Any, way_out: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        Submission.model_validate({"script": "A sentence.", **body})
    (error,) = refused.value.errors()
    assert error["loc"] == field
    assert error["input"] == value
    assert way_out in error["msg"]


def test_all_wrong_fields_are_told_at_once() -> None:
    with pytest.raises(ValidationError) as refused:
        Submission.model_validate({"options": {"fps": 1, "quality": "best"}, "priority": "urgent"})
    found = {error["loc"] for error in refused.value.errors()}
    assert found == {("script",), ("options", "fps"), ("options", "quality"), ("priority",)}


def test_metadata_may_hold_a_number_that_json_cannot_only_as_text() -> None:
    with pytest.raises(ValidationError, match="plain JSON"):
        Submission.model_validate({"script": "x", "metadata": {"ratio": float("nan")}})
    assert Submission.model_validate({"script": "x", "metadata": {"ratio": "NaN"}}).metadata == {
        "ratio": "NaN"
    }


def test_metadata_is_measured_in_the_bytes_it_takes_as_json() -> None:
    most = "é" * ((MAX_METADATA_BYTES - len(json.dumps({"a": ""}))) // 2)
    assert Submission.model_validate({"script": "x", "metadata": {"a": most}}).metadata == {"a": most}
    with pytest.raises(ValidationError, match=f"at most {MAX_METADATA_BYTES}"):
        Submission.model_validate({"script": "x", "metadata": {"a": most + "éé"}})


def test_a_submission_reads_back_equal_from_its_own_json() -> None:
    said = Submission.model_validate({"script": "One.", "options": {"fps": 60, "target_duration_s": 30}})
    assert Submission.model_validate(json.loads(said.model_dump_json())) == said


def test_a_pace_is_for_films_whose_length_is_not_asked_for() -> None:
    assert Options(pace=1.25).pace_parameters == {"pace": 1.25}
    assert Options().pace_parameters == Options(pace=1, target_duration_s=20).pace_parameters == {}
    for wrong in ({"pace": 0.7}, {"pace": 1.3}, {"pace": 1.1, "target_duration_s": 20}):
        with pytest.raises(ValidationError, match="pace"):
            Options.model_validate(wrong)


def test_only_burned_captions_have_a_style() -> None:
    assert Options(caption_style="card").burned_style == "card"
    assert Options(caption_style="card", captions="sidecar").burned_style == "plain"
