"""What a stage makes assets with, loaded whole before its first attempt in a process.

It is loaded where it is used, as it costs time and memory that who only directs or answers need not pay. But
two threads that begin at one time would import parts of a library that import each other, and rather than
wait for ever Python then shows one of them the library half loaded. So one thread loads it all.
"""

import asyncio
import importlib
import threading

from actors.work.stage import StageActor

_turn = threading.Lock()
_loaded: set[type] = set()


async def loaded(stage: StageActor) -> None:
    """Returns when the modules that the stage names in ``LIBRARIES`` are there."""
    if type(stage) not in _loaded:
        await asyncio.to_thread(_load, stage)


def _load(stage: StageActor) -> None:
    with _turn:
        for name in getattr(stage, "LIBRARIES", ()):
            importlib.import_module(name)
        _loaded.add(type(stage))
