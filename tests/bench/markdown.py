"""``python -m tests.bench.markdown [build/bench.json]``: a whole run as the tables of docs/BENCHMARKS.md."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from tests.bench.report import REPOSITORY, figure


def markdown(document: dict[str, Any]) -> str:
    """Where and how it was measured, then each bench with its rows, or why it has none."""
    machine = document["machine"]
    about = [
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}",
        ", ".join(f"{name} {version}" for name, version in document["versions"].items()),
        f"commit {document['commit']}, {document['at']}, `{document['command']}`",
    ]
    return "\n".join([*(f"- {line}" for line in about), "", *map(_bench, document["benches"])])


def _bench(bench: dict[str, Any]) -> str:
    before, after = bench["load"]
    title = f"### {bench['name']}\n\n{_sentence(bench['about'])} Load {before} before, {after} after.\n"
    if bench["skipped"] is not None:
        return f"{title}\nSkipped: {bench['skipped']}\n"
    ours, other = bench["sides"]
    head = [f"| | {ours} | {other} | ratio | aim | |", "|---|---|---|---|---|---|"]
    return "\n".join([title, *head, *map(_row, bench["rows"]), ""])


def _row(row: dict[str, Any]) -> str:
    bounds = (("at least", row["at_least"]), ("at most", row["at_most"]))
    aims = [f"{name} {figure(bound)}" for name, bound in bounds if bound is not None]
    aim = f"{' and '.join(aims)}: {'met' if row['met'] else '**missed**'}" if aims else ""
    cells = [row["what"], *(f"{figure(row[side])} {row['unit']}".strip() for side in ("ours", "other"))]
    return "| " + " | ".join([*cells, f"{row['ratio']:.3g}", aim, row["note"]]) + " |"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.markdown", description=__doc__.partition(": ")[2]
    )
    parser.add_argument("run", nargs="?", type=Path, default=REPOSITORY / "build" / "bench.json")
    document = json.loads(parser.parse_args(arguments).run.read_text("utf-8"))
    sys.stdout.write(markdown(document))
    return 0


if __name__ == "__main__":
    sys.exit(main())
