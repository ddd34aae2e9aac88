"""What is asked for and how, what it may cost, and the orders that workers are given."""

import logging
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from actors.blobs.errors import BlobCorruptError, BlobMissingError, BlobStoreUnavailableError
from actors.director.cases import Case
from actors.director.prompts import Prompts
from actors.work.briefing import EDITED, brief_of, edited, plan_of, recipe_of, sources_of
from actors.work.next_attempt import failures_of, next_recipe, note_for_next
from actors.work.stage import Order, Plan, Resume, StageActor
from domain.asset import Asset, Recipe
from domain.failures import AttemptFailedError, Code, Failure
from domain.ports import BlobStore
from domain.script import Stage
from domain.workflow import CancelCall, OrderAttempt, RequestAsset, ResumeAttempt

log = logging.getLogger("reelog.director")

Reserve = Callable[[str, str, Mapping[str, Any]], float | None]
"""The worst case of one call now, by model, prompt and parameters."""


class Orders:
    """``reserve`` gives what tells the worst case of a call; None: it is as it was when requested."""

    def __init__(
        self,
        blobs: BlobStore,
        stages: Mapping[Stage, StageActor],
        *,
        reserve: Callable[[], Reserve | None],
        clock: Callable[[], datetime],
    ) -> None:
        self._blobs = blobs
        self._stages = stages
        self._reserve = reserve
        self._clock = clock
        self._prompts = Prompts(blobs)
        self._priced: dict[tuple[UUID, int, int], float | None] = {}
        """What the calls of ``_priced_on`` reserve, by asset, revision, and attempts made."""
        self._priced_on: date | None = None

    def store_prompts(self) -> None:
        """Of all recipes since the last time; before an event names one."""
        self._prompts.store()

    def price(self, asset: Asset) -> float | None:
        """What an attempt may cost if it is ordered now; prices change from one day to the next."""
        recipe, today, reserve = next_recipe(asset), self._clock().date(), self._reserve()
        if reserve is None or not asset.is_paid or recipe.model is None or recipe.prompt_digest is None:
            return recipe.reservation_usd
        if today != self._priced_on:
            self._priced.clear()
            self._priced_on = today
        place = asset.id, asset.revision, len(asset.attempts)
        if place not in self._priced:
            try:
                prompt = self._blobs.get(recipe.prompt_digest).decode()
            except (BlobMissingError, BlobCorruptError):
                return recipe.reservation_usd  # the attempt will meet it too, and tell
            said = prompt + note_for_next(asset)
            self._priced[place] = reserve(recipe.model, said, recipe.parameters)
        return self._priced[place]

    def recipe(self, case: Case, asked: RequestAsset) -> Recipe:
        """How the asset would be asked for now; AttemptFailedError where it cannot be planned."""
        sources = sources_of(case.film.assets, [one.name for one in asked.inputs])
        try:
            plan = plan_of(
                self._stages, brief_of(case.job, case.film.assets), asked.key, sources, self._blobs
            )
            return recipe_of(self._as_asked_before(case, asked, plan), self._prompts)
        except (AttemptFailedError, BlobStoreUnavailableError):
            raise
        except Exception as error:
            # One job that cannot be planned must not stop all others; it fails with what was caught.
            log.exception("planning %s of job %s failed", asked.key.name, case.job.id)
            message = f"{type(error).__name__}: {error}"
            told = {"traceback": traceback.format_exception(error)[-12:]}
            raise AttemptFailedError(Failure.of(Code.INTERNAL_ERROR, message, details=told)) from error

    def _as_asked_before(self, case: Case, asked: RequestAsset, plan: Plan) -> Plan:
        """With the prompt of a person where that was never carried out: it failed, or the job ended before.

        Not where it is made from something else by now, of which that prompt does not know.
        """
        asset = case.film.assets.get(asked.key)
        if asset is None or asset.product is not None or asset.recipe.prompt_version != EDITED:
            return plan
        digest = asset.recipe.prompt_digest
        if plan.model is None or digest is None or case.film.is_outdated(asset):
            return plan
        prompt, reserve = self._blobs.get(digest).decode(), self._reserve()
        usd = reserve(plan.model, prompt, plan.parameters) if reserve else asset.recipe.reservation_usd
        return edited(plan, prompt, usd)

    def order(self, case: Case, decision: OrderAttempt | ResumeAttempt | CancelCall) -> Order:
        """The same for an attempt that is gone on with as it was for the worker before: it is one attempt."""
        asset = case.film.assets[decision.key]
        if isinstance(decision, OrderAttempt):
            reserve_usd, resume = decision.reserve_usd, None
        else:
            attempt = asset.attempt(decision.revision, decision.attempt)
            reserve_usd = attempt.reserved_usd if attempt is not None else None
            resume = Resume(decision.resumes, cancel=isinstance(decision, CancelCall))
        return Order(
            brief=brief_of(case.job, case.film.assets),
            key=decision.key,
            revision=decision.revision,
            attempt=decision.attempt,
            recipe=_reserving(next_recipe(asset), reserve_usd),
            sources=sources_of(case.film.assets, asset.inputs),
            causation=case.film.causes.get(decision.key, case.film.cause),
            note=note_for_next(asset),
            failures=tuple(failures_of(asset)),
            resume=resume,
        )


def _reserving(recipe: Recipe, usd: float | None) -> Recipe:
    return recipe if recipe.reservation_usd == usd else replace(recipe, reservation_usd=usd)
