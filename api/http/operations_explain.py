"""The operation that says why: what was decided at any moment of a job."""

from api.http import parameters as p
from api.http.operations import JOB
from api.http.responses import JSON
from api.http.routing import Operation, ResponseSpec
from api.http.schema.explanations import ExplanationDocument

EXPLAIN_JOB = Operation(
    id="explain_job",
    tag="jobs",
    summary="Explain what is decided at a moment, and what waits for what",
    problems=JOB,
    responses={200: ResponseSpec("The decisions, in words", {JSON: ExplanationDocument})},
    parameters=(p.AT,),
)
