"""Reading the event store in mid-attempt: one that is away is waited for, as long as the attempt lasts."""

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from eventsourcing.persistence import OperationalError

from actors.media.errors import RenderCancelled
from actors.stages.editor import Editor
from actors.work import workshop
from actors.work.stage import Plan, Task
from actors.work.store_reads import read_when_there
from tests.actors.conftest import Crew, crew
from tests.actors.staging import Staging

__all__ = ["crew"]


@pytest.fixture
def staging(tmp_path: Path) -> Staging:
    return Staging(tmp_path / "staging")


@pytest.fixture
def task(staging: Staging) -> Task:
    return staging.task("manifest", Plan(), staging.brief())


def away(times: int, *, then: Any) -> Any:
    """A read that finds the store away so often."""
    left = [OperationalError("the server is away")] * times

    def read(*_: Any) -> Any:
        if left:
            raise left.pop()
        return then

    return read


def test_it_is_read_as_soon_as_it_is_there(
    task: Task, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(workshop, "APPEND_RETRY_S", 0)
    assert read_when_there(task, away(2, then="all of it")) == "all of it"
    assert caplog.messages == [f"{task.order.name} waits for the store: the server is away"] * 2


def test_nobody_waits_for_it_whose_attempt_has_ended(task: Task) -> None:
    waits, raised = threading.Event(), []

    def read() -> None:
        waits.set()
        raise OperationalError("the server is away")

    def wait() -> None:
        with pytest.raises(RenderCancelled) as info:
            read_when_there(task, read)
        raised.append(info.value)

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert waits.wait(10)
    task.clear()
    waiting.join(10)
    assert len(raised) == 1


def test_what_is_wrong_with_the_read_itself_is_raised(task: Task) -> None:
    with pytest.raises(ZeroDivisionError):
        read_when_there(task, lambda: 1 / 0)


async def test_a_manifest_waits_for_a_store_that_went_away(
    crew: Crew, staging: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails where a cut of the network in that moment fails the job, as a defect of ours."""
    monkeypatch.setattr(workshop, "APPEND_RETRY_S", 0)
    job = crew.submit()
    monkeypatch.setattr(crew.studio, "job", away(1, then=job))
    editor = Editor(crew.studio, lambda: datetime(2026, 11, 22, tzinfo=UTC))
    made = await editor.make(staging.task("manifest", Plan(), staging.brief()))
    assert made.media_type == "application/json"
