"""Makes an AudioPlan from an analysis: a voice, how each scene is spoken, and music that makes musical sense.

The music is composed by table: each mood has a key, a tempo, instruments and two progressions in that key
(one to open with, one to lift); sections run from intro to ending with a rise before the last third, and
close on the tonic.
"""

import hashlib
from typing import Any, NamedTuple

from actors.emulator.writing.dialogue import quoted_by, speaking_parts
from actors.emulator.writing.sentences import count_words


class Score(NamedTuple):
    """What one mood sounds like."""

    key: str
    tempo: int
    instruments: tuple[str, ...]
    home: tuple[str, ...]
    lift: tuple[str, ...]
    bridge: tuple[str, ...]
    delivery: str
    pause: float


SCORES = {
    "hopeful": Score(
        "D major",
        92,
        ("piano", "strings", "plucked", "bass", "drums"),
        ("D", "A", "Bm", "G"),
        ("G", "A", "Bm", "D"),
        ("Em7", "G", "Asus4", "A"),
        "warm and bright, with a smile at the end of phrases",
        0.7,
    ),
    "serene": Score(
        "F major",
        68,
        ("pad", "piano", "flute", "strings"),
        ("Fmaj7", "C", "Dm7", "Bbmaj7"),
        ("Bbmaj7", "C", "Am7", "Dm7"),
        ("Gm7", "Bb", "C7sus4", "C"),
        "calm and unhurried, close to the microphone",
        0.9,
    ),
    "joyful": Score(
        "G major",
        116,
        ("plucked", "piano", "bass", "drums", "bells"),
        ("G", "D", "Em", "C"),
        ("C", "D", "G", "Em"),
        ("Am", "C", "D", "D7"),
        "light and lively, with laughter just under the voice",
        0.5,
    ),
    "tense": Score(
        "C minor",
        104,
        ("strings", "bass", "drums", "pad"),
        ("Cm", "Ab", "Fm", "G7"),
        ("Fm", "G", "Ab", "Bb"),
        ("Ddim", "G7", "Ab", "G7"),
        "low and urgent, short phrases",
        0.5,
    ),
    "melancholic": Score(
        "A minor",
        66,
        ("piano", "strings", "pad"),
        ("Am", "F", "C", "G"),
        ("Dm7", "G", "Cmaj7", "Fmaj7"),
        ("Dm", "Am", "E7sus4", "E7"),
        "soft and slow, letting words fall",
        1.0,
    ),
    "mysterious": Score(
        "E minor",
        76,
        ("pad", "bells", "strings", "bass"),
        ("Em", "C", "Am", "B7"),
        ("Am7", "D", "Gmaj7", "Cmaj7"),
        ("F#m7b5", "B7", "C", "B7"),
        "hushed, with wonder, as if telling a secret",
        0.9,
    ),
    "epic": Score(
        "D minor",
        96,
        ("strings", "drums", "bass", "piano", "bells"),
        ("Dm", "Bb", "F", "C"),
        ("Bb", "C", "Dm", "F"),
        ("Gm", "Bb", "A7sus4", "A7"),
        "broad and resolute, building towards the last word",
        0.8,
    ),
    "tender": Score(
        "C major",
        74,
        ("piano", "strings", "plucked", "flute"),
        ("C", "G", "Am", "F"),
        ("F", "G", "Em7", "Am7"),
        ("Dm7", "F", "Gsus4", "G"),
        "gentle and affectionate",
        0.9,
    ),
    "energetic": Score(
        "F# minor",
        124,
        ("bass", "drums", "pad", "plucked", "bells"),
        ("F#m", "D", "A", "E"),
        ("D", "E", "F#m", "A"),
        ("Bm7", "D", "C#7sus4", "C#7"),
        "quick and crisp, leaning forward",
        0.4,
    ),
    "reflective": Score(
        "Bb major",
        80,
        ("piano", "pad", "strings", "bass"),
        ("Bb", "F", "Gm", "Eb"),
        ("Eb", "F", "Dm7", "Gm7"),
        ("Cm7", "Eb", "Fsus4", "F"),
        "even and thoughtful, at a measured pace",
        0.8,
    ),
}
WORDS_PER_SECOND = 2.5
BEATS_PER_BAR = 4
CUES = {
    "tense": "drop",
    "epic": "swell",
    "mysterious": "shimmer",
    "joyful": "accent",
    "melancholic": "silence",
}


