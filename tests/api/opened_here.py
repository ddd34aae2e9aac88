"""Opens files in the test's own process, as the other one would: for tests that are not about processes."""

from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from actors.files.__main__ import _answer
from actors.files.opened import Opened, Place
from actors.files.opening import Opening
from actors.files.refusals import FileRefusedError


class OpenedHere:
    def clean(self, source: Path, target: Path) -> Opened:
        return _told({"do": "clean", "source": str(source), "target": str(target)})

    def fit(self, source: Path, target: Path, place: Place) -> Opened:
        asked = {"do": "fit", "source": str(source), "target": str(target), "place": asdict(place)}
        return _told(asked)


def opened_here() -> Opening:
    return cast("Opening", OpenedHere())


def _told(asked: dict[str, Any]) -> Opened:
    answer = _answer(asked)
    if "refused" in answer:
        raise FileRefusedError(**answer["refused"])
    return Opened(**answer["opened"])
