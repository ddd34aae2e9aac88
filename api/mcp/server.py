"""The MCP server: the tools and resources, over whichever transport it is run with.

Errors of tools are answers for the agent, in the words that every way in has, so that it can mend them.
"""

import json
import re
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    ReadResourceRequestParams,
    ReadResourceResult,
    Resource,
    ResourceTemplate,
    TextContent,
    TextResourceContents,
)

from api.cases.errors import refusal_of
from api.mcp.films import Films, ToolRefusedError
from api.mcp.pictures import ASSET, JOB, asset_at, job_named
from api.mcp.tools import TOOLS, Call
from domain.traces import read_traceparent
from projections.readers import EVERY_JOB

INSTRUCTIONS = """\
Reelog makes finished films of scripts: narrated, drawn, captioned. `submit` begins one, `wait` follows it, \
`scenes` shows what was made, `regenerate` makes a part again. `submit`, `regenerate`, `approve` and `retry` \
cost money: call them without `quote` first, tell the person the price, and only then call them again with \
the quote. All other tools cost nothing."""
JSON = "application/json"
LISTED = 20
"""Jobs in the list of resources: the newest."""

FilmsOf = Callable[[Any, str | None], Films]
"""Who answers; it is given the request of HTTP, and None over standard streams, and the caller's span."""


def build_server(films_of: FilmsOf, most_usd: float | None) -> Server[Any]:
    """The server; ``most_usd`` is what one call may begin to spend at the most, where settings say so."""
    answers = _Answers(films_of, most_usd)
    return Server(
        "reelog",
        version=_version(),
        title="Reelog",
        instructions=INSTRUCTIONS,
        on_list_tools=answers.list_tools,
        on_call_tool=answers.call_tool,
        on_list_resources=answers.list_resources,
        on_list_resource_templates=answers.list_templates,
        on_read_resource=answers.read_resource,
    )


class _Answers:
    def __init__(self, films_of: FilmsOf, most_usd: float | None) -> None:
        self._films_of = films_of
        self._most_usd = most_usd

    async def list_tools(self, _ctx: Any, _params: Any) -> ListToolsResult:
        return ListToolsResult(tools=[spec.described() for spec in TOOLS.values()])

    async def call_tool(self, ctx: Any, params: CallToolRequestParams) -> CallToolResult:
        spec = TOOLS.get(params.name)
        if spec is None:
            raise MCPError(INVALID_PARAMS, f"There is no tool {params.name[:100]!r}.")
        films, report = self._films(ctx), ctx.session.report_progress
        try:
            return await spec.run(Call(films, params.arguments or {}, self._most_usd, report))
        except Exception as error:
            refused = refused_by(error)
            if refused is None:
                raise
            lines = [_line(one) for one in refused["errors"] if one["message"] != refused["detail"]]
            text = TextContent(text="\n".join([refused["detail"], *lines]))
            return CallToolResult(content=[text], structured_content=refused, is_error=True)

    async def list_resources(self, ctx: Any, _params: Any) -> ListResourcesResult:
        jobs = await self._films(ctx).jobs(EVERY_JOB, LISTED)
        return ListResourcesResult(resources=[_resource(job) for job in jobs])

    async def list_templates(self, _ctx: Any, _params: Any) -> ListResourceTemplatesResult:
        return ListResourceTemplatesResult(
            resource_templates=[
                ResourceTemplate(uri_template=JOB, name="A job", mime_type=JSON),
                ResourceTemplate(uri_template=ASSET, name="A picture, voice or caption file that was made"),
            ]
        )

    async def read_resource(self, ctx: Any, params: ReadResourceRequestParams) -> ReadResourceResult:
        films, uri = self._films(ctx), params.uri
        try:
            job_id = job_named(uri)
            if job_id is None:
                return ReadResourceResult(contents=[await asset_at(films, uri)])
            text = json.dumps(await films.job(job_id), ensure_ascii=False)
        except Exception as error:
            refused = refused_by(error)
            if refused is None:
                raise
            raise MCPError(INVALID_PARAMS, refused["detail"]) from error
        return ReadResourceResult(contents=[TextResourceContents(uri=uri, mime_type=JSON, text=text)])

    def _films(self, ctx: Any) -> Films:
        """Who answers; the caller's span stands where the protocol's libraries write it."""
        told = (ctx.meta or {}).get("traceparent")
        return self._films_of(ctx.request, read_traceparent(told) if isinstance(told, str) else None)


def _resource(job: dict[str, Any]) -> Resource:
    about = f"{job['status']}, of {job['created_at']}"
    uri = JOB.format(job_id=job["id"])
    return Resource(uri=uri, name=job["title"] or job["id"], description=about, mime_type=JSON)


def refused_by(error: Exception) -> dict[str, Any] | None:
    """What is refused, as JSON; None for a defect."""
    if isinstance(error, ToolRefusedError):
        return {"code": error.code, "detail": str(error), "errors": []}
    refusal = refusal_of(error)
    if refusal is None:
        return None
    # What stands in an address over HTTP is an argument here.
    errors = [
        {"pointer": re.sub(r"^\?", "/", each.pointer), "message": each.message} for each in refusal.errors
    ]
    return {"code": refusal.code, "detail": refusal.detail, "errors": errors}


def _line(error: dict[str, str]) -> str:
    return f"{error['pointer']}: {error['message']}"


def _version() -> str:
    try:
        return version("reelog")
    except PackageNotFoundError:
        return "unknown"
