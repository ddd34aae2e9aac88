"""`record` writes what the recordings' suites read, from a server as from the store."""

import base64
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from domain.asset import AssetKey
from domain.failures import Code, Failure
from domain.submission import Options
from tests import recorded
from tests.api.cli.conftest import Floor, Run, Scripted
from tests.projections.filming import MODELS, SCRIPT, refusal

Json = dict[str, Any]

REFUSED = b'{"error": {"code": 400}}'
PICTURE = b"\xff\xd8\xff a picture"


def digest_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def raw_with(picture: bytes) -> bytes:
    note = {"mimeType": "image/jpeg", "data": {"digest": digest_of(picture), "bytes": len(picture)}}
    return json.dumps({"candidates": [{"content": {"parts": [{"inlineData": note}]}}]}).encode()


def submitted(floor: Floor, *failures: Failure) -> UUID:
    job_id = floor.filming.submit()
    floor.filming.faults["image:1"] = list(failures)
    floor.filming.finish(job_id)
    floor.settle()
    return job_id


def test_a_picture_of_a_server_s_job_is_saved_beside_its_answer(
    run: Run, scripted: Scripted, floor: Floor
) -> None:
    job_id = submitted(floor)
    events: list[Json] = [
        json.loads(line) for line in run("events", str(job_id), "--json").stdout.splitlines()
    ]
    for event in events:
        if event["type"] == "asset.generated":
            # Of all that was made, the answer of one picture is on record.
            is_it = (event["asset"]["kind"], event["asset"]["scene"]) == ("image", 1)
            event["data"] |= {"request_digest": None, "raw_digest": "sha256:aa" if is_it else None}
            event["data"] |= {"digest": digest_of(PICTURE)} if is_it else {}
    image = f"/v1/assets/{AssetKey.parse('image:1').id_in(job_id)}"
    scripted.answer(f"/v1/jobs/{job_id}/events", {"data": events, "has_more": False, "next": None})
    scripted.answer(f"{image}/blobs/sha256:aa", raw_with(PICTURE))
    scripted.answer(f"{image}/content", PICTURE)

    made = run("record", str(job_id), "--out", "kept", "--url", scripted.url)

    assert made.exit_code == 0, made.stderr
    assert "1 recording in kept, with the script" in made.stderr
    (case,) = recorded.cases(Path("kept"))
    blob = case["response"]["body"]["candidates"][0]["content"]["parts"][0]["inlineData"]
    assert base64.b64decode(blob["data"]) == PICTURE
    assert recorded.job(Path("kept")) == {
        "script": SCRIPT, "language": None, "models": MODELS, "options": Options().model_dump(mode="json"),
    }  # fmt: skip
    assert [path for _, path, _, _ in scripted.asked if "/content" in path] == [f"{image}/content?revision=1"]


def test_a_job_of_the_store_is_saved_and_what_cannot_be_is_named(run: Run, floor: Floor) -> None:
    floor.system.blobs.put(REFUSED)
    lost = floor.system.blobs.put(raw_with(b"a picture that was never stored"))
    broken = Failure.of(Code.MALFORMED_IMAGE, "No picture.", http_status=200, raw_digest=lost)
    refused = replace(refusal(), raw_digest=digest_of(REFUSED), http_status=400)
    job_id = submitted(floor, broken, refused)
    # The text stages of this film wrote nothing that is on record.
    done = run("record", str(job_id), "--out", "kept", "--json")

    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["left_out"] == ["image:1"]
    (case,) = recorded.cases(Path("kept"))
    assert case["response"] == {"status": 400, "headers": {}, "body": json.loads(REFUSED)}
    assert case["outcome"] == {"failure": refused.code}

    again = run("record", str(job_id), "--out", "kept")
    assert again.exit_code == 2
    assert "--out: kept is not empty" in again.stderr
