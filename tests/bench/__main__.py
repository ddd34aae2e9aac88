"""``python -m tests.bench [NAME …]``: what Reelog adds, measured side by side in one run, as ratios.

Each module of this folder that has ``BENCH`` is one bench: a function that measures and gives rows. Numbers
of different runs or machines are not comparable, so what is reported is how the two sides of one run relate;
rounds of both sides alternate, so that whatever else the machine does falls on both. A row that is to reach
something says so and whether it does; what a machine lacks to be compared with is skipped by name.
"""

import argparse
import importlib
import pkgutil
import sys
from pathlib import Path

from tests.bench.report import Bench, Result, report, run, table, verdicts, write


def benches() -> dict[str, Bench]:
    """All benches by name, in alphabetical order."""
    folder = Path(__file__).parent
    names = sorted(module.name for module in pkgutil.iter_modules([str(folder)]))
    measuring = [name for name in names if name != "__main__" and not name.startswith("test_")]
    modules = [importlib.import_module(f"tests.bench.{name}") for name in measuring]
    return {module.BENCH.name: module.BENCH for module in modules if hasattr(module, "BENCH")}


def main(arguments: list[str] | None = None) -> int:
    known = benches()
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__.partition("\n\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(known)}; all if none")
    parser.add_argument("--quick", action="store_true", help="a few rounds, to see that it works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all rows there as JSON")
    asked = parser.parse_args(arguments)
    unknown = [name for name in asked.names if name not in known]
    if unknown:
        parser.error(f"no bench is named {', '.join(unknown)}; there are {', '.join(known)}")
    results: list[Result] = []
    for name in asked.names or known:
        results.append(run(known[name], quick=asked.quick))
        sys.stdout.write(table(results[-1]))
        sys.stdout.flush()
        if asked.json:  # after each, so that what was measured is kept when a later one fails
            command = " ".join(["python -m tests.bench", *asked.names, *(["--quick"] if asked.quick else [])])
            write(asked.json, report(results, command))
    sys.stdout.write(verdicts(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
