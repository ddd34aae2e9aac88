"""The voices of the speech models, as `reelog models` shows them: by who they sound like, or all of them."""

import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from api.cli.render import width
from api.cli.text import Theme, pad

Json = dict[str, Any]
_BOUND = "\u00a0"
"""A space at which no line is broken."""


def voices_summary(voices: Sequence[Json], theme: Theme) -> Iterator[str]:
    """Those of every model by gender and age; of the library, how many there are and which models have it."""
    yield theme.paint("voices: of every speech model", "strong")
    for sound, alike in groupby(sorted((v for v in voices if not v["library"]), key=_sound), _sound):
        names = ", ".join(f"{voice['id']}{_BOUND}({voice['character']})" for voice in alike)
        head = f"  {pad(' '.join(sound), 13)} "
        lines = textwrap.wrap(names, max(48, width()), initial_indent=head, subsequent_indent=" " * len(head))
        yield from (line.replace(_BOUND, " ") for line in lines)
    library = [voice for voice in voices if voice["library"]]
    if library:
        models = ", ".join(library[0]["models"]) or "none that may be asked"
        yield f"  {len(library)} more are in the provider's library, for {models}: reelog models --voices"


def voices_table(voices: Sequence[Json], theme: Theme) -> Iterator[str]:
    """Each voice on a line: its name, who it sounds like, and what the provider says of it."""
    column = max((len(voice["id"]) for voice in voices), default=0)
    for library, alike in groupby(voices, lambda voice: bool(voice["library"])):
        listed = list(alike)
        models = ", ".join(listed[0]["models"]) or "no model that may be asked"
        kind = "Of the provider's library" if library else "Prebuilt"
        yield theme.paint(f"{kind}: {models}", "strong")
        for voice in listed:
            known = [voice[name] for name in ("character", "gender", "age", "language", "description")]
            yield f"  {pad(voice['id'], column)}  {', '.join(word for word in known if word)}".rstrip()


def _sound(voice: Json) -> tuple[str, str]:
    return voice["gender"], voice["age"]
