"""What a job, or a part of one, will cost and take: before anything is spent.

Two figures of money, which mean different things. *Expected* is what such calls take, by calls on record or
by list (``domain/expectation.py``). *At most* is every answer as long as it may become, for as many scenes as
the options allow, each call once: what the Director would reserve. Calls that must be repeated cost again, so
only ``max_cost_usd`` is a promise.

Seconds rest on measurements alone: where a kind of asset was never made with these models and options, there
is no figure.
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from actors.director.throttle import Limit
from actors.gemini.catalogue import answering
from actors.gemini.thinking import DEFAULT, Level, with_room
from actors.media.formats import film_format
from actors.stages import (
    audio_planner,
    illustrator,
    narrator,
    script_analyst,
    script_writer,
    storyboard_artist,
)
from actors.stages.checks.compared_words import words_of
from actors.work.crew import seat_of
from actors.work.planning.script_length import scenes_at_most
from actors.work.planning.shot_prices import ShotPrices
from actors.work.provider_call import IMAGE_TOKENS, OVERHEAD_TOKENS, PICTURE_TOKENS, most_tokens, worst_usd
from domain.asset import AssetKey
from domain.beats import expected_images, expected_scenes, film_s, images_at_most
from domain.default_models import DEFAULT_MODELS
from domain.expectation import MODALITY, Sample, Tokens, counted, expected, model_of
from domain.film_graph import STORYBOARD, Graph, guessed_scenes
from domain.given_assets import film_scenes
from domain.given_scenes import GivenScene
from domain.pricing import PriceBook
from domain.script import Kind, Stage
from domain.script_forms.reading import read_script
from domain.spoken import word_count
from domain.spoken_lines import turns_of
from domain.submission import Options
from domain.topic import MOST_TOPIC_CHARACTERS, ScriptOrigin

Calls = Callable[[Kind, str], Sequence[Sample]]
"""The newest calls on record of a kind of asset by a model."""

_TEMPLATE_TOKENS = 1000
"""More than any prompt's own wording takes."""


@dataclass(frozen=True)
class Price:
    """``usd`` leaves out the ``unpriced`` calls, and is None when there are no others."""

    usd: float | None = 0.0
    at_most_usd: float | None = 0.0
    unpriced: int = 0

    def __add__(self, other: "Price") -> "Price":
        known = [p.usd for p in (self, other) if p.usd is not None]
        worst = [self.at_most_usd, other.at_most_usd]
        return Price(
            round(sum(known), 6) if known else None,
            None if None in worst else round(sum(w for w in worst if w is not None), 6),
            self.unpriced + other.unpriced,
        )

    def to_dict(self) -> dict[str, Any]:
        return {"usd": self.usd, "at_most_usd": self.at_most_usd, "unpriced": self.unpriced}


@dataclass(frozen=True)
class StageForecast:
    stage: Stage
    model: str | None
    assets: int
    requests: int
    tokens: int
    price: Price
    seconds: float | None
    basis: str | None
    """What the tokens rest on: ``measured`` or ``list``; None where the work is done here, for nothing."""

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.stage.value,
            "model": self.model,
            "assets": self.assets,
            "requests": self.requests,
            "tokens": self.tokens,
            "cost": self.price.to_dict(),
            "seconds": self.seconds,
            "basis": self.basis,
        }


@dataclass(frozen=True)
class Forecast:
    scenes: int
    images: int
    price: Price
    seconds: float | None
    basis: str
    stages: tuple[StageForecast, ...] = field(default=())
    motion: StageForecast | None = None
    """What shots of its pictures cost, chosen or not; None where there can be none."""

    def to_dict(self) -> dict[str, Any]:
        shots = self.motion
        return {
            "scenes": self.scenes,
            "images": self.images,
            "motion": shots and {"model": shots.model, "shots": shots.assets, "cost": shots.price.to_dict()},
            "cost": self.price.to_dict(),
            "seconds": self.seconds,
            "basis": self.basis,
            "stages": [stage.to_dict() for stage in self.stages],
        }


_LAST = frozenset({Kind.VIDEO, Kind.MANIFEST})
"""Made from all the rest."""


