"""The command that judges a film as a stranger would: check. It needs the file alone, no store, no server."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from api.cli.errors import Code, end
from api.cli.jobs import json_option
from api.cli.live import print_json, say
from api.cli.text import echo

EXPECTATIONS = "size=1280x720, fps=30, duration=61.5, sound=yes or sound=no"


def _size(value: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d+)x(\d+)", value)
    if found is None:
        raise ValueError(value)
    return int(found[1]), int(found[2])


def _positive(value: str) -> int:
    if (number := int(value)) < 1:
        raise ValueError(value)
    return number


def _seconds(value: str) -> float:
    if not 0 < (number := float(value)) < float("inf"):
        raise ValueError(value)
    return number


_READERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "size": ("size", _size),
    "fps": ("fps", _positive),
    "duration": ("duration_s", _seconds),
    "sound": ("sound", lambda value: {"yes": True, "no": False}[value]),
}


def _expectations(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> Any:  # noqa: ARG001 - click's
    told: dict[str, Any] = {}
    for each in given:
        name, _, value = each.partition("=")
        try:
            field, read = _READERS[name]
            told[field] = read(value)
        except (KeyError, ValueError):
            raise click.BadParameter(f"{each!r} is none; write {EXPECTATIONS}") from None
    return told


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option(
    "--expect",
    "told",
    multiple=True,
    metavar="WHAT=VALUE",
    callback=_expectations,
    help=f"What the film should be, else its own word is taken: {EXPECTATIONS}; may be repeated",
)
@click.option(
    "--captions",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
    metavar="VTT",
    help="Check these captions with the film",
)
@json_option
def check(file: Path, told: dict[str, Any], captions: Path | None, as_json: bool) -> None:
    """Measure FILE and say what is wrong with it, as is done before a film counts as made.

    Ends with 0 when nothing is wrong and with 1 when something is. What is remarkable but may be wanted (a
    picture that does not move, a long pause) is told, and nothing is wrong with it.
    """
    from actors.media import check as checking
    from actors.media import container
    from actors.media.errors import EncodeError
    from actors.media.expect import Told, expected
    from actors.media.findings import Finding

    try:
        report = checking.check(file, expected(file, Told(**told, cues=_cues(captions))))
    except EncodeError as error:
        unreadable = Finding(error.code, error.message)
        report = checking.Report((unreadable, *container.faults(file)))
    if as_json:
        findings = [finding.to_dict() for finding in report.findings]
        remarks = [remark.to_dict() for remark in report.remarks]
        about = {"file": str(file), "ok": report.ok, "measured": report.measured}
        print_json({**about, "findings": findings, "remarks": remarks})
    else:
        for name, value in report.measured.items():
            echo(f"{name:18} {value:.6g}" if isinstance(value, float) else f"{name:18} {value}")
        for finding in (*report.findings, *report.remarks):
            echo(_line(finding))
        say(_summary(len(report.findings), len(report.remarks)))
    end(Code.DONE if report.ok else Code.JOB_FAILED)


def _summary(findings: int, remarks: int) -> str:
    told = "Nothing is wrong" if not findings else f"{findings} finding" + ("s" if findings != 1 else "")
    return told + (f"; {remarks} remark" + ("s" if remarks != 1 else "") if remarks else "") + "."


def _line(finding: Any) -> str:
    at = "" if finding.at_s is None else f" at {finding.at_s:.2f} s"
    measured = finding.value if not isinstance(finding.value, float) else f"{finding.value:.4g}"
    mark = "NOTE" if finding.remark else "WRONG"
    return f"{mark} {finding.code}{at}: {finding.message}" + ("" if measured is None else f" ({measured})")


def _cues(captions: Path | None) -> tuple[Any, ...]:
    from actors.media.subtitles import vtt_cues

    if captions is None:
        return ()
    try:
        return tuple(vtt_cues(captions.read_text("utf-8")))
    except ValueError as error:
        raise click.BadParameter(f"{captions}: {error}", param_hint="--captions") from None
