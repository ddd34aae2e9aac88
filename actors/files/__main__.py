"""The process that opens one file: limits first, then the libraries, then the file."""

import json
import resource
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from actors.files.opened import Opened


def _limit(asked: dict[str, Any]) -> None:
    for what, most in (
        (resource.RLIMIT_AS, asked["memory_bytes"]),
        (resource.RLIMIT_CPU, asked["cpu_s"]),
        (resource.RLIMIT_FSIZE, asked["written"]),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    from actors.files.refusals import FileRefusedError  # noqa: PLC0415 - limits come first

    do = _clean if asked["do"] == "clean" else _fit
    try:
        return {"opened": asdict(do(asked, Path(asked["source"]), Path(asked["target"])))}
    except FileRefusedError as error:
        return {"refused": {"code": error.code, "message": error.message}}


# What a file is decides what is loaded for it: somebody waits.


def _clean(_: dict[str, Any], source: Path, target: Path) -> "Opened":
    from actors.files.formats import ENOUGH_BYTES, format_of  # noqa: PLC0415 - limits come first

    with source.open("rb") as file:
        fmt = format_of(file.read(ENOUGH_BYTES))
    if fmt.is_image:
        from actors.files import pictures  # noqa: PLC0415 - for pictures alone

        return pictures.clean(source, target, fmt)
    from actors.files import recordings  # noqa: PLC0415 - for clips and sound alone

    return recordings.clean(source, target, fmt)


def _fit(asked: dict[str, Any], source: Path, target: Path) -> "Opened":
    from actors.files.opened import Place  # noqa: PLC0415 - limits come first

    place = Place(**asked["place"])
    if place.kind == "image":
        from actors.files import pictures  # noqa: PLC0415 - for pictures alone

        return pictures.fit(source, target, place)
    if place.kind == "narration":
        from actors.files import narrations  # noqa: PLC0415 - for speech alone

        return narrations.fit(source, target, place)
    from actors.files import recordings  # noqa: PLC0415 - for clips and sound alone

    match place.kind:
        case "music":
            return recordings.fit_music(source, target)
        case "first_frame":
            return recordings.first_frame(source, target, place)
        case _:
            return recordings.fit_clip(source, target, place)


def main() -> None:
    asked = json.loads(sys.stdin.buffer.read())
    _limit(asked)
    try:
        answer = _answer(asked)
    except MemoryError:
        answer = {"memory": True}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