@dataclass(frozen=True)
class Forecaster:
    """``calls`` gives calls on record; ``seconds`` the measured seconds of one asset of each kind."""

    prices: PriceBook
    at: datetime
    calls: Calls
    seconds: Mapping[Kind, float]
    thinking: Level | None = DEFAULT

    # ---- a whole job --------------------------------------------------------------------------------

    def job(
        self,
        script: str,
        models: Mapping[str, str],
        options: Options,
        given: Sequence[GivenScene] = (),
        there: Collection[AssetKey] = (),
        origin: ScriptOrigin = "submitted",
    ) -> Forecast:
        """``given``: the scenes as their author brought them; of what is ``there`` nothing is asked."""
        scenes, images = expected_scenes(script, options), expected_images(script, options)
        film = film_scenes(given) if given else guessed_scenes(scenes, images)
        graph, settled = Graph.of(options, film, script=origin), set(there)
        if settled.issuperset(graph.nodes[STORYBOARD].dependents):
            settled.add(STORYBOARD)  # nobody needs it
        scenes, images = len(film), sum(scene.beats for scene in film)
        keys = [key for key in graph.keys if key not in settled]
        stages = tuple(
            self._stage(stage, [k for k in keys if k.stage is stage], script, models, options, scenes, images)
            for stage in Stage
            if any(k.stage is stage for k in keys)
        )
        paid = [stage for stage in stages if stage.basis is not None]
        return Forecast(
            scenes,
            images,
            sum((stage.price for stage in paid), Price()),
            self._duration(keys, scenes, models),
            "measured" if all(stage.basis == "measured" for stage in paid) else "list",
            stages,
            self._motion(script, models, options, images),
        )

    def _motion(
        self, script: str, models: Mapping[str, str], options: Options, images: int
    ) -> StageForecast | None:
        """What it costs, or would, to have shots made of the pictures: told before that is chosen."""
        if options.aspect_ratio == "1:1":
            return None
        return self.shots(script, models.get("video") or DEFAULT_MODELS["video"], options, images)

    def _stage(
        self,
        stage: Stage,
        keys: Sequence[AssetKey],
        script: str,
        models: Mapping[str, str],
        options: Options,
        scenes: int,
        images: int,
    ) -> StageForecast:
        kind = keys[0].kind
        model = model_of(kind, models)
        seconds = self._stage_seconds(keys, asks=model is not None)
        if model is None:
            return StageForecast(stage, None, len(keys), 0, 0, Price(), seconds, None)
        if kind is Kind.SHOT:
            return self.shots(script, model, options, len(keys), seconds)
        text_bytes = len(script.encode())
        size = text_bytes // scenes if kind is Kind.NARRATION else text_bytes
        count = counted(kind, scenes, images)
        tokens, measured = expected(kind, size, count, self.calls(kind, model))
        price = self._price(kind, model, tokens, len(keys))
        worst = self._worst(kind, model, script, options)
        return StageForecast(
            stage,
            model,
            len(keys),
            len(keys),
            tokens.total * len(keys),
            Price(price, worst, len(keys) if price is None else 0),
            seconds,
            "measured" if measured else "list",
        )

    def shots(
        self, script: str, model: str, options: Options, count: int, seconds: float | None = None
    ) -> StageForecast:
        """So many shots of a film; what they cost rests on its length."""
        by = ShotPrices(self.prices, self.at, model, options)
        lasts = film_s(script, options) / options.pace
        asked = [by.asked_s(lasts / count)] * count
        scenes = scenes_at_most(script, options)
        most = by.at_most_usd(lasts, max(count, images_at_most(lasts, options, scenes)))
        price = by.expected_usd(asked)
        return StageForecast(
            Stage.VIDEO_GENERATION,
            model,
            count,
            count,
            by.tokens(asked),
            Price(price, most, count if price is None else 0),
            seconds,
            "list",
        )

    def _price(self, kind: Kind, model: str, tokens: Tokens, count: int) -> float | None:
        by = answering(model, self.at.date())
        cost = self.prices.cost_usd(by, tokens.usage(kind), at=self.at)
        return None if cost is None else round(float(cost) * count, 6)

    def _worst(self, kind: Kind, model: str, script: str, options: Options) -> float | None:
        """Every call's reservation, in the most scenes and pictures there can be."""
        sentences = max(1, len(words_of(script)) + len(script) // 12)
        scenes = min(scenes_at_most(script, options), sentences)
        images = min(images_at_most(film_s(script, options), options, scenes), sentences)
        size = film_format(options.aspect_ratio, options.resolution, options.quality, options.fps).image_size
        if kind is Kind.NARRATION and options.voices == "cast":
            scenes += turns_of(read_script(script, options.script_form))
        return self._longest(kind, model, script, (scenes, images), size)

    # ---- parts of a job -----------------------------------------------------------------------------

    def call(self, kind: Kind, model: str, text_bytes: int, scenes: int, at_most: float | None) -> Price:
        """One paid call of a job that is known to have `counted` so many; ``at_most`` is its reservation."""
        tokens, _ = expected(kind, text_bytes, scenes, self.calls(kind, model))
        price = self._price(kind, model, tokens, 1)
        return Price(price, None if price is None else at_most, 1 if price is None else 0)

    def most(self, kind: Kind, model: str, script: str, counts: tuple[int, int]) -> float | None:
        """The worst case of one call whose prompt is not known yet; ``counts``: its scenes and pictures."""
        largest = max(IMAGE_TOKENS, key=lambda size: IMAGE_TOKENS[size])
        return self._longest(kind, model, script, counts, largest)

    def _longest(
        self, kind: Kind, model: str, script: str, counts: tuple[int, int], image_size: str
    ) -> float | None:
        if kind is Kind.MUSIC and not self.prices.sold_by_the_item(model, self.at):
            return None
        prompt, answer = _longest(kind, script, *counts)
        if MODALITY[kind] == "TEXT":
            answer = with_room(model, answer, self.thinking)
        pictures = IMAGE_TOKENS[image_size] * counts[1] if kind is Kind.IMAGE else None
        worst = worst_usd(self.prices, model, prompt, answer, self.at, media_tokens=pictures)
        return None if worst is None else round(worst, 6)

    # ---- time ---------------------------------------------------------------------------------------

    def _stage_seconds(self, keys: Sequence[AssetKey], *, asks: bool) -> float | None:
        """How long a stage works: its assets with as many at once as a model takes."""
        if any(key.kind not in self.seconds for key in keys):
            return None
        if asks:
            return round(self.seconds[keys[0].kind] * math.ceil(len(keys) / Limit.concurrency), 1)
        return round(self._rendered(keys), 1)

    def _rendered(self, keys: Sequence[AssetKey]) -> float:
        """How long it takes to make these here: beside each other, but for what is made from all of them."""
        last = sum(self.seconds[key.kind] for key in keys if key.kind in _LAST)
        others = [self.seconds[key.kind] for key in keys if key.kind not in _LAST]
        at_once = seat_of(Stage.COMPOSITION).attempts
        return last + max(sum(others) / at_once, max(others, default=0.0))

    def _duration(self, keys: Sequence[AssetKey], scenes: int, models: Mapping[str, str]) -> float | None:
        """From submission to film: pictures beside voices, then what is rendered here."""
        if any(key.kind not in self.seconds for key in keys):
            return None

        def waves(kind: Kind) -> float:
            if not any(key.kind is kind for key in keys):
                return 0.0
            count = sum(key.kind is kind for key in keys)
            return self.seconds[kind] * math.ceil(count / Limit.concurrency)

        song = waves(Kind.MUSIC) if model_of(Kind.MUSIC, models) else 0.0
        answers = (
            waves(Kind.SCRIPT)
            + waves(Kind.ANALYSIS)
            + max(
                waves(Kind.STORYBOARD) + waves(Kind.IMAGE),
                waves(Kind.AUDIO_PLAN) + max(waves(Kind.NARRATION), song),
            )
        )
        answers += waves(Kind.SHOT)  # of both
        rendered = self._rendered([key for key in keys if model_of(key.kind, models) is None])
        return round(answers + rendered, 1) if scenes else None


def total(prices: Iterable[Price]) -> Price:
    return sum(prices, Price())


def _longest(kind: Kind, script: str, scenes: int, images: int) -> tuple[int, int]:  # noqa: PLR0911 - one for each kind
    """Prompt and answer tokens, at most, of all calls of a kind together; without thoughts."""
    text = most_tokens(script)
    head = OVERHEAD_TOKENS + _TEMPLATE_TOKENS
    analysis = script_analyst.most_answer_tokens(images)
    match kind:
        case Kind.SCRIPT:  # its prompt tells the topic in place of the text
            words = math.ceil(word_count(script))
            return head + 4 * MOST_TOPIC_CHARACTERS, script_writer.most_answer_tokens(words)
        case Kind.ANALYSIS:
            return head + text, analysis
        case Kind.STORYBOARD:
            return head + text + analysis, storyboard_artist.most_answer_tokens(images, motion=True)
        case Kind.AUDIO_PLAN:
            return head + text + analysis, audio_planner.most_answer_tokens(scenes)
        case Kind.IMAGE:
            # The storyboard holds all prompts, and its style is said once more with each of them.
            beside = script_analyst.MOST_REFERENCES * PICTURE_TOKENS
            return (
                (head + beside) * images + storyboard_artist.most_answer_tokens(images),
                illustrator.MAX_OUTPUT_TOKENS * images,
            )
        case Kind.MUSIC:
            return head, 0  # sold by the song
        case _:
            return head * scenes + text, narrator.most_answer_tokens(script, scenes)
