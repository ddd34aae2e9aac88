"""A voice-over in the place of a narration. This alone needs what listens to speech, which loads slowly."""

from pathlib import Path

from actors.files.opened import Opened, Place
from actors.files.recordings import SHORTEST_S
from actors.files.refusals import unfit
from actors.media import speech
from actors.media.errors import MediaError
from actors.media.timeline import SAMPLE_RATE
from actors.media.wav import write_wav
from actors.stages.checks.answers import check_speech, speech_rate
from domain.failures import AttemptFailedError


def fit(source: Path, target: Path, place: Place) -> Opened:
    """A voice-over as a narration is kept, held against its text as speech is."""
    try:
        heard = speech.load(source.read_bytes(), "audio/flac")
        silent_s = sum(end - start for start, end in heard.silences)
        check_speech(heard.duration_s, place.text, silent_s=silent_s)
    except MediaError as error:
        raise unfit(error.message) from error
    except AttemptFailedError as error:
        raise unfit(f"The voice-over does not fit the words of its scene: {error.failure.message}") from error
    write_wav(target, [heard.samples], 1)
    facts = {
        "duration_s": round(heard.duration_s, 3),
        "sample_rate": SAMPLE_RATE,
        "speech_rate": speech_rate(heard.duration_s - silent_s, place.text),
    }
    cut_s = heard.leading_s + heard.trailing_s
    notes = [f"{cut_s:.1f} s of silence at its ends were cut off"] if cut_s >= SHORTEST_S else []
    return Opened("audio", "audio/wav", facts, notes)
