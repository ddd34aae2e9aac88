"""``python -m tests.bench [NAME …]``: what Reelog adds, measured side by side in one run, as ratios.

Each module of this folder that has ``BENCH`` is one bench: a function that measures and gives rows. Numbers
of different runs or machines are not comparable, so what is reported is how the two sides of one run relate;
rounds of both sides alternate, so that whatever else the machine does falls on both.
"""

import argparse
import importlib
import pkgutil
import sys
from pathlib import Path

from tests.bench.report import Bench, table


def benches() -> dict[str, Bench]:
    """All benches by name, in alphabetical order."""
    folder = Path(__file__).parent
    names = sorted(module.name for module in pkgutil.iter_modules([str(folder)]))
    modules = [importlib.import_module(f"tests.bench.{name}") for name in names if name != "__main__"]
    return {module.BENCH.name: module.BENCH for module in modules if hasattr(module, "BENCH")}


def main() -> int:
    known = benches()
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__.partition("\n\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(known)}; all if none")
    parser.add_argument("--quick", action="store_true", help="a few rounds, to see that it works")
    asked = parser.parse_args()
    unknown = [name for name in asked.names if name not in known]
    if unknown:
        parser.error(f"no bench is named {', '.join(unknown)}; there are {', '.join(known)}")
    for name in asked.names or known:
        bench = known[name]
        command = f"python -m tests.bench {name}{' --quick' if asked.quick else ''}"
        sys.stdout.write(table(bench, bench.measure(asked.quick), command))
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
