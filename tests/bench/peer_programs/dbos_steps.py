"""DBOS Transact on SQLite: a workflow of nineteen steps (one, seventeen side by side, one) that do nothing.

Runs in an environment that has DBOS and nothing of Reelog; prints its figures as a line of JSON.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time

from dbos import DBOS

PARTS = 17
STEPS = PARTS + 2
WARM_UP = 5
PAYLOAD = "x" * 100


@DBOS.step()
async def step(name: str) -> str:  # noqa: ARG001 - names it in the record
    return PAYLOAD


@DBOS.workflow()
async def film(name: str) -> str:  # noqa: ARG001 - as above
    await step("first")
    await asyncio.gather(*(step(f"part {n}") for n in range(PARTS)))
    return await step("last")


async def measure(jobs: int, active: int) -> float:
    """Seconds for so many workflows, so many of them at a time."""
    turn = asyncio.Semaphore(active)

    async def one(number: int) -> None:
        async with turn:
            handle = await DBOS.start_workflow_async(film, str(number))
            await handle.get_result()

    await asyncio.gather(*(one(n) for n in range(WARM_UP)))
    begun = time.perf_counter()
    await asyncio.gather(*(one(n) for n in range(jobs)))
    return time.perf_counter() - begun


async def run(jobs: int, active: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/dbos.sqlite"
        DBOS(
            config={
                "name": "bench",
                "system_database_url": url,
                "run_admin_server": False,
                "log_level": "ERROR",
            }
        )
        DBOS.launch()
        wall_s = await measure(jobs, active)
        DBOS.destroy()
    sys.stdout.write(json.dumps({"steps_s": jobs * STEPS / wall_s, "wall_s": wall_s}) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=40)
    parser.add_argument("--active", type=int, default=8)
    asked = parser.parse_args()
    asyncio.run(run(asked.jobs, asked.active))
