"""What a bench is, and how its rows are told: as a table, and as JSON with all that they depend on."""

import json
import os
import platform
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

REPOSITORY = Path(__file__).parents[2]
VERSIONED = ("reelog", "ray", "eventsourcing", "starlette", "uvicorn", "av", "numpy", "pillow", "psycopg")


class SkippedError(Exception):
    """A bench cannot be measured here; the message says what it lacks and how to get it."""


@dataclass(frozen=True)
class Row:
    """Two sides of one run; ``ratio`` is how many times as much ``ours`` takes as ``other``.

    A row with a target says what the ratio is to be: ``at_least`` or ``at_most`` so much. Where the target is
    a figure of its own (25 ms, say), ``other`` is that figure.
    """

    what: str
    ours: float
    other: float
    unit: str
    note: str = ""
    at_least: float | None = None
    at_most: float | None = None

    @property
    def ratio(self) -> float:
        return self.ours / self.other

    @property
    def met(self) -> bool | None:
        """Whether the ratio is what it is to be; None where nothing is asked of it."""
        if self.at_least is None and self.at_most is None:
            return None
        return (
            (self.at_least or 0.0) <= self.ratio <= (float("inf") if self.at_most is None else self.at_most)
        )

    @property
    def target(self) -> str:
        """What the ratio is to be, and whether it is."""
        bounds = (("≥", self.at_least), ("≤", self.at_most))
        asked = ", ".join(f"{sign} {figure(bound)}" for sign, bound in bounds if bound is not None)
        return f"{asked} {'met' if self.met else 'MISSED'}" if asked else ""

    def to_json(self) -> dict[str, Any]:
        return {
            "what": self.what,
            "ours": self.ours,
            "other": self.other,
            "unit": self.unit,
            "ratio": round(self.ratio, 4),
            "at_least": self.at_least,
            "at_most": self.at_most,
            "met": self.met,
            "note": self.note,
        }


@dataclass(frozen=True)
class Bench:
    """``measure(quick)`` gives rows; ``sides`` names what is compared, ours first.

    It raises SkippedError where this machine lacks what is compared with.
    """

    name: str
    about: str
    sides: tuple[str, str]
    measure: Callable[[bool], Sequence[Row]]


@dataclass(frozen=True)
class Result:
    """One bench, as it was run: its rows, or why there are none."""

    bench: Bench
    command: str
    rows: Sequence[Row]
    skipped: str | None
    load: tuple[float, float]
    """The machine's load (mean of a minute) before and after."""

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.bench.name,
            "about": self.bench.about,
            "sides": list(self.bench.sides),
            "command": self.command,
            "load": list(self.load),
            "skipped": self.skipped,
            "rows": [row.to_json() for row in self.rows],
        }


def run(bench: Bench, *, quick: bool) -> Result:
    command = f"python -m tests.bench {bench.name}{' --quick' if quick else ''}"
    rows: Sequence[Row] = []
    skipped, before = None, _load()
    try:
        rows = bench.measure(quick)
    except SkippedError as error:
        skipped = str(error)
    return Result(bench, command, rows, skipped, (before, _load()))


def table(result: Result) -> str:
    """The rows as text, under the command that makes them again."""
    bench = result.bench
    title = [f"{bench.name}: {bench.about}", f"$ {result.command}"]
    if result.skipped is not None:
        return "\n".join([*title, f"skipped: {result.skipped}", "", ""])
    cells = [
        (
            row.what,
            f"{figure(row.ours)} {row.unit}",
            f"{figure(row.other)} {row.unit}",
            f"{row.ratio:.3f}",
            row.target,
            row.note,
        )
        for row in result.rows
    ]
    return "\n".join([*title, *_aligned([("", *bench.sides, "ratio", "target", ""), *cells]), "", ""])


def verdicts(results: Iterable[Result]) -> str:
    """All rows with a target in one table; empty where there are none."""
    cells = [
        (result.bench.name, row.what, f"{row.ratio:.3f}", row.target)
        for result in results
        for row in result.rows
        if row.met is not None
    ]
    return "\n".join(["targets", *_aligned([("", "", "ratio", "target"), *cells]), ""]) if cells else ""


def report(results: Sequence[Result], command: str) -> dict[str, Any]:
    """A whole run as JSON: what was measured, by which command, where, with which versions."""
    return {
        "command": command,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "machine": machine(),
        "versions": versions(),
        "benches": [result.to_json() for result in results],
    }


def write(path: Path, document: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def machine() -> dict[str, Any]:
    """What the figures depend on and no other machine shares."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(memory / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}",
        "load": [round(load, 2) for load in os.getloadavg()],
    }


def versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in VERSIONED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def median_of(values: Sequence[float]) -> str:
    """How often something was measured and how far apart the figures lie, as a note."""
    return f"median of {len(values)}, {spread(values)}"


def spread(values: Sequence[float]) -> str:
    """How far apart the middle half of the values lies, as a share of their median."""
    ordered = sorted(values)
    quarter = len(ordered) // 4
    return f"±{(ordered[-1 - quarter] - ordered[quarter]) / 2 / median(ordered):.0%}"


def _aligned(lines: Sequence[tuple[str, ...]]) -> list[str]:
    """Columns of one width; those of figures are flush right."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    # A column is one of figures if its cells under the head begin with one.
    right = [
        all(line[n][:1].isdigit() or line[n][:1] == "-" for line in lines[1:]) for n in range(len(widths))
    ]
    return [
        "  ".join(
            text.rjust(width) if flush_right else text.ljust(width)
            for text, width, flush_right in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    ]


def figure(value: float) -> str:
    """Three figures that count, and never as a power of ten."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _load() -> float:
    return round(os.getloadavg()[0], 2)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _commit() -> str:
    """What was measured; with ``+`` where the tree held more than that commit."""
    asked = ["git", "describe", "--always", "--dirty=+", "--abbrev=12", "--exclude=*"]
    told = subprocess.run(asked, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    return told.stdout.strip() or "unknown"
