"""The operations of what is used again and of what is done at once: presets, casts, batches."""

from typing import Any

from pydantic import BaseModel

from api.cases.batch import BatchSubmission
from api.http import parameters as p
from api.http.operations import SUBMIT
from api.http.responses import JSON
from api.http.routing import Operation, ResponseSpec
from api.http.schema.batches import BatchDocument, BatchEstimateOrBatch
from api.http.schema.presets import CastDocument, CastPage, PresetDocument, PresetPage
from domain.given_scenes import CastMember
from domain.key import Scope

NO_CONTENT = {204: ResponseSpec("It is gone")}
PRESET_VALUES: dict[str, Any] = {
    "type": "object",
    "description": "Values of a submission, such as models, options and cast; not what a film is about",
    "minProperties": 1,
}
MEMBERS: dict[str, Any] = {
    "type": "array",
    "description": "The characters",
    "items": {"$ref": f"#/components/schemas/{CastMember.__name__}"},
    "minItems": 1,
}


def _kept(
    kind: str, page: type[BaseModel], one: type[BaseModel], body: dict[str, Any]
) -> tuple[Operation, Operation, Operation, Operation]:
    missing = (f"{kind}_not_found",)
    return (
        Operation(
            id=f"list_{kind}s",
            tag="presets",
            summary=f"List the {kind}s by name",
            responses={200: ResponseSpec(f"The {kind}s", {JSON: page})},
            parameters=(p.LIMIT,),
        ),
        Operation(
            id=f"get_{kind}",
            tag="presets",
            summary=f"Show a {kind}",
            problems=missing,
            responses={200: ResponseSpec(f"The {kind}", {JSON: one})},
        ),
        Operation(
            id=f"put_{kind}",
            tag="presets",
            summary=f"Keep a {kind} under a name",
            problems=("invalid_submission", "draining"),
            responses={
                201: ResponseSpec(f"A new {kind}", {JSON: one}),
                200: ResponseSpec("What was kept under the name, or its next version", {JSON: one}),
            },
            body=(JSON, body),
        ),
        Operation(
            id=f"delete_{kind}",
            tag="presets",
            summary=f"Forget a {kind}; jobs that used it stay as they are",
            problems=(*missing, "draining"),
            responses=NO_CONTENT,
        ),
    )


LIST_PRESETS, GET_PRESET, PUT_PRESET, DELETE_PRESET = _kept(
    "preset", PresetPage, PresetDocument, PRESET_VALUES
)
LIST_CASTS, GET_CAST, PUT_CAST, DELETE_CAST = _kept("cast", CastPage, CastDocument, MEMBERS)

SUBMIT_BATCH = Operation(
    id="submit_batch",
    tag="batches",
    summary="Submit many at once, or tell what they cost",
    problems=SUBMIT,
    responses={
        201: ResponseSpec("A new batch; all of its jobs are recorded", {JSON: BatchDocument}, ("Location",)),
        200: ResponseSpec(
            "A dry run, or the batch that came of the same key and body before",
            {JSON: BatchEstimateOrBatch},
        ),
    },
    parameters=(p.BATCH_KEY, p.TRACEPARENT),
    body=BatchSubmission,
    scope=Scope.ALL,
)
GET_BATCH = Operation(
    id="get_batch",
    tag="batches",
    summary="Show how a batch stands",
    problems=("batch_not_found",),
    responses={200: ResponseSpec("The batch", {JSON: BatchDocument})},
)
