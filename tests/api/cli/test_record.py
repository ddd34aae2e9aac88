"""`record` writes what the recordings' suite reads, from a server as from the store."""

import json
from dataclasses import replace
from pathlib import Path

from domain.asset import AssetKey
from tests.api.cli.conftest import Floor, Run, Scripted
from tests.projections.filming import refusal


def test_a_job_s_answers_are_saved_with_an_index(
    run: Run, scripted: Scripted, floor: Floor, tmp_path: Path
) -> None:
    job_id = floor.filming.submit()
    floor.filming.faults["image:1"] = [replace(refusal(), raw_digest="sha256:bb", http_status=400)]
    floor.filming.finish(job_id)
    floor.settle()
    events = [json.loads(line) for line in run("events", str(job_id), "--json").stdout.splitlines()]
    kept = [e for e in events if not (e["data"] or {}).get("raw_digest")]
    scripted.answer(f"/v1/jobs/{job_id}/events", {"data": kept, "has_more": False, "next": None})
    image = AssetKey.parse("image:1").id_in(job_id)
    scripted.answer(f"/v1/assets/{image}/blobs/sha256:bb", b'{"error": {"code": 400}}')

    made = run("record", str(job_id), "--out", "kept", "--url", scripted.url)

    assert made.exit_code == 0, made.stderr
    (entry,) = json.loads((tmp_path / "kept" / "index.json").read_text("utf-8"))["cases"]
    case = json.loads((tmp_path / "kept" / entry["file"]).read_text("utf-8"))
    assert case["response"] == {"status": 400, "headers": {}, "body": {"error": {"code": 400}}}
    again = run("record", str(job_id), "--out", "kept", "--url", scripted.url)
    assert again.exit_code == 2
    assert "--out: kept is not empty" in again.stderr
