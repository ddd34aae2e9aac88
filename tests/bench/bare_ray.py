"""Ray with one async actor and nothing else, started as Reelog starts it: what any program on Ray pays.

``python -m tests.bench.bare_ray`` says in a line of JSON how long it took until the actor answered, and stays
until its standard input ends.
"""

import json
import os
import sys
import time
from pathlib import Path

from actors.work.process_environment import RAY_SETTINGS, ProcessEnvironment, local_options


def _start(folder: Path) -> float:
    """Seconds from the import of Ray to the actor's first answer."""
    begun = time.perf_counter()
    os.environ.update(RAY_SETTINGS)
    import ray  # noqa: PLC0415 - reads its settings when it is imported

    ray.init("local", **local_options(folder))

    class Actor:
        async def answer(self) -> int:
            return 42

    actor = ray.remote(num_cpus=0, max_concurrency=1000)(Actor).remote()
    assert ray.get(actor.answer.remote()) == 42
    return time.perf_counter() - begun


def main() -> None:
    surroundings = ProcessEnvironment(os.environ)
    with surroundings.entered():
        took = _start(surroundings.folder)
    sys.stdout.write(json.dumps({"start_s": took}) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    surroundings.close()


if __name__ == "__main__":
    main()
