"""How the stages judge a fork (``domain/fork.py``): whether an asset would be asked for as it was.

The same is the same model, prompt and parameters. Both recipes are planned now, one by the old brief and one
by the new, so that a fork after an upgrade does not pay for wordings that changed meanwhile. A person's own
prompt is kept too, and goes along where something else (a model, a shape) makes the asset anew.

Pure planning; whoever calls saves the new job and these assets in one transaction.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from actors.stages.checks.languages import primary
from actors.work.briefing import brief_of, edited, plan_of, recipe_of, sources_of
from actors.work.stage import Brief, Plan, Source, StageActor
from domain.asset import Asset, AssetKey
from domain.failures import AttemptFailedError
from domain.film import Film
from domain.film_graph import MUSIC, Assets, words_in
from domain.fork import WORDLESS, Judgement, NotForkableError, UnplannableError, plan_fork
from domain.fork import Fork as DomainFork
from domain.given_assets import given_keys
from domain.job import Job
from domain.ports import BlobStore
from domain.script import Kind, Stage
from domain.submission import Submission

__all__ = ["Fork", "NotForkableError", "fork"]

EDITED = "edited"

Reserve = Callable[[str, str, Mapping[str, Any]], float | None]
"""The worst case (USD) of one call: of a model, a prompt, and a recipe's parameters."""


@dataclass(frozen=True)
class Fork(DomainFork[Plan]):
    reserved: Mapping[AssetKey, float | None] = field(default_factory=dict)
    """The worst case of words that are written anew and can be asked for already, such as a translation."""

    def assets(self, job: Job, now: datetime, blobs: BlobStore) -> list[Asset]:
        """The events of the new job's assets, not yet saved; prompts are stored."""
        return self.events(job, now, lambda plan: recipe_of(plan, blobs))


def fork(
    source: Film,
    submission: Submission,
    prompts: Mapping[AssetKey, str],
    *,
    stages: Mapping[Stage, StageActor],
    blobs: BlobStore,
    reserve: Reserve,
    translated_from: str | None = None,
) -> Fork:
    """Plan what a job with this submission keeps of ``source``; ``prompts`` are a person's own.

    ``translated_from``: the language of its words, which are to be translated into the submission's.

    Raises NotForkableError, and BlobError where the source's inputs are gone.
    """
    old = brief_of(source.job, source.assets)
    new = replace(
        old,
        script=submission.script if submission.topic is None else old.script,
        language=submission.language,
        models=submission.models.named(submission.options, submission.scenes or ()),
        options=submission.options,
        given=replace(submission.given, translated_from=translated_from),
    )
    same_words = translated_from is not None or _names_the_same(new.language, source.assets)
    judge = _Judge(old, new, source.assets, prompts, stages, blobs, reserve, same_words)
    planned = plan_fork(
        source,
        submission.options,
        prompts,
        judge.judge,
        given=given_keys(submission.scenes or ()) | ({MUSIC} if submission.files.music else frozenset()),
        song=bool(new.models.get("music")),
        script=new.given.script_origin,
    )
    return Fork(**vars(planned), reserved=judge.reserved)


def _names_the_same(language: str | None, assets: Assets) -> bool:
    """Whether it is another tag of the language that was found, such as ``en-GB`` of ``en``."""
    learnt = words_in(assets)
    return language is not None and learnt is not None and primary(language) == primary(learnt["language"])


@dataclass
class _Judge:
    old: Brief
    new: Brief
    made: Assets
    prompts: Mapping[AssetKey, str]
    stages: Mapping[Stage, StageActor]
    blobs: BlobStore
    reserve: Reserve
    same_words: bool
    """What was analysed is not changed, only the language in which it is told, or how that is named."""
    reserved: dict[AssetKey, float | None] = field(default_factory=dict)

    def judge(self, key: AssetKey, inputs: list[AssetKey]) -> Judgement[Plan]:
        sources = sources_of(self.made, [needed.name for needed in inputs])
        new = self.new
        if self.same_words and key.kind in WORDLESS:
            # Asked for in the words that are there, as it was before.
            given = replace(new.given, translated_from=self.old.given.translated_from)
            new = replace(new, language=self.old.language, given=given)
        try:
            plan = plan_of(self.stages, new, key, sources, self.blobs)
        except AttemptFailedError as error:
            message = f"{key.name}: {error.failure.message} {error.failure.hint}"
            raise UnplannableError("", message) from error
        if key in self.prompts and plan.prompt is None:
            raise UnplannableError(f"/prompts/{key.name}", f"{key.name}: it is made here and has no prompt")
        alike = not self._says_otherwise(key) and _alike(plan, self._old_plan(key, sources))
        if key.kind is Kind.SCRIPT and not alike:
            self.reserved[key] = plan.reservation_usd
        return Judgement(alike, lambda: self._asked(key, plan))

    def _asked(self, key: AssetKey, plan: Plan) -> Plan | None:
        prompt = self.prompts.get(key) or self._edited_before(key)
        if prompt is None or plan.model is None:
            return None
        return edited(plan, prompt, self.reserve(plan.model, prompt, plan.parameters))

    def _says_otherwise(self, key: AssetKey) -> bool:
        """Whether a prompt is given that is not the one on record."""
        given, asset = self.prompts.get(key), self.made.get(key)
        return given is not None and (asset is None or digest_of(given) != asset.recipe.prompt_digest)

    def _edited_before(self, key: AssetKey) -> str | None:
        asset = self.made.get(key)
        digest = asset.recipe.prompt_digest if asset else None
        if asset is None or digest is None or asset.recipe.prompt_version != EDITED:
            return None
        if key.kind is Kind.SCRIPT and self.new.language != self.old.language:
            return None  # it was about another language
        return self.blobs.get(digest).decode()

    def _old_plan(self, key: AssetKey, sources: tuple[Source, ...]) -> Plan | None:
        old = self.old
        if key.kind is Kind.ANALYSIS:
            # Of a film that moves it is told how long shots are; it serves the other as well, and is kept.
            motion = {"motion": self.new.options.motion}
            models = old.models | {k: name for k, name in self.new.models.items() if k == "video"}
            old = replace(old, options=old.options.model_copy(update=motion), models=models)
        try:
            return plan_of(self.stages, old, key, sources, self.blobs)
        except AttemptFailedError:
            return None  # it could not be asked for today as it was


def _alike(plan: Plan, other: Plan | None) -> bool:
    return other is not None and (plan.model, plan.prompt, plan.parameters) == (
        other.model,
        other.prompt,
        other.parameters,
    )


def digest_of(text: str) -> str:
    return "sha256:" + sha256(text.encode()).hexdigest()
