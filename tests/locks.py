"""Splits one resolved lock in two: what a film needs, and what tests need on top (`make lock` runs it).

    python -m tests.locks ALL RUN DEV

Both halves come from one resolution, so that they always fit together. Who needs a package is read from the
`# via` notes that uv writes, because they hold for every Python and machine, which installed packages do not.
"""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent

RUN_EXTRAS = ("emulator", "otel")
"""Extras that `make install` and the image install, too: the emulator's voice, which a demo needs, and what
sends spans, which nobody can add to an image that runs."""


def canonical(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    if name is None:
        raise ValueError(f"a requirement begins with a package's name, not {requirement!r}")
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def entries(lock: str) -> list[tuple[str, str]]:
    """Each entry's package and lines; one stands there twice where old Pythons need an older version."""
    blocks = re.findall(r"^[A-Za-z0-9].*\n(?:[ \t]+.*\n?)*", lock, re.MULTILINE)
    return [(canonical(block), block) for block in blocks]


def needed_by(entry: str) -> set[str]:
    notes = re.findall(r"^ +#(?: via)? *(.*)$", entry, re.MULTILINE)
    return {canonical(note) for note in notes if note}


def declared(*extras: str) -> set[str]:
    """Names that pyproject.toml asks for: the dependencies and those of the extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lists = [project["dependencies"], *(project["optional-dependencies"][extra] for extra in extras)]
    return {canonical(requirement) for listed in lists for requirement in listed}


def closure(locked: list[tuple[str, str]], roots: set[str]) -> set[str]:
    """The roots and every package that they need, directly or not."""
    reached = set(roots)
    while more := {n for n, entry in locked if n not in reached and needed_by(entry) & reached}:
        reached |= more
    return reached


def split(lock: str) -> tuple[str, str]:
    locked = entries(lock)
    run = closure(locked, declared(*RUN_EXTRAS))
    return "".join(e for n, e in locked if n in run), "".join(e for n, e in locked if n not in run)


if __name__ == "__main__":
    everything, run_lock, dev_lock = map(Path, sys.argv[1:])
    for path, text in zip((run_lock, dev_lock), split(everything.read_text("utf-8")), strict=True):
        path.write_text(text, "utf-8")
