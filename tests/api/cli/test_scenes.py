"""``scenes`` as a person types it, against a real server: shown, priced, edited, and what is wrong."""

import json

import pytest

from tests.api.cli.conftest import Run
from tests.api.cli.test_revise import Made, made, system

pytestmark = pytest.mark.slow
__all__ = ["made", "system"]


def test_scenes_are_shown_and_edited_and_the_price_is_told_first(run: Run, made: Made) -> None:
    _, job_id, url = made
    shown = run("scenes", "latest", "--url", url)
    assert (shown.exit_code, shown.stdout.splitlines()) == (
        0,
        ["1. Words of scene 1.", "2. Words of scene 2."],
    )
    edits = ("--text", "2=It is far.", "--voice", "1=Puck", "--order", "2,1")
    tried = run("scenes", str(job_id), *edits, "--dry-run", "--url", url)
    assert tried.exit_code == 0, tried.output
    assert "Edited: scene 2: text." in tried.stderr
    assert "Edited: order 2, 1." in tried.stderr
    assert "Cost: " in tried.stderr

    done = run("scenes", str(job_id), *edits, "--json", "--url", url)
    assert done.exit_code == 0, done.output
    assert [scene["text"] for scene in json.loads(done.stdout)["scenes"]] == [
        "It is far.",
        "Words of scene 1.",
    ]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--text", "one=No."), "--text"),
        (("--visual", "1="), "--visual"),
        (("--order", "1,a"), "--order"),
        (("--order", "9"), "there is no scene 9"),
    ],
)
def test_what_is_wrong_is_said(run: Run, made: Made, flags: tuple[str, ...], said: str) -> None:
    _, job_id, url = made
    refused = run("scenes", str(job_id), *flags, "--url", url)
    assert refused.exit_code == 2
    assert said in refused.stderr
