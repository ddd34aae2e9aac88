"""The operations of a film's scenes."""

from api.cases.edit_scenes import EditScenes
from api.http import parameters as p
from api.http.operations import JOB, REVISE
from api.http.responses import JSON
from api.http.routing import Operation, ResponseSpec
from api.http.schema.estimates import EditPreviewOrJob
from api.http.schema.jobs import JobDocument

EDIT_SCENES = Operation(
    id="edit_scenes",
    tag="jobs",
    summary="Edit a film's scenes, or their order; what depends on that is made again",
    problems=(*JOB, *REVISE, "asset_not_revisable"),
    responses={
        202: ResponseSpec("It goes on with them", {JSON: JobDocument}),
        200: ResponseSpec(
            "A dry run: what would be made again; or the job, where it was so already, or went on for the "
            "same key and body before",
            {JSON: EditPreviewOrJob},
        ),
    },
    parameters=(p.RUN_KEY, p.RUN_TRACEPARENT),
    body=EditScenes,
)
