"""Estimate what a job would cost and take, before it is submitted: the same body, checked the same way."""

from dataclasses import dataclass
from typing import Any

from api.cases.acceptance import checked, notices_of
from api.cases.callers import LOCAL
from api.cases.preview import calls_of
from api.composition import System
from domain.notices import describe
from domain.script_forms.reading import read_script
from domain.submission import Submission


@dataclass(frozen=True)
class EstimateRequest:
    """``value`` is the JSON of a submission, as it came."""

    value: Any
    caller: str = LOCAL


@dataclass(frozen=True)
class Estimate:
    provider: str
    max_cost_usd: float | None
    forecast: dict[str, Any]
    """Scenes, cost and seconds, in all and by stage."""
    script: dict[str, Any]
    """How the script was understood: its form, who speaks, what is not spoken."""
    notices: list[dict[str, str]]

    def to_json(self) -> dict[str, Any]:
        about = {"provider": self.provider, "max_cost_usd": self.max_cost_usd}
        return about | self.forecast | {"script": self.script, "notices": self.notices}


def estimate(system: System, request: EstimateRequest) -> Estimate:
    """Reckon; nothing is begun. Faults name all that is wrong with the submission; blocks."""
    return estimate_of(system, checked(system, request.value, request.caller))


def estimate_of(system: System, submission: Submission) -> Estimate:
    """Reckon one that was checked. Blocks."""
    models = submission.models.named(submission.options, submission.scenes or ())
    forecast = system.planning.forecast(
        submission.expected_script,
        models,
        submission.options,
        scenes=submission.scenes or (),
        origin=submission.given.script_origin,
        calls=calls_of(system, system.provider),
        seconds=system.readers.seconds(models, submission.options, system.provider),
    )
    notices = notices_of(system, submission)
    understood = describe(read_script(submission.script, submission.options.script_form))
    return Estimate(system.provider, submission.max_cost_usd, forecast.to_dict(), understood, notices)
