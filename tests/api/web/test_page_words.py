"""The page's scripts repeat some lists of the domain; here they are held to it, word by word.

Nothing is built, so the scripts are read as they are served.
"""

import re
from typing import get_args

from api.http.parameters import STATUSES
from api.http.problems import TITLES
from api.http.schema.estimates import Basis
from api.http.schema.events import EVENT_TYPES
from api.http.schema.jobs import Part, StageState
from api.http.schema.models import ModelKind
from api.http.schema.webhooks import DeliveryStatus
from api.web.pages import STATIC
from domain import webhook
from domain.script import Kind, Stage
from domain.statuses import JobStatus
from domain.submission import Models, Options, Submission


def script(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


def block(name: str, begin: str, end: str) -> str:
    """What stands between two texts of a script."""
    found = re.search(rf"{re.escape(begin)}(.*?){re.escape(end)}", script(name), re.DOTALL)
    assert found, f"{name} has no {begin!r} any more; hold its list to the domain where it stands now"
    return found[1]


def keys(text: str) -> list[str]:
    """The names of an object that stand at the beginning of a line."""
    return re.findall(r"^\t+(\w+)(?=:|\(\) \{)", text, re.MULTILINE)


def inline_keys(text: str) -> list[str]:
    return re.findall(r"(\w+):", text)


def quoted(text: str) -> list[str]:
    return re.findall(r"'([\w:]*)'", text)


def test_every_type_of_event_is_listened_for() -> None:
    families = re.findall(r"(\w+): '([^']*)'", block("live.js", "const TYPES = {", "}"))
    listened = [f"{family}.{name}" for family, names in families for name in names.split()]
    assert sorted(listened) == sorted(EVENT_TYPES), "an event that nobody listens for never reaches the page"


def test_webhooks_are_offered_every_event_of_a_job_and_begin_with_the_usual_ones() -> None:
    assert [f"job.{name}" for name in keys(block("views/webhooks.js", "const EVENTS = {", "\n}"))] == list(
        webhook.EVENT_TYPES
    )
    usual = quoted(block("views/webhooks.js", "const USUAL = [", "]"))
    assert sorted(f"job.{name}" for name in usual) == sorted(webhook.DEFAULT_EVENTS)
    states = inline_keys(block("views/webhooks.js", "const STATES = {", "}"))
    assert states == list(get_args(DeliveryStatus))


def test_every_event_of_an_asset_is_folded() -> None:
    folded = keys(block("fold.js", "const STEPS = {", "\n}\n"))
    assert sorted(f"asset.{name}" for name in folded) == sorted(
        name for name in EVENT_TYPES if name.startswith("asset.")
    )


def test_no_script_names_an_event_that_there_is_not() -> None:
    scripts = [path.read_text(encoding="utf-8") for path in STATIC.rglob("*.js")]
    named = {name for text in scripts for name in re.findall(r"'((?:job|asset)\.[a-z_]+)'", text)}
    assert named
    assert named <= set(EVENT_TYPES)


def test_every_stage_has_a_name_in_the_order_of_the_work() -> None:
    assert keys(block("core.js", "const STAGES = {", "\n}")) == [stage.value for stage in Stage]


def test_stages_by_the_kind_of_their_model_are_stages() -> None:
    named = inline_keys(block("views/failure.js", "stage && ({", "}"))
    assert set(named) <= {stage.value for stage in Stage}


def test_statuses_of_jobs_are_the_domains() -> None:
    assert quoted(block("views/jobs.js", "const FILTERS = [", "]")) == ["", *STATUSES]
    assert quoted(block("core.js", "ended = (status) => [", "]")) == [
        status for status in JobStatus if status.ended
    ]
    assert set(inline_keys(block("core.js", "const STATUS = {", "}"))) <= set(STATUSES)


def test_statuses_of_stages_and_assets_are_the_domains() -> None:
    of_stages = get_args(StageState.model_fields["status"].annotation)
    of_assets = get_args(Part.model_fields["status"].annotation)
    assert set(inline_keys(block("views/stages.js", "const WORDS = {", "}"))) <= set(of_stages)
    assert set(inline_keys(block("core.js", "const SIGNS = {", "}"))) <= {*STATUSES, *of_stages, *of_assets}
    named = re.findall(r"status === '(\w+)'", script("views/scenes.js"))
    assert named
    assert set(named) <= {*STATUSES, *of_assets}


def test_kinds_of_assets_are_the_domains() -> None:
    kinds = {kind.value for kind in Kind}
    assert quoted(block("views/scenes.js", "const PARTS = [", "]")) == ["image", "shot", "narration", "clip"]
    for name, begin, end in (
        ("views/scenes.js", "const PARTS = [", "]"),
        ("views/player.js", "= [", "].map((kind)"),
    ):
        assert set(quoted(block(name, begin, end))) <= kinds
    assert set(inline_keys(block("views/plans.js", "const PARTS = {", "}"))) <= kinds


def test_kinds_of_models_are_the_domains() -> None:
    asked = list(Models.model_fields)
    assert keys(block("models.js", "const KINDS = {", "\n}")) == asked
    assert asked == [kind for kind in get_args(ModelKind) if kind in asked]


def test_the_form_has_only_fields_that_a_submission_has() -> None:
    form = script("views/submit.js")
    options = re.findall(r"(?:option|tick)\('(\w+)'", form) + re.findall(r"'/options/(\w+)'", form)
    assert options
    assert set(options) <= set(Options.model_fields)
    assert set(re.findall(r"field\('/(\w+)'", form)) <= set(Submission.model_fields)
    forked = re.findall(r"option\('(\w+)'", script("views/plans.js"))
    assert forked
    assert set(forked) <= set(Options.model_fields)


def test_what_an_estimate_rests_on_is_the_apis_word() -> None:
    named = re.findall(r"basis === '(\w+)'", script("views/submit.js"))
    assert named
    assert set(named) <= set(get_args(Basis))


def test_codes_of_problems_are_the_apis() -> None:
    named = re.findall(r"code === '(\w+)'", script("live.js"))
    assert named
    assert set(named) <= set(TITLES)
