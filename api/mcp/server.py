"""The MCP server: the tools and resources, over whichever transport it is run with.

Errors of tools are answers for the agent, in the words that every way in has, so that it can mend them.
"""

import json
import logging
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
from api.mcp.films import Films
from api.mcp.pictures import ASSET, JOB, asset_at, job_named
from api.mcp.tools import TOOLS, Call

INSTRUCTIONS = """\
Reelog makes finished films of scripts: narrated, drawn, captioned. `submit` begins one, `wait` follows it, \
`scenes` shows what was made, `regenerate` makes a part again. `submit`, `regenerate`, `approve` and `retry` \
cost money: call them without `quote` first, tell the person the price, and only then call them again with \
the quote. All other tools cost nothing."""
LISTED = 20
"""Jobs in the list of resources: the newest."""

logger = logging.getLogger(__name__)

FilmsOf = Callable[[Any], Films]
"""Who answers a request; it is given the request of HTTP, and None over standard streams."""


class ToolRefusedError(Exception):
    """What was asked of a server elsewhere is not done; the message is for the agent."""


def build_server(films_of: FilmsOf, most_usd: float | None) -> Server[Any]:
    """The server; ``most_usd`` is what one call may begin to spend at the most, where settings say so."""

    async def list_tools(_ctx: Any, _params: Any) -> ListToolsResult:
        return ListToolsResult(tools=[spec.described() for spec in TOOLS.values()])

    async def call_tool(ctx: Any, params: CallToolRequestParams) -> CallToolResult:
        spec = TOOLS.get(params.name)
        if spec is None:
            raise MCPError(INVALID_PARAMS, f"There is no tool {params.name[:100]!r}.")
        call = Call(films_of(ctx.request), params.arguments or {}, most_usd, ctx.session.report_progress)
        try:
            return await spec.run(call)
        except Exception as error:
            refused = refused_by(error)
            if refused is None:
                raise
            text = TextContent(text="\n".join([refused["detail"], *map(_line, refused["errors"])]))
            return CallToolResult(content=[text], structured_content=refused, is_error=True)

    async def list_resources(ctx: Any, _params: Any) -> ListResourcesResult:
        jobs = await films_of(ctx.request).jobs(None, LISTED)
        return ListResourcesResult(
            resources=[
                Resource(
                    uri=JOB.format(job_id=job["id"]),
                    name=job["title"] or job["id"],
                    description=f"{job['status']}, of {job['created_at']}",
                    mime_type="application/json",
                )
                for job in jobs
            ]
        )

    async def list_templates(_ctx: Any, _params: Any) -> ListResourceTemplatesResult:
        return ListResourceTemplatesResult(
            resource_templates=[
                ResourceTemplate(uri_template=JOB, name="A job", mime_type="application/json"),
                ResourceTemplate(uri_template=ASSET, name="A picture, voice or caption file that was made"),
            ]
        )

    async def read_resource(ctx: Any, params: ReadResourceRequestParams) -> ReadResourceResult:
        films, uri = films_of(ctx.request), str(params.uri)
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
        contents = TextResourceContents(uri=uri, mime_type="application/json", text=text)
        return ReadResourceResult(contents=[contents])

    return Server(
        "reelog",
        version=_version(),
        title="Reelog",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_list_resource_templates=list_templates,
        on_read_resource=read_resource,
    )


def refused_by(error: Exception) -> dict[str, Any] | None:
    """What is refused, as JSON; None for a defect."""
    if isinstance(error, PermissionError):
        return {"code": "not_allowed", "detail": str(error), "errors": []}
    if isinstance(error, ToolRefusedError):
        return {"code": "refused", "detail": str(error), "errors": []}
    refusal = refusal_of(error)
    if refusal is None:
        return None
    errors = [{"pointer": each.pointer, "message": each.message} for each in refusal.errors]
    return {"code": refusal.code, "detail": refusal.detail, "errors": errors}


def _line(error: dict[str, str]) -> str:
    return f"{error['pointer']}: {error['message']}"


def _version() -> str:
    try:
        return version("reelog")
    except PackageNotFoundError:
        return "unknown"
