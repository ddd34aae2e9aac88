"""A program that knows nothing but a client generated from the description: argument 1 is the server.

It runs where openapi-python-client is installed, so it uses nothing of ours.
"""

import sys
import time
from pathlib import Path

from client import Client
from client.api.assets import get_asset_content, list_job_assets
from client.api.events import list_job_events
from client.api.jobs import estimate_job, get_job, list_jobs, submit_job
from client.models import (
    AssetGenerated,
    EventPage,
    JobCompleted,
    ListJobsStatus,
    ProblemDocument,
    Submission,
    SubmittedJob,
)

client = Client(base_url=sys.argv[1])
submission = Submission(script="The sea is wide. A small boat sets out at dawn.")
assert estimate_job.sync(client=client, body=submission).scenes
job = submit_job.sync(client=client, body=submission)
assert isinstance(job, SubmittedJob), job

seen, after = [], 0
while not any(isinstance(event, JobCompleted) for event in seen):
    page = list_job_events.sync(job.id, client=client, after=after)
    assert isinstance(page, EventPage), page
    seen += page.data
    after = page.next_
    if not page.data:
        time.sleep(0.05)  # the server tells more when there is more
made = [event for event in seen if isinstance(event, AssetGenerated)]
assert {event.type_ for event in made} == {"asset.generated"}
assert all(event.data.digest.startswith("sha256:") for event in made), "data is typed"

assert [job.id for job in list_jobs.sync(client=client, status=ListJobsStatus.COMPLETED).data] == [job.id]
[video] = [asset for asset in list_job_assets.sync(job.id, client=client).data if asset.kind == "video"]
content = get_asset_content.sync(video.id, client=client)
Path("film.mp4").write_bytes(content.payload.read())
missing = get_job.sync(video.id, client=client)
assert isinstance(missing, ProblemDocument)
assert missing.code == "job_not_found"
