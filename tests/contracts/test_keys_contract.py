"""Keys and whose a job is, on both stores and seen from two processes' views of one log."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from domain.asset import Asset, AssetKey, Recipe
from domain.job import Job
from domain.key import Key, Scope
from domain.store import EventLog, EventStore, Keys, Owners, Saveable, Studio
from domain.submission import Options

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
DIGEST = "ab" * 32


@pytest.fixture
def studio(store: EventStore) -> Studio:
    return Studio(store)


def give(keys: Keys, name: str = "web", digest: str = DIGEST) -> Key | None:
    return keys.add(name, Scope.SUBMIT, digest, now=NOW, usd_per_day=5.0)


def submit(studio: Studio, caller: str) -> UUID:
    job = Job.submit(
        uuid4(),
        now=NOW,
        script="A boat.",
        models={},
        options=Options().model_dump(mode="json"),
        provider="emulator",
        weights={"seconds": {}, "scenes": 1, "measured": False},
        caller=caller,
    )
    studio.submit(job)
    return job.id


def test_a_key_that_is_given_or_revoked_here_is_known_there_with_the_next_look(studio: Studio) -> None:
    here, there = Keys(studio), Keys(studio)
    there.catch_up()
    give(here)
    assert there.with_digest(DIGEST) is None
    there.catch_up()
    found = there.with_digest(DIGEST)
    assert found is not None
    assert (found.name, found.scope, found.usd_per_day) == ("web", Scope.SUBMIT, 5.0)
    here.revoke("web", now=NOW)
    assert here.with_digest(DIGEST) is None
    there.catch_up()
    assert (there.with_digest(DIGEST), there.is_good("web")) == (None, False)
    assert found.is_good, "who holds it as it was keeps that"


def test_a_look_reads_what_is_new_of_keys_and_nothing_else(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = Keys(studio)
    give(keys)
    submit(studio, "web")
    select, read = studio.recorder.select_events, []

    def counted(*given: object, **named: object) -> object:
        found = select(*given, **named)  # type: ignore[arg-type]
        read.extend(found)
        return found

    monkeypatch.setattr(studio.recorder, "select_events", counted)
    keys.catch_up()
    assert read == []


def test_a_name_is_given_once_whoever_gives_it(studio: Studio) -> None:
    here, there = Keys(studio), Keys(studio)
    assert give(here) is not None
    assert give(there, digest="cd" * 32) is None
    assert give(there, "other", "ef" * 32) is not None
    assert [key.name for key in here.all()] == ["web", "other"]


def test_of_two_who_decide_from_the_same_the_second_decides_anew(studio: Studio) -> None:
    here, there = Keys(studio), Keys(studio)
    give(here)
    seen = []

    def decide(key: Key) -> Sequence[Saveable]:
        seen.append(key.reserved_usd)
        if len(seen) == 1:
            there.change("web", lambda one: _reserve(one, 3.0))
        return _reserve(key, 1.0)

    key, saved = here.change("web", decide)
    assert seen == [0.0, 3.0]
    assert (key.reserved_usd, len(saved.positions)) == (4.0, 1)
    found = there.find("web")
    assert found is not None
    assert found.reserved_usd == 4.0


def _reserve(key: Key, usd: float) -> Sequence[Saveable]:
    key.reserve(uuid4(), usd, now=NOW)
    return []


def test_what_is_refused_in_a_decision_is_not_remembered(studio: Studio) -> None:
    keys = Keys(studio)
    give(keys)

    def refuse(key: Key) -> Sequence[Saveable]:
        _reserve(key, 5.0)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        keys.change("web", refuse)
    found = keys.find("web")
    assert found is not None
    assert found.reserved_usd == 0
    with pytest.raises(LookupError):
        keys.change("none", refuse)


def test_a_job_and_its_assets_are_their_submitters(studio: Studio) -> None:
    owners = Owners(studio)
    job_id = uuid4()
    key = AssetKey.parse("image:1")
    assert owners.of(job_id) is None
    mine, other = submit(studio, "web"), submit(studio, "local")
    asset = Asset.request(mine, key, Recipe(model="m"), [], run=1, now=NOW)
    studio.append(asset)
    assert [owners.of(one) for one in (mine, other, asset.id, job_id)] == ["web", "local", "web", None]


def test_a_stream_of_no_job_is_nobodys(studio: Studio) -> None:
    key = give(Keys(studio))
    assert key is not None
    assert Owners(studio).of(key.id) is None
    assert EventLog(studio).head() == 2
