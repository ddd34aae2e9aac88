"""A narration fitted to a film that is to last so long: each scene gets its time beforehand.

The film's length is shared out between the scenes by how long their words take to read, before anything is
spoken. So a clip still needs nothing but its own narration, and the film is as long as asked when every
scene keeps to its share. Speech shorter than its share leaves room to breathe, most of it after the last
word; speech longer than that is sped up without changing its pitch, to at most 1.3 times, which listeners
follow without effort. Asking the model to speak faster was rejected: it is not obeyed to the second.

What words cannot be spoken in the time is refused (``word_budget.py``).
"""

from dataclasses import replace
from fractions import Fraction
from math import ceil
from typing import Final

import av
import numpy as np

from actors.media.speech import Speech
from actors.media.tape import Samples
from actors.media.timeline import SAMPLE_RATE, TAIL_S, SceneShape, spoken_frames
from actors.media.word_budget import FASTEST

_LEFT_ALONE: Final = 0.04
"""Speech this much longer than its share keeps its own pace: the film stays well within the tolerance."""
_LEAD_SHARE: Final = Fraction(1, 3)
"""Of the room to breathe, what stands before the first word."""
_BLOCK: Final = 1 << 14


def fit(slot: SceneShape, speech: Speech, pause_s: float) -> tuple[Speech, SceneShape]:
    """The speech at the pace that its scene needs, and the scene's shape with it.

    ``slot`` is the scene as long as its share of the film, with the time for its words as ``speech``;
    ``pause_s`` is the silence wished for after the last word, which is kept as far as there is room.
    """
    least = min(slot.tail, ceil(TAIL_S * slot.fps))
    room = slot.speech + slot.tail - least  # the film's ending gives way before the words do
    needed = speech.duration_s * slot.fps
    if needed > room * (1 + _LEFT_ALONE):
        speech = at_pace(speech, min(FASTEST, needed / room))
    spoken = spoken_frames(speech.duration_s, slot.fps)
    if spoken > slot.speech:
        return speech, replace(slot, speech=spoken, tail=max(least, slot.tail - (spoken - slot.speech)))
    spare = slot.speech - spoken
    pause = min(spare, max(0, ceil(pause_s * slot.fps) - slot.tail))
    lead = int((spare - pause) * _LEAD_SHARE)
    return speech, replace(slot, speech=spoken, lead=slot.lead + lead, tail=slot.tail + spare - lead)


def at_pace(speech: Speech, pace: float) -> Speech:
    """The same voice ``pace`` times as fast, by overlapping its waves where they match (WSOLA)."""
    if pace == 1:
        return speech
    graph = av.filter.Graph()
    source = graph.add_abuffer(
        sample_rate=SAMPLE_RATE, format="flt", layout="mono", time_base=Fraction(1, SAMPLE_RATE)
    )
    sink = graph.add("abuffersink")
    graph.link_nodes(source, graph.add("atempo", f"{pace:.6f}"), sink).configure()
    pieces: list[Samples] = []
    for start in range(0, len(speech.samples), _BLOCK):
        block = np.ascontiguousarray(speech.samples[None, start : start + _BLOCK])
        frame = av.AudioFrame.from_ndarray(block, format="flt", layout="mono")
        frame.sample_rate, frame.pts = SAMPLE_RATE, start
        frame.time_base = Fraction(1, SAMPLE_RATE)
        graph.push(frame)
        pieces += _ready(graph)
    graph.push(None)
    pieces += _ready(graph)
    samples = np.ascontiguousarray(np.concatenate(pieces), np.float32)
    return Speech(samples, speech.leading_s, speech.trailing_s, pace)


def _ready(graph: av.filter.Graph) -> list[Samples]:
    pieces: list[Samples] = []
    while True:
        try:
            frame = graph.pull()
        except (BlockingIOError, EOFError):
            return pieces
        assert isinstance(frame, av.AudioFrame)
        pieces.append(frame.to_ndarray()[0])
