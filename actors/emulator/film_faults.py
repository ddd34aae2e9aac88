"""Remembers what the emulator wrote, so that a later request can be told to be "scene 2 of that film".

The real service remembers nothing, and no answer depends on this: it serves the scripted faults alone,
which may name a scene, or stand as directions in a script whose pictures and speech are asked for later, in
requests of their own.
"""

import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from actors.emulator.faults import Fault, FaultScript

FILMS = 2_000
"""Films remembered; the oldest is forgotten."""


@dataclass
class FilmFaults:
    """One script's faults, by its directions, and how far its making has come."""

    faults: tuple[Fault, ...]
    script: FaultScript = field(init=False)
    under_way: bool = False
    """Whether something beyond the analysis was asked for: the next analysis is a new film."""

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self.script, self.under_way = FaultScript(self.faults), False


def _key(text: str) -> str:
    words = re.sub(r"\s+", " ", text).strip().removeprefix("Scene: ").rstrip(".")
    return hashlib.sha256(words.encode()).hexdigest()


class FilmMemory:
    """Films by their scripts' digests; scenes by their narration's and prompt's."""

    def __init__(self) -> None:
        self._films: OrderedDict[str, FilmFaults] = OrderedDict()
        self._scenes: OrderedDict[str, tuple[FilmFaults, int]] = OrderedDict()
        self._lock = threading.Lock()

    def film(self, script: str, faults: tuple[Fault, ...], *, opening: bool) -> FilmFaults:
        """The film of this script; ``opening`` begins it anew when its last making got past its opening."""
        with self._lock:
            film = self._films.get(_key(script))
            if film is None or film.faults != faults:
                film = self._films[_key(script)] = FilmFaults(faults)
            elif opening and film.under_way:
                film.begin()
            while len(self._films) > FILMS:
                self._films.popitem(last=False)
            return film

    def scene(self, *texts: str) -> tuple[FilmFaults, int] | None:
        """The film and scene whose narration or prompt is in one of these, whole or as a paragraph."""
        with self._lock:
            for text in texts:
                # A request may say more than was written here: a directing line before, a rule after.
                pieces = (text, text.partition(":\n")[2], *text.split("\n\n"), *text.split("\n"))
                for piece in pieces:
                    if piece.strip() and (found := self._scenes.get(_key(piece))):
                        return found
            return None

    def learn(self, film: FilmFaults, texts: Iterable[tuple[int, Any]]) -> None:
        """Scene numbers with their narrations or prompts."""
        with self._lock:
            for number, text in texts:
                self._scenes[_key(str(text))] = (film, number)
            while len(self._scenes) > FILMS * 20:
                self._scenes.popitem(last=False)
