"""DBOS Transact on SQLite: a workflow for each job, ``asyncio.gather`` for the steps side by side.

``python dbos_steps.py JOBS AT_ONCE`` prints the seconds for each step.
"""

import asyncio
import importlib
import sys
import tempfile
import time
from typing import Any

SIDE_BY_SIDE = 17
RESULT = "x" * 100


async def main(jobs: int, at_once: int) -> None:
    dbos: Any = importlib.import_module("dbos").DBOS
    with tempfile.TemporaryDirectory(prefix="dbos-bench-") as folder:
        url = f"sqlite:///{folder}/dbos.sqlite"
        dbos(
            config={
                "name": "bench",
                "system_database_url": url,
                "run_admin_server": False,
                "log_level": "ERROR",
            }
        )

        async def run_step(job: str, name: str) -> str:  # noqa: ARG001 - what is recorded with the step
            return RESULT

        step = dbos.step()(run_step)

        async def run_job(job: str) -> None:
            await step(job, "first")
            await asyncio.gather(*(step(job, f"part {n}") for n in range(SIDE_BY_SIDE)))
            await step(job, "last")

        workflow = dbos.workflow()(run_job)
        dbos.launch()
        places = asyncio.Semaphore(at_once)

        async def one(name: str) -> None:
            async with places:
                await (await dbos.start_workflow_async(workflow, name)).get_result()

        await one("warm")
        began = time.perf_counter()
        await asyncio.gather(*(one(str(n)) for n in range(jobs)))
        wall_s = time.perf_counter() - began
        dbos.destroy()
    sys.stdout.write(f"{wall_s / jobs / (SIDE_BY_SIDE + 2)}\n")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
