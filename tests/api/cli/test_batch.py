"""``batch`` as a person types it, against a server."""

import json
from pathlib import Path

import pytest

from tests.api.cli.conftest import Run
from tests.api.cli.test_revise import Made, made, system

pytestmark = pytest.mark.slow
__all__ = ["made", "system"]

BATCH = {
    "common": {"options": {"fps": 24}},
    "submissions": [{"script": "A boat sets out at dawn."}, {"script": "It comes home late."}],
}


def test_the_price_comes_first_then_all_are_submitted_once_and_shown(run: Run, made: Made) -> None:
    _, _, url = made
    Path("batch.json").write_text(json.dumps(BATCH), encoding="utf-8")
    tried = run("batch", "batch.json", "--dry-run", "--url", url)
    assert tried.exit_code == 0, tried.output
    assert "    1  1 scene, about $" in tried.stdout
    assert "  Cost  about $" in tried.stdout
    ids = {run("batch", "batch.json", "--idempotency-key", "k", "--url", url).stdout for _ in range(2)}
    [batch_id] = ids
    shown = run("batch", "show", batch_id.strip(), "--url", url)
    assert shown.exit_code == 0, shown.output
    assert shown.stdout.startswith("queued: 2 queued; $0.00 spent\n")
    told = json.loads(run("batch", "show", batch_id.strip(), "--json", "--url", url).stdout)
    assert [job["title"] is not None or job["status"] for job in told["jobs"]]
    for job in told["jobs"]:
        assert run("cancel", job["id"], "--url", url).exit_code in (0, 3)


def test_what_is_wrong_is_said(run: Run, made: Made) -> None:
    _, _, url = made
    Path("list.json").write_text("[]", encoding="utf-8")
    Path("wrong.json").write_text(json.dumps(BATCH | {"common": {"option": {}}}), encoding="utf-8")
    for arguments, said in (
        (("list.json",), "FILE: list.json holds no object"),
        (("show",), "ID is missing: write `reelog batch show ID`"),
        (("a", "b"), "write FILE, or show and an ID"),
        (("wrong.json",), "/submissions/1/option: option is not known here; did you mean options?"),
        (("show", "nothing"), "There is no batch 'nothing'"),
    ):
        result = run("batch", *arguments, "--url", url)
        assert result.exit_code == 2, result.output
        assert said in result.stderr
