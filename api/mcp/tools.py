"""The tools: for each a name, a form and a few lines over what can be asked of Reelog.

What only looks costs nothing and says so in its annotations. What costs something goes through
``spending.py``, which tells the price first.
"""

import json
import math
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from anyio import move_on_after, to_thread
from mcp.types import CallToolResult, ContentBlock, TextContent, Tool
from pydantic import BaseModel

from api.cases.errors import Faults
from api.cases.validation import validated
from api.mcp import arguments as forms
from api.mcp.films import Films
from api.mcp.hints import HINTS, Does
from api.mcp.pictures import links_of, shown
from api.mcp.spending import budget_within, limit_of, spend

Json = dict[str, Any]
M = TypeVar("M", bound=BaseModel)

STILL = ("queued", "running")
"""A job of these goes on, unless it is set aside."""
BRIEF = ("id", "status", "title", "stage", "progress", "eta_s", "created_at", "review", "set_aside", "cost")
"""What a list tells of each job."""

Report = Callable[[float, float | None, str | None], Awaitable[None]]
"""Takes how far it is, of how much, and in words."""


@dataclass(frozen=True)
class Call:
    """Who answers, what was sent, what settings allow to be spent, and where progress is told."""

    films: Films
    sent: Json
    most_usd: float | None
    report: Report

    async def read(self, form: type[M], *names: str) -> M:
        """What was sent, or what of it has these names, as a form; judged in a thread, as it may be large."""
        sent = {name: self.sent[name] for name in names if name in self.sent} if names else self.sent
        return await to_thread.run_sync(validated, sent, form)

    def asked(self, tool: str) -> Json:
        """What a quote stands for."""
        return {"tool": tool, **{name: value for name, value in self.sent.items() if name != "quote"}}


async def estimate(call: Call) -> CallToolResult:
    return answer(await call.films.estimate(call.sent))


async def submit(call: Call) -> CallToolResult:
    body = dict(call.sent)
    quote = body.pop("quote", None)
    told = await call.read(forms.Spending, *forms.Spending.model_fields)
    films, limit = call.films, limit_of(told.max_cost_usd, call.most_usd)
    if told.max_cost_usd is None and body.get("preset") is not None:
        # The cap of a preset holds as well: what is said beside a preset would go before it.
        preset = (await films.estimate(body))["max_cost_usd"]
        limit = limit if preset is None else min(limit, preset)
    body["max_cost_usd"] = limit
    return noted(
        films,
        await spend(
            call.asked("submit"),
            quote,
            limit,
            limit,
            price=lambda _key, _budget: films.estimate(body),
            begin=lambda key, _budget: films.submit(body, key),
        ),
    )


async def approve(call: Call) -> CallToolResult:
    asked = await call.read(forms.ApproveJob)
    films, limit = call.films, limit_of(asked.max_cost_usd, call.most_usd)
    budget = budget_within(await films.job(asked.job_id), limit)
    return noted(
        films,
        await spend(
            call.asked("approve"),
            asked.quote,
            limit,
            budget,
            price=lambda key, budget: films.approve(asked.job_id, body_of(budget, dry_run=True), key),
            begin=lambda key, budget: films.approve(asked.job_id, body_of(budget), key),
        ),
    )


async def retry(call: Call) -> CallToolResult:
    asked = await call.read(forms.RetryJob)
    films, limit = call.films, limit_of(asked.max_cost_usd, call.most_usd)
    budget = budget_within(await films.job(asked.job_id), limit)
    return noted(
        films,
        await spend(
            call.asked("retry"),
            asked.quote,
            limit,
            budget,
            price=lambda key, budget: films.retry(asked.job_id, body_of(budget, dry_run=True), key),
            begin=lambda key, budget: films.retry(asked.job_id, body_of(budget), key),
        ),
    )


async def regenerate(call: Call) -> CallToolResult:
    asked = await call.read(forms.RegenerateAsset)
    films, limit = call.films, limit_of(asked.max_cost_usd, call.most_usd)
    job = await films.job(UUID((await films.asset(asked.asset_id))["job_id"]))
    # One that waits for review goes on with the budget that it has, so the worst case must be within.
    budget = None if job["status"] == "awaiting_review" else budget_within(job, limit)
    prompt = {} if asked.prompt is None else {"prompt": asked.prompt}
    return noted(
        films,
        await spend(
            call.asked("regenerate"),
            asked.quote,
            limit,
            budget,
            price=lambda key, budget: films.regenerate(
                asked.asset_id, prompt | body_of(budget, dry_run=True), key
            ),
            begin=lambda key, budget: films.regenerate(asked.asset_id, prompt | body_of(budget), key),
        ),
    )


async def cancel(call: Call) -> CallToolResult:
    return answer(await call.films.cancel((await call.read(forms.OfJob)).job_id))


async def rename(call: Call) -> CallToolResult:
    asked = await call.read(forms.RenameJob)
    return answer(await call.films.rename(asked.job_id, asked.title))


async def status(call: Call) -> CallToolResult:
    asked = await call.read(forms.GetStatus)
    asked.require_one_question()
    if asked.job_id is not None:
        return answer(await call.films.job(asked.job_id))
    jobs = await call.films.jobs(asked.wanted(), asked.limit)
    return answer({"jobs": [{name: job[name] for name in BRIEF} for job in jobs]})


