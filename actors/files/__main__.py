"""The process that opens one file: limits first, then the libraries, then the file."""

import json
import resource
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any


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
    from actors.files import pictures, recordings  # noqa: PLC0415 - limits come first
    from actors.files.formats import ENOUGH_BYTES, format_of  # noqa: PLC0415 - limits come first
    from actors.files.opened import Place  # noqa: PLC0415 - limits come first
    from actors.files.refusals import FileRefusedError  # noqa: PLC0415 - limits come first

    source, target = Path(asked["source"]), Path(asked["target"])
    try:
        if asked["do"] == "clean":
            with source.open("rb") as file:
                fmt = format_of(file.read(ENOUGH_BYTES))
            opened = (pictures if fmt.is_image else recordings).clean(source, target, fmt)
        else:
            place = Place(**asked["place"])
            match place.kind:
                case "image":
                    opened = pictures.fit(source, target, place)
                case "narration":
                    opened = recordings.fit_narration(source, target, place)
                case "music":
                    opened = recordings.fit_music(source, target)
                case "first_frame":
                    opened = recordings.first_frame(source, target, place)
                case _:
                    opened = recordings.fit_clip(source, target, place)
    except FileRefusedError as error:
        return {"refused": {"code": error.code, "message": error.message}}
    return {"opened": asdict(opened)}


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
