"""The API's description, made from a table of endpoints: OpenAPI 3.1.

``docs/openapi.json`` is this document, committed so that a review sees how the API changes:
``python -m api.http.openapi > docs/openapi.json``.
"""

import json
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any

from anyio import to_thread
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema
from starlette.requests import Request
from starlette.responses import Response

from api.http.authentication import COOKIE
from api.http.middleware import needs_key
from api.http.openapi.examples import example_of, problem_examples
from api.http.parameters import Parameter
from api.http.problems import MEDIA_TYPE, TITLES
from api.http.responses import JSON, STREAM, json_response
from api.http.routing import Endpoint, ResponseSpec
from api.http.schema.base import Body, ProblemDocument
from api.http.schema.events import EventDocument

_REF = "#/components/schemas/{model}"

TAGS = {
    "jobs": "Submit scripts; estimate, list, watch, cancel, retry and fork what becomes of them.",
    "events": "Everything that happened, as pages or as a stream of server-sent events. `id:` is the "
    "position in the log, so a stream is resumed without gap or repeat. After the last event of all jobs "
    "that were asked for comes `event: end`; whoever comes back then gets `204`.",
    "assets": "What was made, from what, by whom, at what cost; and its bytes.",
    "files": "A picture, a clip, a voice-over or a song of one's own, to be used in films. What is kept is "
    "checked and without personal metadata; what nothing uses goes after a day.",
    "presets": "Values of submissions, and casts, that are kept by name: `preset` and `cast` of a submission "
    "use them. A job records the values, so what is stored under a name later changes no job.",
    "batches": "Many submissions at once: common values, one estimate, one cap, one status.",
    "keys": "Who may ask besides the administrator: for what, how often, for how much a day. Each key sees "
    "its own jobs, files, presets and batches; what is another's is not found.",
    "webhooks": "Endpoints of yours that are told of jobs: signed as Standard Webhooks says, in the order of "
    "each job's events, at least once, tried again for a day. What is sent is `{type, timestamp, data}`; "
    "`data` is the job as it was then.",
    "models": "Which models there are, what they can do, and what they cost.",
    "health": "For supervisors, load balancers and Prometheus.",
    "docs": "This description, for programs; `/docs` shows it to people.",
}
"""What programs use. Pages for a browser bear other tags, and are in no client."""

HEADERS: dict[str, tuple[str, dict[str, Any]]] = {
    "Location": ("Where it is", {"type": "string"}),
    "Preference-Applied": ("The wait that was applied", {"type": "string"}),
    "ETag": ("Its version: of a job its last position, of bytes their digest", {"type": "string"}),
    "Cache-Control": ("How long it may be kept", {"type": "string"}),
    "Content-Disposition": ("Under which name it is to be kept", {"type": "string"}),
    "Accept-Ranges": ("Parts may be asked for", {"type": "string"}),
    "Content-Range": ("Which part it is, of how much", {"type": "string"}),
    "Retry-After": ("Seconds after which it may be tried again", {"type": "string"}),
    "X-Request-Id": ("The id of this request in the server's log", {"type": "string"}),
}


_LOG = {
    "type": "object",
    "description": "The data of `log`, the first on every stream, without an id: which log this is",
    "properties": {"store": {"type": "string", "format": "uuid"}, "head": {"type": "integer", "minimum": 0}},
    "required": ["store", "head"],
}
_END = {
    "type": "object",
    "description": "The data of `end`; `set_aside` where no more can be told of a job that goes on",
    "properties": {"ended": {"type": "boolean"}, "set_aside": {"const": True}},
    "required": ["ended"],
}


