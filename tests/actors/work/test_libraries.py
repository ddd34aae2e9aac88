"""Libraries are loaded by one thread, before a stage begins: threads would meet them half loaded."""

import ast
import asyncio
import importlib
import sys
import threading
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from actors.stages.audio_planner import AudioPlanner
from actors.stages.composer import Composer
from actors.stages.editor import Editor
from actors.stages.illustrator import Illustrator
from actors.stages.narrator import Narrator
from actors.work import libraries
from actors.work.libraries import loaded


def imported_in_functions(path: Path) -> set[str]:
    """Modules of ours that functions of this file import; a name may be a module, too."""
    found = set()
    for function in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.ImportFrom) and str(node.module).startswith("actors."):
                    modules = {f"{node.module}.{name.name}" for name in node.names}
                    whole = {name for name in modules if is_module(name)}
                    found |= whole or {str(node.module)}
    return found


def is_module(name: str) -> bool:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        return False
    return True


LIGHT = {"actors.media.cancelling"}


@pytest.mark.parametrize("stage", [AudioPlanner, Composer, Editor, Illustrator, Narrator])
def test_what_a_stage_imports_when_it_works_is_loaded_before(stage: Any) -> None:
    path = Path(sys.modules[stage.__module__].__file__ or "")
    assert imported_in_functions(path) - LIGHT <= set(stage.LIBRARIES)


async def test_libraries_are_loaded_by_one_thread_and_others_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    began, go_on, asked = threading.Event(), threading.Event(), []

    def load(name: str) -> ModuleType:
        asked.append(name)
        began.set()
        assert go_on.wait(60)
        return sys

    class Stage:
        LIBRARIES = ("a", "b")

    monkeypatch.setattr(libraries.importlib, "import_module", load)
    stage: Any = Stage()
    first, second = asyncio.create_task(loaded(stage)), asyncio.create_task(loaded(stage))
    await asyncio.to_thread(began.wait, 60)
    assert not first.done()
    assert not second.done()
    assert asked == ["a"]
    go_on.set()
    await asyncio.gather(first, second)
    assert asked == ["a", "b", "a", "b"], "the second finds them there"
    await loaded(stage)
    assert len(asked) == 4
