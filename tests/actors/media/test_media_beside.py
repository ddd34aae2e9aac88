"""Work that another thread does: in order, all of it, never far ahead, and over when whoever asked is."""

import itertools
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from actors.media import beside, mix, music, soundtrack
from actors.media.beside import another_thread, mapped
from actors.media.cancelling import stopping_when
from actors.media.errors import EncodeError, MusicError, RenderCancelled
from actors.media.soundtrack import write_soundtrack
from actors.media.tape import Samples
from actors.media.timeline import SAMPLE_RATE
from domain.script import MusicPlan
from tests.actors.media.sounding import composed, master_of, new_files

HERE = threading.current_thread()
FULL = Path("/dev/full")


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


def noise(seconds: int) -> Samples:
    return np.random.default_rng(1).normal(0, 0.1, (seconds * SAMPLE_RATE, 2)).astype(np.float32)


def pieces_of(sound: Samples) -> list[Samples]:
    return np.array_split(sound, max(1, len(sound) // SAMPLE_RATE))


def after(looks: int) -> Callable[[], bool]:
    counted = itertools.count()
    return lambda: next(counted) >= looks


def soundtrack_of(folder: Path, sound: Samples, target: Path) -> bytes:
    with master_of(folder, pieces_of(sound)) as master:
        write_soundtrack(master, "low", target)
    return target.read_bytes()


def test_answers_come_in_order_from_another_thread() -> None:
    def made(number: int) -> tuple[int, bool]:
        return number, threading.current_thread() is HERE

    with another_thread("beside") as thread:
        assert [*mapped(thread, made, range(9), 3)] == [(number, False) for number in range(9)]
        assert not [*mapped(thread, made, [], 3)]


def test_no_more_is_taken_than_may_wait() -> None:
    taken = []

    def things() -> Iterator[int]:
        for number in range(20):
            taken.append(number)
            yield number

    with another_thread("beside") as thread:
        for number in mapped(thread, lambda number: number, things(), 4):
            assert len(taken) <= number + 4
    assert len(taken) == 20


def test_what_is_raised_comes_in_its_turn_and_soon_nothing_is_begun() -> None:
    begun: list[int] = []
    answers: list[int] = []

    def made(number: int) -> int:
        begun.append(number)
        if number == 2:
            raise OSError(number)
        return number

    def ask() -> None:
        with another_thread("beside") as thread:
            answers.extend(mapped(thread, made, range(100), 4))

    with pytest.raises(OSError, match="2"):
        ask()
    assert answers == [0, 1]
    assert max(begun) < 6, "what was taken by then at most"


def test_what_has_not_begun_is_left_out() -> None:
    go = threading.Event()
    with another_thread("beside") as thread:
        thread.submit(go.wait, 60)
        waiting = thread.submit(pytest.fail)
        waiting.add_done_callback(lambda _: go.set())
    assert waiting.cancelled()


def test_what_things_raise_ends_the_thread() -> None:
    def things() -> Iterator[int]:
        yield from range(3)
        raise RenderCancelled

    def ask() -> None:
        with another_thread("beside") as thread:
            for _ in mapped(thread, lambda number: number, things(), 2):
                pass

    with pytest.raises(RenderCancelled):
        ask()


class Here:
    """Does at once what it is given: one thread, as where there is no other."""

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Any:
        answer = function(*arguments)
        return type("Answer", (), {"result": lambda _: answer})()


def test_sound_is_that_of_one_thread(
    plan: MusicPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = composed(tmp_path, plan, 23.0)
    written = soundtrack_of(tmp_path, heard, tmp_path / "sound.m4a")
    with monkeypatch.context() as patch:
        for module in (beside, music, mix, soundtrack):
            patch.setattr(module, "another_thread", lambda _: closing_of(Here()))
        alone = composed(tmp_path, plan, 23.0)
        assert np.array_equal(alone, heard)
        assert soundtrack_of(tmp_path, alone, tmp_path / "alone.m4a") == written


def closing_of(thing: Any) -> Any:
    thing.close = lambda: None
    return closing(thing)


def test_a_note_that_cannot_be_made_ends_the_music(
    plan: MusicPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, real = itertools.count(), music.tone

    def tone(*note: Any) -> Samples:
        if next(made) == 7:
            raise MusicError("odd_note", "It cannot be made")
        return real(*note)

    monkeypatch.setattr(music, "tone", tone)
    with pytest.raises(MusicError, match="odd_note"):
        composed(tmp_path, plan, 12.0)


@pytest.mark.parametrize("looks", range(5))
def test_music_that_is_cancelled_leaves_no_thread(plan: MusicPlan, tmp_path: Path, looks: int) -> None:
    """12 s are two pieces, each looked for twice as it is played and once as it is given out."""
    with stopping_when(after(looks)), pytest.raises(RenderCancelled):
        composed(tmp_path, plan, 12.0)


def test_music_that_nobody_takes_any_longer_leaves_no_thread(plan: MusicPlan, tmp_path: Path) -> None:
    with closing(music.compose(plan, 12.0, new_file=new_files(tmp_path))) as pieces:
        next(pieces)


@pytest.mark.skipif(not FULL.exists(), reason="the system has no disk that is always full")
def test_a_full_disk_is_told_as_it_is(plan: MusicPlan, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        [*music.compose(plan, 2.0, new_file=lambda: FULL)]
    master = mix.Master(lambda: FULL)
    with pytest.raises(OSError, match="No space left"):
        master.record(pieces_of(noise(3)))
    master.close()
    with master_of(tmp_path, [noise(30)]) as whole, pytest.raises(EncodeError, match="No space left"):
        write_soundtrack(whole, "high", FULL)


@pytest.mark.parametrize("fails_at", [0, 3])
def test_an_encoder_or_a_listener_that_fails_in_the_middle_ends_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    begun, closed = itertools.count(), threading.Event()
    real = soundtrack.encode

    def encode(pieces: Iterable[Samples], *rest: Any) -> Iterator[soundtrack.Coded]:
        try:
            yield from real(pieces, *rest)
        finally:
            closed.set()

    def sound(*_: Any) -> Samples:
        if next(begun) == fails_at:
            raise MemoryError
        return np.zeros((1024, 2), np.float32)

    with master_of(tmp_path, [noise(30)]) as master:
        monkeypatch.setattr(soundtrack, "encode", encode)
        monkeypatch.setattr(soundtrack.Decoder, "sound", sound)
        with pytest.raises(MemoryError) as told:
            write_soundtrack(master, "low", tmp_path / "sound.m4a")
        assert closed.is_set(), f"its file is closed, though {told} holds on to what was under way"
        monkeypatch.setattr(soundtrack, "encode", failing_at(real, fails_at))
        with pytest.raises(EncodeError, match="encoder_failed"):
            write_soundtrack(master, "low", tmp_path / "sound.m4a")


def failing_at(encode: Callable[..., Iterator[soundtrack.Coded]], at: int) -> Callable[..., Any]:
    def failing(*arguments: Any) -> Iterator[soundtrack.Coded]:
        yield from itertools.islice(encode(*arguments), at)
        raise EncodeError("encoder_failed", "The sound cannot be written: no room")

    return failing


@pytest.mark.parametrize("looks", [1, 3, 5, 7, 9])
def test_a_soundtrack_that_is_cancelled_leaves_no_thread(tmp_path: Path, looks: int) -> None:
    sound = noise(12)
    with stopping_when(after(looks)), pytest.raises(RenderCancelled):
        soundtrack_of(tmp_path, sound, tmp_path / "sound.m4a")
