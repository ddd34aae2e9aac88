"""Whether what is asked for can be had: everything that would fail later, told before a job is accepted.

A submission is well formed when its fields are; it is *acceptable* when its models are offered and do what
their stages need, the chosen SDK can say all of it, the voice exists, and a budget rests on known prices.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from api.cases.callers import LOCAL
from api.cases.errors import FieldError, NoPriceError, refuse
from api.cases.own_files import named_files
from api.cases.presets import resolved
from api.cases.validation import read_submission
from api.composition import System
from domain.default_models import DEFAULT_MODELS, ModelKind
from domain.film_graph import Scene
from domain.given_assets import film_scenes
from domain.given_scenes import GivenScene
from domain.job import Job
from domain.notices import SHIPPED_MODELS, UNCHECKED, Notice, notices
from domain.script_forms.reading import read_script
from domain.submission import Options, Submission, moves


def checked(system: System, value: Any, caller: str = LOCAL) -> Submission:
    """The submission that was sent; Faults with everything that is wrong with it. Blocks."""
    value = resolved(system, value, caller)
    submission, faults, unnamed = read_submission(value)
    if submission is not None:
        # Also a model that these options happen not to ask must exist.
        faults = [
            *unacceptable(system, submission, tuple(DEFAULT_MODELS)),
            *named_files(system, submission, [caller])[1],
        ]
    else:
        # What can be checked of it is checked, so that a form need not be corrected twice.
        faulty = {fault.pointer for fault in faults}
        models = _strings(value.get("models")) if isinstance(value, dict) else {}
        faults += [fault for fault in system.models.faults(models) if fault.pointer not in faulty]
    refuse(faults, unnamed)
    assert submission is not None
    return submission


def kinds_of(options: Options, scenes: Sequence[GivenScene] = ()) -> tuple[ModelKind, ...]:
    """The kinds of models that a film with these options asks, as far as it names them."""
    spoken: tuple[ModelKind, ...] = ("speech",) if options.has_narration else ()
    filmed: tuple[ModelKind, ...] = ("video",) if moves(options, scenes) else ()
    played: tuple[ModelKind, ...] = ("music",) if options.has_music else ()
    return ("text", "image", *spoken, *filmed, *played)


def unacceptable(system: System, submission: Submission, kinds: Collection[ModelKind]) -> list[FieldError]:
    """What cannot be had of a well-formed submission that asks models of these ``kinds``. Blocks."""
    models = submission.models.named(submission.options, submission.scenes or ())
    named: dict[str, str] = {kind: models[kind] for kind in kinds if kind in models}
    faults = system.models.faults(named, submission.options.aspect_ratio)
    faulty = {fault.pointer for fault in faults}
    needed = kinds_of(submission.options, submission.scenes or ())
    asked = [kind for kind in kinds if kind in models and kind in needed]
    faults += [fault for fault in system.unmet(submission, asked) if fault.pointer not in faulty]
    return [
        *faults,
        *undrawable_script(system, submission),
        *unpriced(system, submission.max_cost_usd, models, asked),
    ]


def undrawable_script(system: System, submission: Submission) -> list[FieldError]:
    """Letters that could not be burned in: a caption without them would say something else."""
    if submission.options.captions != "burned":
        return []
    language, form = submission.language or "", submission.options.script_form
    texts = {f"/scenes/{place}/text": scene.text for place, scene in enumerate(submission.scenes or ())}
    found = (
        (pointer, undrawable(system, read_script(text, form).spoken_text, language))
        for pointer, text in (texts or {"/script": submission.script}).items()
    )
    return [FieldError(pointer, message) for pointer, message in found if message]


def undrawable(system: System, text: str, language: str) -> str | None:
    """Which letters of a text no font draws, and what to do; None where captions can show all."""
    letters, _ = system.undrawable(text, language)
    if not letters:
        return None
    return (
        f"no font has {len(letters)} of its letters, so captions cannot show them: {shown(letters)}; "
        "take them out, or set captions to sidecar or none"
    )


def _spoken(submission: Submission) -> str:
    return read_script(submission.script, submission.options.script_form).spoken_text


def notices_of(system: System, submission: Submission) -> list[dict[str, str]]:
    """What a person should know of a film before it is paid for, as ``{code, message}``. Blocks."""
    found = [UNCHECKED] if submission.topic else notices(submission.script, submission.options.script_form)
    if submission.topic is None and submission.options.captions == "burned":
        _, signs = system.undrawable(_spoken(submission), submission.language or "")
        if signs:
            message = f"Not in the picture, as no font has them: {shown(signs)}. Caption files have them."
            found.append(Notice("signs_not_drawn", message))
    if system.models.catalogue().source == "shipped":
        found.append(SHIPPED_MODELS)
    return [notice.to_dict() for notice in found]


def shown(characters: Sequence[str]) -> str:
    """The first few characters, each with its code point."""
    return ", ".join(f"{character} (U+{ord(character):04X})" for character in characters[:12])


def unpriced(
    system: System, budget: float | None, models: Mapping[str, str], kinds: Collection[ModelKind]
) -> list[FieldError]:
    """A budget can be kept only where each call's worst case is known before it is made."""
    now, unknown = system.clock(), []
    for kind in kinds:
        name = models.get(kind)
        price = system.prices.price(name, now) if name else None
        # A song has no limit of tokens, so that only a price of its own tells what one costs at the most.
        if name and (price is None or (kind == "music" and price.item is None)):
            unknown.append(name)
    if budget is None or not unknown:
        return []
    named = " and ".join(dict.fromkeys(unknown))
    message = (
        f"max_cost_usd is {budget:g}, and {named} has no known price, so no budget can be kept; leave it "
        "out, choose models with a price, or add a price to the file that REELOG_PRICES names"
    )
    return [NoPriceError("/max_cost_usd", message)]


