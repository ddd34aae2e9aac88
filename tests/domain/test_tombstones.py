import json
from typing import Any

import pytest
from hypothesis import given as of_all
from hypothesis import strategies as st

from domain.tombstones import bytes_in, digests_in, is_tombstone, tombstone, without_texts, words_in

DIGEST = "sha256:" + "ab" * 32


def blanked(**event: Any) -> dict[str, Any]:
    changed: dict[str, Any] = json.loads(without_texts(json.dumps(event).encode()))
    return changed


@pytest.mark.parametrize("text", ["", "word", "Zwei Wörter", "脚本 🎬", "a\n\nb  c"])
def test_a_marker_tells_how_long_the_text_was_and_nothing_else(text: str) -> None:
    marker = tombstone(text)
    assert is_tombstone(marker)
    assert (words_in(marker), bytes_in(marker)) == (words_in(text), bytes_in(text))
    assert (words_in(text), bytes_in(text)) == (len(text.split()), len(text.encode()))
    assert tombstone(marker) == marker


def test_a_submission_loses_script_metadata_and_style_and_keeps_its_settings() -> None:
    event = blanked(
        script="My secret.",
        metadata={"customer": "Ada"},
        options={"style": "as Ada likes it", "voice": "Kore", "fps": 30},
        models={"text": "m"},
        weights={"seconds": {"image": 2.0}},
        fingerprint="00ff",
    )
    assert event == {
        "script": "[pruned: 2 words, 10 bytes]",
        "metadata": {},
        "options": {"style": "[pruned: 4 words, 15 bytes]", "voice": "Kore", "fps": 30},
        "models": {"text": "m"},
        "weights": {"seconds": {"image": 2.0}},
        "fingerprint": "00ff",
    }


def test_a_film_loses_the_name_that_a_person_gave() -> None:
    assert blanked(title="Ada's boat", caller="ada") == {
        "title": "[pruned: 2 words, 10 bytes]",
        "caller": "ada",
    }
    assert blanked(title=None, caller="ada") == {"title": None, "caller": "ada"}


def test_of_an_open_ended_value_only_numbers_digests_and_settings_stay() -> None:
    facts = {
        "title": "The Boat",
        "language": "en",
        "scenes": [
            {"scene": 1, "text": "Words.", "mood": "calm", "references": ["image:1"], "duration_s": 4.2}
        ],
        "source": DIGEST,
        "heard": ["one", "two"],
        "whatever_a_later_version_learns": "Ada",
    }
    event = blanked(
        facts=facts, parameters={"style": "as a whisper", "voice": "Kore", "max_output_tokens": 7}
    )
    assert event["facts"] == {
        "title": "[pruned: 2 words, 8 bytes]",
        "language": "en",
        "scenes": [
            {
                "scene": 1,
                "text": "[pruned: 1 words, 6 bytes]",
                "mood": "[pruned: 1 words, 4 bytes]",
                "references": ["image:1"],
                "duration_s": 4.2,
            }
        ],
        "source": DIGEST,
        "heard": ["[pruned: 1 words, 3 bytes]"] * 2,
        "whatever_a_later_version_learns": "[pruned: 1 words, 3 bytes]",
    }
    assert event["parameters"] == {
        "style": "[pruned: 3 words, 12 bytes]",
        "voice": "Kore",
        "max_output_tokens": 7,
    }


def test_a_failure_keeps_what_kind_it_was_and_loses_the_providers_words() -> None:
    failure = {"code": "safety", "message": "It says: Ada.", "hint": "h", "details": {"said": "Ada", "n": 2}}
    assert blanked(failure=failure)["failure"] == {
        "code": "safety",
        "message": "[pruned: 3 words, 13 bytes]",
        "hint": "h",
        "details": {"said": "[pruned: 1 words, 3 bytes]", "n": 2},
    }


@pytest.mark.parametrize("state", [b'{"stage": "music",  "cost_usd": 0.1}', b'{"failure":null,"b":1}'])
def test_an_event_without_texts_stays_as_it_is_byte_for_byte(state: bytes) -> None:
    assert without_texts(state) == state


def test_doing_it_twice_changes_nothing_more() -> None:
    once = without_texts(json.dumps({"script": "Öffne dich.", "metadata": {"a": 1}}).encode())
    assert without_texts(once) == once


def test_every_digest_is_found_wherever_it_stands() -> None:
    other = "sha256:" + "0" * 64
    state = json.dumps({"inputs": [{"digest": DIGEST}], "failure": {"raw_digest": other}, "x": "sha256:no"})
    assert list(digests_in(state.encode())) == [DIGEST, other]


def test_what_an_author_brought_goes_and_digests_stay() -> None:
    digest = f"sha256:{'3' * 64}"
    given = {
        "scenes": [{"text": "Mara lights it.", "visual": "a lamp", "image": digest, "motion": "generated"}],
        "cast": [{"name": "Mara", "look": "old"}],
        "files": {"style": digest},
    }
    kept = json.loads(without_texts(json.dumps({"script": "Mara lights it.", "given": given}).encode()))
    [scene], [member] = kept["given"]["scenes"], kept["given"]["cast"]
    assert scene["text"] == "[pruned: 3 words, 15 bytes]"
    assert (scene["image"], scene["motion"], kept["given"]["files"]) == (
        digest,
        "generated",
        {"style": digest},
    )
    assert "Mara" not in json.dumps(kept)
    assert member["look"].startswith("[pruned")


NAMES = st.text(min_size=1, max_size=20) | st.sampled_from(
    ["Mara Weber-Holloway", "mara", "voice", "language", "references", "1", "[pruned: 1 words, 4 bytes]"]
)
"""Such as people have, and such as look like settings, markers or fields."""


@pytest.mark.parametrize("name", ["cast", "names"])
@of_all(called=st.dictionaries(NAMES, NAMES, max_size=5))
def test_of_what_is_kept_by_the_name_of_a_character_the_number_is_left_and_no_word(
    name: str, called: dict[str, str]
) -> None:
    event = blanked(facts={name: called, "duration_s": 2.0})
    assert event["facts"]["duration_s"] == 2.0
    assert list(event["facts"][name]) == [str(number) for number in range(1, len(called) + 1)]
    assert all(is_tombstone(text) for text in event["facts"][name].values())
    again = json.dumps(event).encode()
    assert without_texts(again) == again


VALUES = st.recursive(
    st.just("Mara Weber") | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.just("Mara Weber") | st.just("n"), inner),
    max_leaves=10,
)


@of_all(VALUES)
def test_a_name_that_is_no_field_goes_wherever_it_stands(value: Any) -> None:
    named = {"facts": {"learnt": value}, "parameters": {"a": value}, "given": {"b": [value]}}
    state = json.dumps(named | {"failure": {"message": "", "details": {"provider": value}}}).encode()
    assert b"Mara" not in without_texts(state)


def test_the_names_of_fields_and_of_a_documents_parts_stay() -> None:
    facts = {"parts": {"words:1": "ab" * 8, "image:2.2": "cd" * 8}, "checked": {"lufs_i": -14.0}}
    assert blanked(facts=facts)["facts"] == {
        "parts": dict.fromkeys(facts["parts"], "[pruned: 1 words, 16 bytes]"),
        "checked": {"lufs_i": -14.0},
    }
