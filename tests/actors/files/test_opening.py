"""What opens files is a process of its own: whatever a file does to it is a clear refusal, and no more."""

import os
from pathlib import Path

import pytest

from actors.files.opened import Place
from actors.files.opening import Opening, OpeningFailedError, _outcome
from actors.files.refusals import FileRefusedError
from tests.actors.files.material import clip, photo


@pytest.mark.slow
def test_a_picture_is_opened_and_fitted_in_another_process(tmp_path: Path) -> None:
    opening = Opening()
    opened = opening.clean(photo(tmp_path / "a.jpg"), tmp_path / "kept")
    assert opened.facts == {"width": 1600, "height": 1200, "alpha": False}
    fitted = opening.fit(tmp_path / "kept", tmp_path / "fitted", Place("image", 1280, 720))
    assert fitted.facts["kept"] == 0.75


@pytest.mark.slow
def test_what_is_refused_there_is_refused_here(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"GIF89a")
    with pytest.raises(FileRefusedError, match="GIF") as refused:
        Opening().clean(tmp_path / "a", tmp_path / "kept")
    assert refused.value.code == "unsupported"


@pytest.mark.slow
def test_it_may_take_so_much_time_and_no_more(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError, match=r"longer than 0\.05 s"):
        Opening(time_s=0.05).clean(clip(tmp_path / "a.mp4"), tmp_path / "kept")


@pytest.mark.slow
def test_it_may_take_so_much_memory_and_no_more(tmp_path: Path) -> None:
    small, large = photo(tmp_path / "a.jpg"), photo(tmp_path / "b.jpg", (8000, 8000))
    opening = Opening(memory_bytes=600_000_000)
    assert opening.clean(small, tmp_path / "kept").kind == "image"
    with pytest.raises(FileRefusedError, match="too much memory"):
        opening.clean(large, tmp_path / "kept")


@pytest.mark.slow
def test_it_is_told_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "secret")
    seen: list[dict[str, str]] = []
    import subprocess  # noqa: PLC0415 - what is watched here

    real = subprocess.Popen

    def watched(*arguments: object, **how: dict[str, str]) -> object:
        seen.append(how["env"])
        return real(*arguments, **how)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", watched)
    Opening().clean(photo(tmp_path / "a.jpg"), tmp_path / "kept")
    [environment] = seen
    assert "secret" not in environment.values()
    assert "GEMINI_API_KEY" in os.environ


@pytest.mark.parametrize(
    ("code", "trouble", "said"),
    [
        (-11, b"", r"broke off over it \(SIGSEGV\)"),
        (-6, b"terminate called after throwing an instance of 'std::bad_alloc'", "too much memory"),
        (-24, b"", "too much computing time"),
        (1, b"Traceback\nMemoryError", "too much memory"),
    ],
)
def test_how_it_ended_is_what_is_wrong_with_the_file(code: int, trouble: bytes, said: str) -> None:
    with pytest.raises(FileRefusedError, match=said):
        _outcome(code, b"", trouble)


def test_a_defect_of_ours_is_not_laid_on_the_file() -> None:
    with pytest.raises(OpeningFailedError, match="No module"):
        _outcome(1, b"", b"Traceback\nModuleNotFoundError: No module named 'PIL'")
