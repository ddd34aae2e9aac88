"""The sentence of a failed attempt: why, when the next one is made, and for how long it goes on so."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.asset import Asset, AssetKey, InputRef, Recipe
from domain.asset_parts import Receipt
from domain.failures import Code, Failure
from domain.script import Kind
from projections import messages
from projections.messages import sentence
from tests.test_topics import TOPICS

JOB = UUID("6b5c1de0-3e49-4d1f-9a0a-6f0f6a8f0c11")
NOW = datetime(2026, 11, 28, 14, 30, tzinfo=UTC)


def test_every_event_has_a_sentence() -> None:
    assert {*messages._JOB, *messages._ASSET} == set(TOPICS.values())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("image:2", "Scene 2: image"),
        ("image:2.3", "Scene 2: image 3"),
        ("transition:2", "Scenes 2 and 3: transition"),
        ("storyboard", "Storyboard"),
    ],
)
def test_an_asset_is_called_by_its_scene_and_picture(name: str, said: str) -> None:
    assert messages.subject(AssetKey.parse(name)) == said


@pytest.mark.parametrize(("inputs", "said"), [("1 3", "Scenes 1 and 3"), ("", "Scenes 1 and 2")])
def test_a_transition_is_called_by_the_scenes_that_it_joins(inputs: str, said: str) -> None:
    """Scenes keep their numbers when they are put into another order, or one between them is taken out."""
    drawn = [AssetKey(Kind.IMAGE, int(scene)) for scene in inputs.split()]
    joined = [InputRef(key.id_in(JOB), key.name, 1, "sha256:i") for key in drawn]
    asset = Asset.request(JOB, AssetKey(Kind.TRANSITION, 1), Recipe(), joined, run=1, now=NOW)
    [event] = asset.collect_events()
    assert sentence(event, asset) == f"{said}: transition requested"


def told(wait_s: float | None, until_s: float | None) -> str:
    asset = Asset.request(JOB, AssetKey.parse("image:1"), Recipe(model="m"), [], run=1, now=NOW)
    asset.start_attempt(1, 1, "w", run=1, now=NOW)
    asset.fail_attempt(
        1,
        1,
        Failure.of(Code.OVERLOADED, "high demand."),
        run=1,
        now=NOW,
        retry_at=None if wait_s is None else NOW + timedelta(seconds=wait_s),
        retry_until=None if until_s is None else NOW + timedelta(seconds=until_s),
    )
    *_, event = asset.collect_events()
    return sentence(event, asset)


@pytest.mark.parametrize(
    ("until_s", "for_up_to"),
    [
        (1800, "30 minutes"),
        (60, "1 minute"),
        (12.5, "12.5 s"),
        (5400, "1 hour 30 minutes"),
        (7200, "2 hours"),
    ],
)
def test_what_is_waited_for_says_until_when(until_s: float, for_up_to: str) -> None:
    assert told(32, until_s) == (
        "Scene 1: image: attempt 1 failed (overloaded: high demand); tried again at 14:30:32 UTC, "
        f"for up to {for_up_to}"
    )


def test_what_is_counted_says_when_the_next_attempt_is_made() -> None:
    assert told(2, None).endswith("failed (overloaded: high demand); the next one in 2.0 s")


def test_what_is_given_up_says_only_why() -> None:
    assert told(None, None).endswith("attempt 1 failed (overloaded: high demand)")


def test_an_accepted_call_is_told_with_who_took_it_and_who_goes_on_with_it() -> None:
    asset = Asset.request(JOB, AssetKey.parse("image:3"), Recipe(model="omni"), [], run=1, now=NOW)
    asset.start_attempt(1, 1, "w1", run=1, now=NOW)
    receipt = Receipt("call-1", NOW, NOW + timedelta(days=1))
    asset.accept_call(1, 1, "w1", receipt, run=1, now=NOW)
    asset.resume_attempt(1, 1, "w2", resumes=0, run=1, now=NOW)
    *_, accepted, resumed = (sentence(event, asset) for event in asset.collect_events())
    assert accepted == "Scene 3: image: the call was accepted by omni"
    assert resumed == "Scene 3: image: attempt 1 goes on with the accepted call, in another worker"