class _Untitled(GenerateJsonSchema):
    """Leaves out the titles that say again what a field is called."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - the library's hook
        return False


def document(endpoints: Iterable[Endpoint], root: str = "") -> dict[str, Any]:
    """The whole description, as JSON values; ``root`` is the path under which the server is shown."""
    endpoints = described(endpoints)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Reelog",
            "version": version("reelog"),
            "summary": "Script in, finished video out, every step on the record.",
            "description": "Errors are RFC 9457 problems with a stable `code`, explained in /docs/problems. "
            "Fields may be added to answers; a field that is not known in a request is refused. "
            "A key is needed only where the server was started with one.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": root or "/"}],
        "security": [{"bearer": []}, {"session": []}, {}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": _schemas(endpoints),
            "examples": {
                code: {"summary": TITLES[code][1], "value": problem}
                for code, problem in problem_examples().items()
                if any(code in endpoint.problems for endpoint in endpoints)
            },
            "headers": {name: {"description": d, "schema": s} for name, (d, s) in HEADERS.items()},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "REELOG_API_KEY, or a key"},
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": COOKIE,
                    "description": "Set by POST /login",
                },
            },
        },
    }


def described(endpoints: Iterable[Endpoint]) -> tuple[Endpoint, ...]:
    """Those that programs use."""
    return tuple(endpoint for endpoint in endpoints if endpoint.operation.tag in TAGS)


# ---- one operation --------------------------------------------------------------------------------------


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    operation = endpoint.operation
    example = example_of(operation.id)
    described: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
    }
    parameters = [*_path_parameters(endpoint.path), *map(_parameter, operation.parameters)]
    for parameter in parameters:
        _show(parameter, example.parameter(parameter["name"], parameter["in"]), parameter["schema"])
    if parameters:
        described["parameters"] = parameters
    if operation.body is not None:
        described["requestBody"] = {
            "required": operation.body_required,
            "content": dict([_request_content(operation.body, example.body)]),
        }
    described["responses"] = _responses(endpoint)
    if not needs_key(endpoint.path):
        described["security"] = []
    return described


def _path_parameters(path: str) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    uuid, text = {"type": "string", "format": "uuid"}, {"type": "string"}
    return [
        {"name": name, "in": "path", "required": True, "schema": uuid if name == "id" else text}
        for name in names
    ]


def _parameter(parameter: Parameter[Any]) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.where,
        "description": parameter.description,
        "schema": dict(parameter.schema),
        **({"style": parameter.style, "explode": True} if parameter.style else {}),
    }


def _request_content(
    body: type[BaseModel] | tuple[str, Mapping[str, Any]], example: Any
) -> tuple[str, dict[str, Any]]:
    media_type, schema = body if isinstance(body, tuple) else (JSON, _reference(body))
    content = {"schema": dict(schema)}
    _show(content, example)
    return media_type, content


def _show(described: dict[str, Any], example: Any, schema: Mapping[str, Any] | None = None) -> None:
    if example is not None:
        described["example"] = int(example) if schema and schema.get("type") == "integer" else example


def _responses(endpoint: Endpoint) -> dict[str, Any]:
    shown = example_of(endpoint.operation.id).responses
    found = {
        status: _response(spec, shown.get(str(status), {}))
        for status, spec in endpoint.operation.responses.items()
    }
    by_status: dict[int, list[str]] = {}
    for code in endpoint.problems:
        by_status.setdefault(TITLES[code][0], []).append(code)
    for status, codes in by_status.items():
        described = found.setdefault(status, {"description": "", "headers": _headers(())})
        said = "; ".join(f"`{code}`: {TITLES[code][1]}" for code in codes)
        described["description"] = f"{described['description']}. {said}".removeprefix(". ")
        described.setdefault("content", {})[MEDIA_TYPE] = {
            "schema": _reference(ProblemDocument),
            "examples": {code: {"$ref": f"#/components/examples/{code}"} for code in codes},
        }
        described["x-problem-codes"] = codes
        if status in (429, 503):
            described["headers"] |= _headers(("Retry-After",))
    return {str(status): found[status] for status in sorted(found)}


def _response(spec: ResponseSpec, examples: Mapping[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {"description": spec.description, "headers": _headers(spec.headers)}
    if spec.content:
        described["content"] = {name: _content(name, schema) for name, schema in spec.content.items()}
        for name, content in described["content"].items():
            _show(content, examples.get(name))
    return described


def _content(media_type: str, schema: type[BaseModel] | Mapping[str, Any]) -> dict[str, Any]:
    if media_type == STREAM:
        return {"schema": _stream_event()}
    return {"schema": _reference(schema) if isinstance(schema, type) else dict(schema)}


def _stream_event() -> dict[str, Any]:
    """One message of the stream: tools check each by the schema of the media type."""
    return {
        "type": "object",
        "description": "One message. `end` has no id and closes the stream; comments are heartbeats.",
        "properties": {
            "id": {"type": "string", "description": "The position"},
            "event": {"type": "string", "description": "The type of the event, or `end`"},
            "data": {
                "type": "string",
                "contentMediaType": JSON,
                "contentSchema": {"anyOf": [_reference(EventDocument), _LOG, _END]},
            },
            "retry": {"type": "integer"},
        },
    }


def _headers(names: Iterable[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in (*names, "X-Request-Id")}


# ---- schemas --------------------------------------------------------------------------------------------


def _reference(model: type[BaseModel]) -> dict[str, Any]:
    return {"$ref": _REF.format(model=model.__name__)}


def models(endpoints: Iterable[Endpoint]) -> list[type[BaseModel]]:
    """All models that the table names, each once."""
    found: list[type[BaseModel]] = [ProblemDocument]
    for operation in (endpoint.operation for endpoint in endpoints):
        named = [s for spec in operation.responses.values() for s in spec.content.values()]
        found += [m for m in (operation.body, *named) if isinstance(m, type)]
    return list(dict.fromkeys(found))


def _schemas(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    _, definitions = models_json_schema(
        [(model, "validation") for model in models(endpoints)],
        ref_template=_REF,
        schema_generator=_Untitled,
    )
    schemas: dict[str, Any] = definitions["$defs"]
    ours = {model.__name__ for model in _descendants(Body)}
    for name in ours & set(schemas):
        # Held to in our tests; to a client it would forbid what a later version adds.
        schemas[name].pop("additionalProperties", None)
    return dict(sorted(schemas.items()))


def _descendants(model: type) -> set[type]:
    found: set[type] = set(model.__subclasses__())
    return found.union(*map(_descendants, found)) if found else found


# ---- handing it out -------------------------------------------------------------------------------------


def rendered(endpoints: Iterable[Endpoint], root: str = "") -> str:
    return json.dumps(document(endpoints, root), ensure_ascii=False, indent=2) + "\n"


async def show(request: Request) -> Response:
    """GET /openapi.json."""
    body: str = await to_thread.run_sync(request.app.state.openapi)
    return json_response(body.encode(), headers={"Cache-Control": "no-cache"})