def audio_plan(
    analysis: dict[str, Any],
    voices: tuple[str, ...],
    speakers: tuple[str, ...] = (),
    quotes: tuple[tuple[int, str], ...] = (),
) -> dict[str, Any]:
    scenes = analysis["scenes"]
    mood = str(analysis.get("mood", "reflective"))
    score = SCORES.get(mood, SCORES["reflective"])
    return {
        "voice": _voice(voices, mood),
        "cast": speaking_parts(analysis, speakers),
        "quotes": quoted_by(analysis, speakers, quotes),
        "deliveries": [
            {
                "scene": number,
                "style": SCORES.get(str(scene.get("mood")), score).delivery,
                "pause_after_s": 1.4
                if number == len(scenes)
                else SCORES.get(str(scene.get("mood")), score).pause,
            }
            for number, scene in enumerate(scenes, start=1)
        ],
        "music": {
            "mood": mood,
            "tempo_bpm": score.tempo,
            "key": score.key,
            "instruments": list(score.instruments),
            "sections": sections(score, _seconds(scenes, score)),
            "cues": cues(scenes, mood),
        },
    }


def _voice(voices: tuple[str, ...], mood: str) -> str:
    """One of the voices offered: the same for the same mood."""
    offered = voices or ("Kore",)
    return offered[int(hashlib.sha256(mood.encode()).hexdigest(), 16) % len(offered)]


def _seconds(scenes: list[dict[str, Any]], score: Score) -> float:
    words = sum(count_words(str(scene.get("narration", ""))) for scene in scenes)
    return words / WORDS_PER_SECOND + len(scenes) * score.pause


def sections(score: Score, seconds: float) -> list[dict[str, Any]]:
    """Four to eight sections, as long in all as the speech is expected to be (to the bar)."""
    bars = max(8, round(seconds * score.tempo / 60 / BEATS_PER_BAR))
    tonic = score.home[0]
    form: list[tuple[str, tuple[str, ...], float, float]] = [
        ("intro", score.home[:2], 0.25, 1),
        ("verse", score.home, 0.45, 3),
        ("build", score.lift, 0.6, 2),
        ("verse", score.home, 0.55, 3),
        ("bridge", score.bridge, 0.4, 2),
        ("climax", score.lift, 0.9, 3),
        ("verse", score.home, 0.6, 2),
        ("ending", (score.lift[0], tonic), 0.3, 1),
    ]
    kept = {8: (0, 1, 5, 7), 16: (0, 1, 2, 5, 7), 28: (0, 1, 2, 4, 5, 7)}
    chosen = next(
        (form_[:] for limit, which in kept.items() if bars <= limit for form_ in [[form[n] for n in which]]),
        form,
    )
    parts = sum(share for *_, share in chosen)
    lengths = [max(1, min(64, round(bars * share / parts))) for *_, share in chosen]
    return [
        {"name": name, "bars": length, "chords": list(chords), "intensity": intensity}
        for (name, chords, intensity, _), length in zip(chosen, lengths, strict=True)
    ]


def cues(scenes: list[dict[str, Any]], film_mood: str) -> list[dict[str, Any]]:
    """A cue where the mood turns, and a swell into the last scene."""
    found, before = [], film_mood
    for number, scene in enumerate(scenes, start=1):
        mood = str(scene.get("mood", film_mood))
        if number > 1 and number == len(scenes):
            found.append({"scene": number, "cue": "swell"})
        elif number > 1 and mood != before:
            found.append({"scene": number, "cue": CUES.get(mood, "shimmer")})
        before = mood
    return found
