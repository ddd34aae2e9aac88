"""What shots will cost: their seconds, at what a second is charged as in the size that is asked for.

Rejected: correcting it by calls on record, as other answers are. What a video model makes is as long as it
was asked to be, so that nothing is left to be learnt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from actors.gemini.catalogue import answering, find
from actors.media.formats import film_format
from actors.stages.animator import MOST_REFERENCES, USUAL_S
from actors.stages.checks.answers import SLOWEST
from actors.stages.composition.shot_length import asked_s
from actors.work.provider_call import OVERHEAD_TOKENS, PICTURE_TOKENS, worst_usd
from domain.beats import BREATH_S
from domain.expectation import shot_tokens
from domain.pricing import PriceBook
from domain.script import Kind
from domain.submission import Options

PROMPT_TOKENS = 2_000
"""More than what moves in a shot takes to say."""
BESIDE_TOKENS = 4_096
"""What a model thinks and says beside a shot, at the most."""


@dataclass(frozen=True)
class ShotPrices:
    """Of shots by one model in one size. Figures are None where it has no known price."""

    prices: PriceBook
    at: datetime
    model: str
    options: Options

    def asked_s(self, seen_s: float) -> float:
        """The seconds that are asked for so that a shot fills so many, joints included."""
        return asked_s(seen_s + BREATH_S, self._limits)

    def tokens(self, asked: Sequence[float]) -> int:
        """What shots of these lengths take in all."""
        return sum(shot_tokens(self._video_tokens(seconds) or 0).total for seconds in asked)

    def expected_usd(self, asked: Sequence[float]) -> float | None:
        by, found = answering(self.model, self.at.date()), 0.0
        for seconds in asked:
            tokens = self._video_tokens(seconds)
            usage = None if tokens is None else shot_tokens(tokens).usage(Kind.SHOT)
            cost = None if usage is None else self.prices.cost_usd(by, usage, at=self.at)
            if cost is None:
                return None
            found += float(cost)
        return round(found, 6)

    def at_most_usd(self, seen_s: float, shots: int) -> float | None:
        """Of so many shots that are seen for so long together: as long as the slowest voice takes."""
        shortest, longest = self._limits
        each = min(longest, max(shortest, self.asked_s(SLOWEST * seen_s / shots)))
        tokens = self._video_tokens(each)
        if tokens is None:
            return None
        prompt = PROMPT_TOKENS + OVERHEAD_TOKENS + PICTURE_TOKENS * (1 + MOST_REFERENCES)
        one = worst_usd(self.prices, self.model, prompt, tokens + BESIDE_TOKENS, self.at, media_tokens=tokens)
        return None if one is None else round(one * shots, 6)

    @property
    def _limits(self) -> tuple[float, float]:
        known = find(self.model)
        return (known.seconds if known else None) or USUAL_S

    def _video_tokens(self, seconds: float) -> int | None:
        options, known = self.options, find(self.model)
        fmt = film_format(options.aspect_ratio, options.resolution, options.quality, options.fps)
        return known.video_tokens(fmt.shot_size, seconds) if known else None
