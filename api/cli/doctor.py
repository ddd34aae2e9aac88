"""``reelog doctor``: does this machine have all that a film takes, and who sits where."""

import sys
from dataclasses import asdict

import click

from api.cli.doctor_checks import State, checks
from api.cli.errors import Code, end
from api.cli.jobs import json_option
from api.cli.live import print_json
from api.cli.text import Role, echo, pad, theme_of

_MARKS: dict[State, tuple[str, Role]] = {"ok": ("✓", "good"), "warning": ("▲", "warn"), "wrong": ("✗", "bad")}


@click.command()
@json_option
def doctor(as_json: bool) -> None:
    """Look whether this machine has all that it takes; exit 2 when something is wrong."""
    theme = theme_of(sys.stdout)
    wrong = False
    for check in checks():
        wrong = wrong or check.state == "wrong"
        if as_json:
            print_json(asdict(check))
            continue
        symbol, role = _MARKS[check.state]
        echo(
            theme.mark(f"{theme.paint(symbol, role)} {pad(check.name, 12)} {check.told}"), color=theme.colour
        )
        if check.hint and check.state != "ok":
            echo(f"{'':15}{theme.paint(check.hint, 'strong')}", color=theme.colour)
    if wrong:
        end(Code.USAGE)
