"""How the emulator behaves with ``--like-google``: which faults meet a request, and how long it takes.

Everything follows from the seed, the request's own words and how often they were asked before, so that the
same film meets the same troubles in whatever order its requests come, and a repeated request has another
chance. Only spells of an overloaded model and limits a minute go by the clock, as they must.

How long answers take are reported ranges. How often a fault strikes is chosen, not measured: often enough
that a film of a dozen scenes meets most of them.
"""

import hashlib
import math
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from actors.emulator.faults import Fault
from actors.emulator.models import Model

FAILING_SHARES: dict[str, tuple[tuple[Fault, float], ...]] = {
    "text": (
        (Fault(fault="503"), 0.03),
        (Fault(fault="500"), 0.01),
        (Fault(fault="max_tokens_on_thoughts"), 0.04),
        (Fault(fault="finish", reason="MAX_TOKENS"), 0.03),
    ),
    "image": (
        (Fault(fault="503"), 0.04),
        (Fault(fault="finish", reason="NO_IMAGE"), 0.02),
        (Fault(fault="finish", reason="IMAGE_OTHER"), 0.02),
    ),
    "speech": (
        (Fault(fault="400_tts_wrote"), 0.06),
        (Fault(fault="finish", reason="OTHER"), 0.05),
        (Fault(fault="500"), 0.02),
        (Fault(fault="swallowed_sentence"), 0.05),
    ),
    "video": (
        (Fault(fault="503"), 0.03),
        (Fault(fault="poll_429", polls=2), 0.05),
        (Fault(fault="poll_503"), 0.03),
        (Fault(fault="file_processing", polls=3), 0.1),
        (Fault(fault="interaction_failed"), 0.02),
        (Fault(fault="no_content"), 0.02),
        (Fault(fault="mega_thought"), 0.05),
    ),
    "music": (
        (Fault(fault="503"), 0.03),
        (Fault(fault="blocked", reason="PROHIBITED_CONTENT"), 0.03),
        (Fault(fault="text_only"), 0.02),
    ),
    "transcription": (),
}
"""At most one of these strikes a request: no answer, or none that can be used."""
FLAW_SHARES: dict[str, tuple[tuple[Fault, float], ...]] = {
    "text": (
        (Fault(fault="missing_optional"), 0.4),
        (Fault(fault="dropped_name"), 0.15),
        (Fault(fault="misspelt_name"), 0.15),
        (Fault(fault="one_too_few"), 0.08),
        (Fault(fault="one_too_many"), 0.08),
        (Fault(fault="other_chords"), 0.5),
    ),
    "image": (
        (Fault(fault="lettering"), 0.08),
        (Fault(fault="border"), 0.05),
        (Fault(fault="copied_reference"), 0.1),
    ),
    "speech": (),
    "video": (),
    "music": ((Fault(fault="other_audio_type"), 0.05),),
    "transcription": (),
}
"""Any number of these, worked into a good answer."""
SECONDS: dict[str, tuple[float, float, float]] = {
    "image": (10, 60, 20),
    "speech": (20, 165, 35),
    "video": (40, 100, 60),
    "music": (15, 60, 25),
}
"""Least, most and commonest seconds of an answer."""
FIRST_TOKEN_S = (0.6, 3.0)
TOKENS_PER_SECOND = 160
REFUSAL_S = 0.4
MINUTE_S = 60.0
SPELL_EVERY_S, SPELL_S = 900.0, (60.0, 240.0)
"""In each such stretch of the clock a model is overloaded once, for so long."""
CALM_S = 30.0
"""No spell begins earlier in its stretch."""


@dataclass(frozen=True)
class LikeGoogle:
    """``pace`` scales every duration: at 0.1 a minute lasts six seconds. The limits are each model's."""

    pace: float = 1.0
    requests_per_minute: int = 60
    images_per_minute: int = 20


def _share(*words: object) -> float:
    """A number from 0 to 1 that depends on the words alone."""
    text = "\0".join(map(str, words))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) / 2**64


@dataclass(frozen=True)
class Behaviour:
    """What one request meets: a failure at most, flaws, and a number that its latency follows from."""

    failure: Fault | None
    flaws: tuple[Fault, ...]
    luck: float


class Temper:
    """Decides for each request; counts how often it was asked. Safe to use from several threads."""

    def __init__(self, settings: LikeGoogle, seed: int) -> None:
        self.settings = settings
        self._seed = seed
        self._asked: Counter[str] = Counter()
        self._lock = threading.Lock()

    def limits(self) -> Iterator[Fault]:
        """The limits a minute, as faults of the clock, which count each model alone."""
        minute = MINUTE_S * self.settings.pace
        for kind, limit in (
            ("text", self.settings.requests_per_minute),
            ("image", self.settings.images_per_minute),
            ("speech", self.settings.requests_per_minute),
            ("video", self.settings.images_per_minute),
            ("music", self.settings.images_per_minute),
        ):
            yield Fault(fault="429_per_minute", kind=kind, limit=limit, seconds=minute, times=None)

    def behave(self, model: Model, request: str) -> Behaviour:
        """What this request meets now."""
        digest = hashlib.sha256(f"{model.name}\0{request}".encode()).hexdigest()
        with self._lock:
            self._asked[digest] += 1
            nth = self._asked[digest]

        def luck(what: str) -> float:
            return _share(self._seed, digest, nth, what)

        failure, drawn = None, luck("failure")
        for fault, share in FAILING_SHARES[model.kind]:
            drawn -= share
            if drawn < 0:
                failure = replace(fault, seconds=2 * self.settings.pace)
                break
        flaws = tuple(fault for fault, share in FLAW_SHARES[model.kind] if luck(fault.fault) < share)
        return Behaviour(failure, flaws, luck("latency"))

    def overloaded(self, model: Model, now_s: float) -> bool:
        """Whether the model has a spell of 503, ``now_s`` seconds after the emulator began."""
        stretch, within = divmod(now_s / self.settings.pace, SPELL_EVERY_S)
        lasts = SPELL_S[0] + (SPELL_S[1] - SPELL_S[0]) * _share(self._seed, model.name, stretch, "lasts")
        begins = CALM_S + (SPELL_EVERY_S - CALM_S - lasts) * _share(self._seed, model.name, stretch, "begins")
        return begins <= within < begins + lasts

    def answer_seconds(self, model: Model, tokens: int, luck: float) -> float:
        """How long an answer of so many tokens, thoughts among them, takes."""
        if model.kind == "text":
            least, most = FIRST_TOKEN_S
            return (least + (most - least) * luck + tokens / TOKENS_PER_SECOND) * self.settings.pace
        return _triangular(*SECONDS[model.kind], luck) * self.settings.pace

    def refusal_seconds(self) -> float:
        return REFUSAL_S * self.settings.pace


def _triangular(least: float, most: float, commonest: float, luck: float) -> float:
    turn = (commonest - least) / (most - least)
    if luck < turn:
        return least + math.sqrt((most - least) * (commonest - least) * luck)
    return most - math.sqrt((most - least) * (most - commonest) * (1 - luck))