async def wait(call: Call) -> CallToolResult:
    asked = await call.read(forms.WaitForJob)
    films = call.films
    job = await films.job(asked.job_id)
    at = job["progress"]
    await call.report(at, 1.0, f"{job['status']}: {job['stage'] or 'not begun'}")
    with move_on_after(asked.timeout_s):
        async with aclosing(films.events(asked.job_id, job["position"])) as events:
            while _goes_on(job):
                event = await anext(events, None)
                if event is None:
                    break
                # Clients expect each to be more than the one before; events of one stage may be as far.
                at = max(event["progress"], math.nextafter(at, math.inf))
                await call.report(at, 1.0, event["message"])
                if event["type"] in ENDS:
                    job = await films.job(asked.job_id)
    job = await films.job(asked.job_id)
    return answer({"waiting": _goes_on(job), "job": job})


def _goes_on(job: Json) -> bool:
    """Of one that is set aside nothing more is told until a person has mended it."""
    return job["status"] in STILL and not job["set_aside"]


async def scenes(call: Call) -> CallToolResult:
    asked = await call.read(forms.GetScenes)
    job = await call.films.job(asked.job_id)
    if asked.scene is None:
        links = [link for scene in job["scenes"] for link in links_of(scene)]
        return answer({"scenes": job["scenes"]}, *links)
    found = [scene for scene in job["scenes"] if scene["scene"] == asked.scene]
    if not found:
        message = f"scene is {asked.scene}, and the film has {len(job['scenes'])} scenes so far"
        raise Faults.of_one("invalid_submission", "/scene", message)
    return answer({"scenes": found}, *await shown(call.films, found[0]), *links_of(found[0]))


async def models(call: Call) -> CallToolResult:
    await call.read(forms.Nothing)
    return answer(await call.films.models())


async def explain(call: Call) -> CallToolResult:
    asked = await call.read(forms.ExplainJob)
    return answer(await call.films.explain(asked.job_id, asked.at))


def answer(value: Json, *more: ContentBlock) -> CallToolResult:
    text = TextContent(text=json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    return CallToolResult(content=[text, *more], structured_content=value)


def noted(films: Films, result: Json) -> CallToolResult:
    """With what whoever began it should know."""
    note = films.note(result["job"]) if result["begun"] else None
    return answer(result if note is None else result | {"note": note})


def body_of(budget: float | None, *, dry_run: bool = False) -> Json:
    return {"max_cost_usd": budget, "dry_run": dry_run}


ENDS = ("job.completed", "job.failed", "job.cancelled", "job.review_requested")
"""Events after which a job waits, or is over."""

PRICE_FIRST = " Costs money: without `quote` it begins nothing and tells the price and a quote of it."


@dataclass(frozen=True)
class ToolSpec:
    """A tool as agents see it, and what it does."""

    run: Callable[[Call], Awaitable[CallToolResult]]
    title: str
    description: str
    does: Does
    form: Callable[[], Json]
    """Gives the JSON Schema of its arguments."""

    @property
    def name(self) -> str:
        return self.run.__name__

    def described(self) -> Tool:
        schema = self.form()
        return Tool(
            name=self.name,
            title=self.title,
            description=self.description + (PRICE_FIRST if self.does == "spends" else ""),
            input_schema={"type": "object", "properties": {}, **schema},
            annotations=HINTS[self.does],
        )


TOOLS = {
    spec.name: spec
    for spec in (
        ToolSpec(
            submit,
            "Make a film",
            "Make a narrated, captioned film of a script, of scenes, or on a topic; gives the job.",
            "spends",
            forms.submission_schema,
        ),
        ToolSpec(
            estimate,
            "Estimate a film",
            "Tell what a film would cost and take, and how its script is understood. Begins nothing.",
            "looks",
            forms.estimate_schema,
        ),
        ToolSpec(
            status,
            "Show jobs",
            "Show a job: how far it is, its scenes, cost and failure; without `job_id` list jobs.",
            "looks",
            forms.GetStatus.model_json_schema,
        ),
        ToolSpec(
            wait,
            "Wait for a job",
            "Follow a job until it has ended, waits for review or is set aside (`set_aside` in it says why), "
            "with progress as its stages get on. "
            "`waiting` in the answer says that the time was over first: call it again.",
            "looks",
            forms.WaitForJob.model_json_schema,
        ),
        ToolSpec(
            scenes,
            "Show scenes",
            "List a film's scenes with links to what was made of them; with `scene` show its pictures.",
            "looks",
            forms.GetScenes.model_json_schema,
        ),
        ToolSpec(
            regenerate,
            "Make an asset again",
            "Make one picture, voice or other asset again, and all that is made from it.",
            "spends",
            forms.RegenerateAsset.model_json_schema,
        ),
        ToolSpec(
            approve,
            "Approve a job",
            "Let a job that waits for review go on. Ask a person whether it should.",
            "spends",
            forms.ApproveJob.model_json_schema,
        ),
        ToolSpec(
            retry,
            "Go on with a job",
            "Go on with a failed or cancelled job; what is made is kept.",
            "spends",
            forms.RetryJob.model_json_schema,
        ),
        ToolSpec(
            cancel,
            "Cancel a job",
            "Stop a job: nothing new is begun, what is made is kept, and `retry` can go on with it.",
            "stops",
            forms.OfJob.model_json_schema,
        ),
        ToolSpec(
            rename,
            "Rename a film",
            "Call a film otherwise, at any time; with null as its analysis calls it. Makes nothing anew.",
            "changes",
            forms.RenameJob.model_json_schema,
        ),
        ToolSpec(
            models,
            "List models",
            "List the models of each stage with price, health and abilities, and the voices.",
            "looks",
            forms.Nothing.model_json_schema,
        ),
        ToolSpec(
            explain,
            "Explain a job",
            "Say what was decided for a job at a moment, and what everything else waits for.",
            "looks",
            forms.ExplainJob.model_json_schema,
        ),
    )
}
