"""``reelog doctor``: whether this machine has all that a film takes, and how the provider answers."""

import sys
from dataclasses import asdict
from pathlib import Path

import click

from api.cli.doctor_checks import checks
from api.cli.doctor_findings import State
from api.cli.emulator import emulate_option
from api.cli.errors import Code, InputError, end
from api.cli.jobs import json_option
from api.cli.live import print_json
from api.cli.revise import yes_option
from api.cli.text import Role, echo, pad, theme_of

_MARKS: dict[State, tuple[str, Role]] = {"ok": ("✓", "good"), "warning": ("▲", "warn"), "wrong": ("✗", "bad")}


@click.command()
@click.option(
    "--live",
    is_flag=True,
    help="Make the smallest call of each kind and compare the answers with the emulator's; costs some cents",
)
@click.option(
    "--report",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With --live: what was found, to attach to an issue [default: reelog-live-report.json]",
)
@click.option(
    "--record",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="With --live: save the answers as recordings, with all that models wrote, drew and spoke",
)
@yes_option
@emulate_option
@json_option
def doctor(
    live: bool, report: Path | None, record: Path | None, yes: bool, emulate: bool, as_json: bool
) -> None:
    """Look whether this machine has all that it takes; exit 2 when something is wrong.

    --live asks the provider instead, once its price is told and you say yes. It ends with 0 when all is as
    the emulator answers, 1 when something differs, and 4 when the provider cannot be reached or does not let
    this key in.
    """
    if live:
        from api.cli.doctor_live import REPORT, check_live

        check_live(report=report or REPORT, record=record, emulate=emulate, yes=yes, as_json=as_json)
        return
    if report or record or yes or emulate:
        raise InputError("--report, --record, --yes and --emulate go with --live; add it, or leave them out")
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
