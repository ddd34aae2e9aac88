"""Scenes, a cast and files of one's own on the command line: JSON that names files by their paths.

Where a digest would stand, a path may: of a file beside the JSON. It is checked and kept first, by the server
or, where a command works alone, in the store.
"""

import functools
import json
import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from api.cases.errors import Refusal
from api.cases.validation import pointer_of
from api.cli.errors import InputError
from api.cli.options import field_message
from api.cli.script import read_script

Send = Callable[[Path], str]
"""Keeps a file; gives its digest."""

_PATH = click.Path(path_type=Path, exists=True, dir_okay=False)
_FILES = ("image", "shot", "narration")
_DIGEST = "sha256:"
NO_TOPIC: Mapping[str, str | None] = {"about": None, "audience": None, "tone": None}
_OF_THE_FILE = {"file_unsupported", "file_refused"}
_UNSENT = f"{_DIGEST}{'0' * 64}"
"""Stands for the digest of a file that is not sent yet, so that all else can be checked first."""


@dataclass(frozen=True)
class OwnMaterial:
    """What is submitted beside the flags, with paths in place of digests."""

    script: str | None
    name: str
    """Of the file that the film is made from."""
    asked: dict[str, Any] = field(default_factory=dict)
    paths: dict[tuple[str | int, ...], Path] = field(default_factory=dict)

    @property
    def unsent(self) -> dict[str, Any]:
        """What is no file keeps its path, which is then refused in its place, with all else that is wrong."""
        return self._with(lambda path: _UNSENT if path.is_file() else str(path))

    def sent(self, send: Send) -> dict[str, Any]:
        """With the digests of the files, each sent once. InputError names every place of those refused."""
        digests, refused = dict[Path, str](), dict[Path, str]()
        for path in dict.fromkeys(self.paths.values()):
            try:
                digests[path] = send(path)
            except InputError as error:
                refused[path] = error.message
            except Refusal as refusal:
                if refusal.code not in _OF_THE_FILE:
                    raise
                refused[path] = refusal.detail
        if refused:
            raise InputError.of_all(
                field_message(pointer_of(place), f"{path}: {refused[path]}")
                for place, path in self.paths.items()
                if path in refused
            )
        return self._with(lambda path: digests[path])

    def _with(self, digest: Send) -> dict[str, Any]:
        asked = deepcopy(self.asked)
        for (*way, last), path in self.paths.items():
            place: Any = asked
            for step in way:
                place = place[step]
            place[last] = digest(path)
        return asked


def own_material_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """SCRIPT, or a topic or scenes in its place, with cast and files: the command gets them as ``own``."""

    @functools.wraps(command)
    def with_own(
        script: str | None,
        topic: str | None,
        audience: str | None,
        tone: str | None,
        scenes: Path | None,
        cast: Path | None,
        music_file: Path | None,
        style_file: Path | None,
        logo_file: Path | None,
        outro_file: Path | None,
        **others: Any,
    ) -> Any:
        files = {"music": music_file, "style": style_file, "logo": logo_file, "outro": outro_file}
        asked = {"about": topic, "audience": audience, "tone": tone}
        return command(own=own_material(script, scenes, cast, files, asked), **others)

    wrapped: Callable[..., Any] = click.argument("script", required=False)(with_own)
    for name, told in (
        ("--outro-file", "A clip or a picture of your own that ends the film, after the last scene"),
        ("--logo-file", "A picture of your own in the corner of all scenes"),
        ("--style-file", "A picture in whose style all pictures are drawn"),
        ("--music-file", "A song of your own as the film's music"),
        (
            "--cast",
            "A JSON file: a list of characters, each with name and perhaps look, image (a path) and voice",
        ),
        (
            "--scenes",
            "In place of SCRIPT, a JSON file: scenes with text and perhaps visual, image, shot …",
        ),
    ):
        wrapped = click.option(name, type=_PATH, metavar="FILE", help=told)(wrapped)
    for name, told in (
        ("--tone", "How the script on the topic is to sound, such as: warm and a little funny"),
        ("--audience", "For whom the script on the topic is, such as: children of ten"),
        (
            "--topic",
            "In place of SCRIPT, what one is written about, as long as --target-duration says",
        ),
    ):
        wrapped = click.option(name, metavar="TEXT", help=told)(wrapped)
    return wrapped


def own_material(
    script: str | None,
    scenes: Path | None,
    cast: Path | None,
    files: Mapping[str, Path | None],
    topic: Mapping[str, str | None] = NO_TOPIC,
) -> OwnMaterial:
    """Read it. InputError says what cannot be read, or that there is nothing to make a film of."""
    _refuse_several(script, topic, scenes)
    asked: dict[str, Any] = {}
    about = topic["about"]
    if about is not None:
        asked["topic"] = {name: value for name, value in topic.items() if value is not None}
    paths: dict[tuple[str | int, ...], Path] = {}
    for name, file in (("scenes", scenes), ("cast", cast)):
        if file is not None:
            asked[name] = _list(f"--{name}", file)
            paths |= {(name, *at): (file.parent / path).absolute() for at, path in _paths(asked[name])}
    for name, file in files.items():
        if file is not None:
            asked.setdefault("files", {})[name] = str(file)
            paths["files", name] = file.absolute()
    words = read_script(script) if script is not None else None
    return OwnMaterial(words, script or _named_after(about) or str(scenes), asked, paths)


def _refuse_several(script: str | None, topic: Mapping[str, str | None], scenes: Path | None) -> None:
    """InputError unless there is one thing to make a film of."""
    about = topic["about"]
    named = {"SCRIPT": script, "--topic": about, "--scenes": scenes}
    several = [name for name, value in named.items() if value is not None]
    if len(several) > 1:
        raise InputError(f"{several[1]}: there is a {several[0]} already; give one of them")
    if not several:
        raise InputError(
            "SCRIPT: name a text file, or - to read standard input; or give --scenes FILE or --topic TEXT"
        )
    beside = next((name for name in ("audience", "tone") if topic[name] is not None and about is None), None)
    if beside is not None:
        raise InputError(f"--{beside}: it is of a script that is to be written; give --topic too")


def _named_after(topic: str | None) -> str | None:
    """A file name for the film on a topic."""
    return None if topic is None else "-".join(re.findall(r"\w+", topic)[:6]).lower() or "film"


def _list(option: str, file: Path) -> list[Any]:
    try:
        value = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise InputError(f"{option}: {file} is no JSON that can be read: {error}") from None
    if not isinstance(value, list):
        raise InputError(f"{option}: {file} holds no list; write [{{…}}, {{…}}]")
    return value


def _paths(items: list[Any]) -> list[tuple[tuple[int, str], str]]:
    return [
        ((place, name), item[name])
        for place, item in enumerate(items)
        if isinstance(item, dict)
        for name in _FILES
        if isinstance(item.get(name), str) and not item[name].startswith(_DIGEST)
    ]
