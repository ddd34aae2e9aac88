"""Is what a music model answered a song that a film can have? Whether anybody sings in it, no number tells.

How long it is and how fast are wishes to a model, and what came is on record beside them; a song is only
refused where no film could be made with it.
"""

from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from actors.media.errors import MusicError
from actors.media.song import Measured, measure, open_song
from domain.failures import AttemptFailedError, Code, Failure

SHORTEST_S = 12.0
"""Less is heard to come again and again; the shortest that models make is 30 s."""
LEAST_OF_ASKED = 0.4
"""Where less was asked for than the shortest that models make."""
QUIETEST_LUFS = -45.0
MOST_SILENT = 0.4
MOST_CLIPPED = 0.02
"""Loud masters touch the end of the scale in one sample of a thousand."""


def check_song(data: bytes, asked: Mapping[str, Any], new_file: Callable[[str], Path]) -> Measured:
    """What is heard of it; AttemptFailedError where no film can have it."""
    try:
        song = open_song(BytesIO(data), lambda: new_file(".raw"))
    except MusicError as error:
        raise _failed(Code.MALFORMED_MUSIC, error.message, media_code=error.code) from error
    try:
        heard = measure(song, asked["tempo_bpm"])
    finally:
        song.close()
    first, last = heard.sounding
    told = heard.to_dict()
    if heard.lufs < QUIETEST_LUFS or heard.silent > MOST_SILENT or last <= first:
        raise _failed(
            Code.SILENT_MUSIC,
            f"The song is at {heard.lufs:.0f} LUFS, and {heard.silent:.0%} of it is silence",
            **told,
        )
    shortest = min(SHORTEST_S, LEAST_OF_ASKED * asked["duration_s"])
    if last - first < shortest:
        raise _failed(
            Code.MUSIC_TOO_SHORT,
            f"The song sounds for {last - first:.1f} s; about {asked['duration_s']} s were asked for, "
            f"and {shortest:.0f} s are the least that a film can be made with",
            **told,
        )
    if heard.clipped > MOST_CLIPPED:
        raise _failed(Code.DISTORTED_MUSIC, f"{heard.clipped:.1%} of the song's samples are clipped", **told)
    return heard


def _failed(code: Code, message: str, **details: object) -> AttemptFailedError:
    return AttemptFailedError(Failure.of(code, message, details=details))
