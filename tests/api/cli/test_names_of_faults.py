"""What is refused is named as a person typed it: by the flag or argument, not by its place in a request."""

import json
from pathlib import Path

import click
import pytest

from api.cli.main import main
from api.cli.options import field_message
from tests.api.cli.conftest import Run
from tests.api.cli.test_revise import Made, made, system

pytestmark = pytest.mark.slow
__all__ = ["made", "system"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("submit", "-", "--review", "foo"),
            "Error: --review is \"foo\"; it should be 'script', 'storyboard'",
        ),
        (("submit", "-", "--webhook", "http://10.0.0.1"), "Error: --webhook: 10.0.0.1 is at 10.0.0.1"),
        (("fork", "latest", "--language", "klingon"), 'Error: --language is "klingon": not a BCP 47'),
        (("fork", "latest", "--at", "99999"), "Error: --at is 99999"),
        (("fork", "latest", "--prompt", "image:9=x"), "Error: --prompt image:9: "),
        (("fork", "latest", "--cast-voice", "Nobody=x"), "Error: --cast-voice"),
        (("rename", "latest", "a\nb"), 'Error: NAME is "a\\nb": write one line'),
        (("scenes", "latest", "--text", "9=x"), "Error: --text 9: there is no scene 9"),
        (("scenes", "latest", "--visual", "0=x"), "Error: --visual 0"),
        (("scenes", "latest", "--order", "2,1,9"), "Error: --order: there is no scene 9"),
        (("regenerate", "latest", "image:9"), "Error: There is no asset image:9."),
        (("link", "latest/image:9"), "Error: There is no asset image:9."),
        (("webhooks", "add", "http://10.0.0.1"), "Error: ADDRESS: 10.0.0.1 is at 10.0.0.1"),
        (("keys", "add", "bad name"), 'Error: NAME is "bad name": write up to 64 letters'),
        (("submit", "-", "--idempotency-key", "x" * 300), "Error: --idempotency-key"),
    ],
)
def test_a_refusal_names_what_was_typed(run: Run, made: Made, arguments: tuple[str, ...], said: str) -> None:
    refused = run(*arguments, "--url", made[2], stdin=b"A boat.")

    assert refused.exit_code == 2, refused.output
    assert said in refused.stderr
    assert not [word for word in refused.stderr.split() if word.startswith("/")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("serve", "--emulate", "--port", "99999"), "Error: --port is '99999': write a port"),
        (("work", "--address", "head"), "Error: --address is 'head': write HOST:PORT"),
        (("serve", "--emulate", "--host", "0.0.0.0"), "Error: --host is '0.0.0.0': this address can be"),  # noqa: S104
        (("make", "-", "--emulate", "--prompts", "nowhere"), "Error: --prompts is 'nowhere': there is no"),
    ],
)
def test_a_flag_that_goes_before_a_setting_is_named_itself(
    run: Run, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.setenv("REELOG_PORT", "1")
    refused = run(*arguments, stdin=b"A boat.")

    assert refused.exit_code == 2, refused.output
    assert said in refused.stderr
    assert "REELOG_PORT" not in refused.stderr


def test_a_file_of_prompts_that_cannot_be_used_is_told_by_the_flag_that_names_it(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "image.md").write_text("# image/1\n\nNothing is put in.\n")
    refused = run("make", "-", "--emulate", "--prompts", "own", "--out", "film", stdin=b"A boat.")

    assert refused.exit_code == 2, refused.output
    assert refused.stderr.splitlines()[-1].startswith("Error: --prompts is ")


def told_within(command: str, pointer: str, message: str) -> str:
    """A refusal as the command tells it."""
    found = main.get_command(click.Context(main), command)
    assert found is not None
    with click.Context(found):
        return field_message(pointer, message)


@pytest.mark.parametrize(
    ("command", "pointer", "message", "said"),
    [
        ("batch", "/max_cost_usd", "max_cost_usd is 0; more", "/max_cost_usd is 0; more"),
        ("batch", "/submissions/1/options/fps", "no", "/submissions/1/options/fps: no"),
        ("submit", "/scenes/0/image", "there is no file", "/scenes/0/image: there is no file"),
        ("submit", "/cast/1/name", "cast.1.name is empty; write", "/cast/1/name is empty; write"),
        ("fork", "/changes", "nothing is changed", "nothing is changed"),
        ("provide", "/file", "there is no file", "FILE: there is no file"),
        ("prompts", "?limit", "limit is 0; it should be more", "--limit is 0; it should be more"),
    ],
)  # fmt: skip
def test_what_stands_in_a_file_is_told_by_its_place_there(
    command: str, pointer: str, message: str, said: str
) -> None:
    assert told_within(command, pointer, message) == said


def test_an_unknown_field_in_a_list_is_told_with_those_that_may_stand_there(run: Run, tmp_path: Path) -> None:
    (tmp_path / "scenes.json").write_text(json.dumps([{"text": "One.", "visul": "a boat"}]))
    refused = run("make", "--scenes", "scenes.json", "--emulate")

    assert "/scenes/0/visul is not known here; did you mean visual? known are image," in refused.stderr, (
        refused.output
    )