def within(system: System, submission: Submission, left: float | None) -> Submission:
    """The submission with at most ``left`` as its cap, which needs prices; None: as it is."""
    own = submission.max_cost_usd
    if left is None or (own is not None and own <= left):
        return submission
    models = submission.models.named(submission.options, submission.scenes or ())
    refuse(unpriced(system, left, models, kinds_of(submission.options, submission.scenes or ())))
    return submission.model_copy(update={"max_cost_usd": left})


def job_of(
    system: System,
    job_id: UUID,
    wanted: Submission,
    *,
    caller: str = LOCAL,
    fingerprint: str | None = None,
    scenes: Sequence[Scene] | None = None,
    forked_from: dict[str, Any] | None = None,
    translated_from: str | None = None,
    traceparent: str | None = None,
) -> Job:
    """The job that an accepted submission asks for, unsaved; ``scenes``: these, where known.

    ``translated_from``: the language of its words, where these are to be translated.
    """
    models = wanted.models.named(wanted.options, wanted.scenes or ())
    given = replace(wanted.given, translated_from=translated_from)
    weights = system.readers.weights(
        wanted.expected_script, models, wanted.options, system.provider, given.script_origin
    )
    if scenes is None and wanted.scenes:
        scenes = film_scenes(wanted.scenes)
    if scenes is not None:
        weights |= {"scenes": len(scenes), "images": sum(scene.beats for scene in scenes)}
    return Job.submit(
        job_id,
        now=system.clock(),
        script=wanted.script,
        language=wanted.language,
        models=models,
        options=wanted.options.model_dump(mode="json"),
        provider=system.provider,
        max_cost_usd=wanted.max_cost_usd,
        priority=wanted.priority,
        metadata=wanted.metadata,
        weights=weights,
        fingerprint=fingerprint,
        forked_from=forked_from,
        notices=notices_of(system, wanted),
        given=given,
        caller=caller,
        traceparent=traceparent,
    )


def _strings(models: Any) -> dict[str, str]:
    """Those of the named models that can be checked though the rest of the submission is wrong."""
    if not isinstance(models, dict):
        return {}
    return {kind: name for kind, name in models.items() if isinstance(name, str) and name}
