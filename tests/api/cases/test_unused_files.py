"""Files that nothing uses go by themselves while a system is open."""

import logging
import threading

import pytest

from api.cases.unused_files import UnusedFiles


def test_it_looks_again_and_again_and_ends_when_it_is_told() -> None:
    looks, seen = [0], threading.Event()

    def remove() -> list[object]:
        looks[0] += 1
        if looks[0] == 3:
            seen.set()
        return []

    unused = UnusedFiles(remove, first_s=0, pause_s=0)
    unused.start()
    assert seen.wait(10)
    unused.close()
    count = looks[0]
    assert looks[0] == count
    assert not [thread for thread in threading.enumerate() if thread.name == "unused-files"]


def test_what_goes_wrong_is_told_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    answers, seen = iter([OSError("the bucket is away"), None]), threading.Event()

    def remove() -> list[object]:
        error = next(answers, None)
        if error is not None:
            raise error
        seen.set()
        return ["sha256:1"]

    unused = UnusedFiles(remove, first_s=0, pause_s=0)
    with caplog.at_level(logging.INFO):
        unused.start()
        assert seen.wait(10)
        unused.close()
    assert "the bucket is away" in caplog.text
    assert "1 unused files and rests of deleted jobs were removed" in caplog.text


def test_one_that_was_never_started_is_closed_too() -> None:
    UnusedFiles(list).close()
