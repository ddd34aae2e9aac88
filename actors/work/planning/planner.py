"""What the API may ask of those who do the work, before any of it is asked for: recipes, prices, forks.

Nothing here calls a provider or writes an event. Composition makes one of these at its first use, because the
stages' modules load what draws and encodes, which a server need not wait for.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from actors.gemini.gateway import Gateway
from actors.stages.checks.languages import primary
from actors.work.asking import Asking
from actors.work.briefing import EDITED, brief_of, edited, plan_of, recipe_of, sources_of
from actors.work.planning.forecast import Calls, Forecast, Forecaster, Price, total
from actors.work.planning.fork import Fork, fork
from actors.work.planning.shot_prices import ShotPrices
from actors.work.provider_call import Provider
from actors.work.stage import Plan, StageActor
from domain.analysis_facts import analysis_facts
from domain.asset import Asset, AssetKey, Recipe
from domain.beats import LONGEST_S
from domain.expectation import MODALITY, counted, model_of
from domain.film import Film
from domain.film_graph import (
    ANALYSIS,
    Assets,
    guessed_scenes,
    scene_facts,
    scenes_in,
    written_script,
)
from domain.given_assets import given_keys
from domain.given_scenes import GivenScene
from domain.job import Job
from domain.ports import BlobStore
from domain.pricing import PriceBook
from domain.script import Kind, Stage
from domain.spoken import reading_s
from domain.store import Studio
from domain.submission import Options, Submission
from domain.topic import ScriptOrigin

StageActors = Callable[[Provider, Studio, Callable[[], datetime]], Mapping[Stage, StageActor]]


class Planning:
    """The crew's ``stages`` only plan here. ``calls`` are those on record, by kind of asset and model."""

    def __init__(
        self,
        stages: StageActors,
        studio: Studio,
        blobs: BlobStore,
        prices: PriceBook,
        clock: Callable[[], datetime],
        asking: Asking | None = None,
    ) -> None:
        self._blobs = blobs
        self._prices = prices
        self._clock = clock
        self._asking = asking or Asking()
        self._provider = Provider(_nobody, prices, clock, self._asking)
        self.stages = stages(self._provider, studio, clock)

    def forecast(
        self,
        script: str,
        models: Mapping[str, str],
        options: Options,
        *,
        scenes: Sequence[GivenScene] = (),
        there: Collection[AssetKey] | None = None,
        origin: ScriptOrigin = "submitted",
        calls: Calls,
        seconds: Mapping[Kind, float],
    ) -> Forecast:
        """``scenes``: as the author brought them. ``there``: what nobody has to make, None: what came so.

        ``origin``: whether the script is still to be written.
        """
        given = given_keys(scenes) if there is None else there
        return self._forecaster(calls, seconds).job(script, models, options, scenes, given, origin)

    def _forecaster(self, calls: Calls, seconds: Mapping[Kind, float]) -> Forecaster:
        return Forecaster(self._prices, self._clock(), calls, seconds, self._asking.thinking)

    def price(
        self,
        keys: Iterable[AssetKey],
        job: Job,
        assets: Assets,
        *,
        settled: Mapping[AssetKey, float | None],
        calls: Calls,
    ) -> Price:
        """What it takes to make these assets of a job once. ``settled`` are the reservations known already.

        Expected is what an asset cost when it was made last, else what such calls take.
        """
        forecaster = self._forecaster(calls, {})
        film_scenes = scenes_in(assets) or guessed_scenes(1)
        images = sum(scene.beats for scene in film_scenes)
        script, prices = written_script(assets) or job.expected_script, []
        for key in keys:
            model = model_of(key.kind, job.models)
            if model is None:
                continue
            if key.kind is Kind.SHOT:
                prices.append(self._shot_price(key, model, job, assets, settled.get(key)))
                continue
            counts = (len(film_scenes), images) if MODALITY[key.kind] == "TEXT" else (1, 1)
            most = settled[key] if key in settled else forecaster.most(key.kind, model, script, counts)
            scenes = counted(key.kind, len(film_scenes), images)
            price = forecaster.call(key.kind, model, _text_bytes(key, job, assets), scenes, most)
            asset = assets.get(key)
            # The latest that was made: what is asked for again has no product of its own yet.
            product = asset.products[max(asset.products)] if asset and asset.products else None
            before = asset is not None and asset.recipe.model == model and not _says_otherwise(asset, assets)
            paid = product is not None and not product.reused and not product.provided
            if before and paid and product is not None and product.cost_usd is not None:
                price = replace(price, usd=product.cost_usd)
            prices.append(price)
        return total(prices)

    def _shot_price(
        self, key: AssetKey, model: str, job: Job, assets: Assets, settled: float | None
    ) -> Price:
        """By its share of its scene's words; ``settled`` is its reservation where that is known."""
        facts = scene_facts(assets, key.scene or 0)
        beats = len(facts.get("beats", ())) if facts else 0
        seen_s = reading_s(facts["text"]) / job.options.pace / max(1, beats) if facts else LONGEST_S
        by = ShotPrices(self._prices, self._clock(), model, job.options)
        usd = by.expected_usd([by.asked_s(seen_s)])
        most = by.at_most_usd(seen_s, 1) if settled is None else settled
        return Price(usd, None if usd is None else most, int(usd is None))

    def fork(
        self,
        source: Film,
        submission: Submission,
        prompts: Mapping[AssetKey, str],
        translated_from: str | None = None,
    ) -> Fork:
        """See ``actors/work/planning/fork.py``."""
        return fork(
            source,
            submission,
            prompts,
            stages=self.stages,
            blobs=self._blobs,
            reserve=self.reserve,
            translated_from=translated_from,
        )

    def translated_from(self, source: Film, language: str | None) -> str | None:
        """The language of a film's words, where that is not the one that is asked for; None where it is."""
        product = source.assets[ANALYSIS].product if ANALYSIS in source.assets else None
        if product is None or language is None:
            return None
        own = analysis_facts(product.facts)["language"]
        return own if primary(own) != primary(language) else None

    def again(self, film: Film, key: AssetKey, prompt: str | None) -> Recipe:
        """An asset's recipe for another revision, at today's price; its prompt is stored.

        It is the recorded one, with another prompt where one is given. One whose prompt is of another version
        of ours is planned anew: this version may ask, and read the answer, in another way. Raises what a
        planner raises (AttemptFailedError). What a person gave is asked for as if it had never been made.
        """
        asset = film.assets[key]
        inputs = film.inputs(key)
        made = all(needed in film.assets and film.assets[needed].product for needed in inputs)
        recipe = self._afresh(film, key) if asset.is_provided and made else asset.recipe
        if prompt is not None and recipe.model is not None:
            plan = Plan(recipe.model, prompt, None, recipe.parameters)
            price = self.reserve(recipe.model, prompt, recipe.parameters)
            return recipe_of(edited(plan, prompt, price), self._blobs)
        if made and recipe.prompt_version not in (None, EDITED):
            today = self._afresh(film, key)
            if today.prompt_version != recipe.prompt_version:
                return today
        return replace(recipe, reservation_usd=self._reservation(recipe))

    def _afresh(self, film: Film, key: AssetKey) -> Recipe:
        sources = sources_of(film.assets, [needed.name for needed in film.inputs(key)])
        return recipe_of(
            plan_of(self.stages, brief_of(film.job, film.assets), key, sources, self._blobs), self._blobs
        )

    def reserve(self, model: str, prompt: str, parameters: Mapping[str, Any]) -> float | None:
        """The worst case of one call with a recipe's parameters."""
        return self._provider.reservation_usd(model, prompt, parameters)

    def _reservation(self, recipe: Recipe) -> float | None:
        """The worst case of one call by today's prices; the recorded one may be of another day, or reused."""
        if recipe.model is None or recipe.prompt_digest is None:
            return recipe.reservation_usd
        prompt = self._blobs.get(recipe.prompt_digest).decode()
        return self.reserve(recipe.model, prompt, recipe.parameters)


def _says_otherwise(asset: Asset, assets: Assets) -> bool:
    """Whether a narration was spoken of other words than the scene's: what it cost tells nothing of these."""
    facts = scene_facts(assets, asset.key.scene or 0) if asset.key.kind is Kind.NARRATION else None
    said = asset.recipe.prompt_digest
    if facts is None or said is None:
        return False
    return said != f"sha256:{sha256(facts['text'].encode()).hexdigest()}"


def _text_bytes(key: AssetKey, job: Job, assets: Assets) -> int:
    """How long the text is that a call is about: a scene's own words for a narration, else the script."""
    facts = scene_facts(assets, key.scene) if key.kind is Kind.NARRATION and key.scene else None
    text: str = facts["text"] if facts is not None else written_script(assets) or job.expected_script
    return len(text.encode())


def _nobody() -> Gateway:
    raise AssertionError("planning calls no provider")
