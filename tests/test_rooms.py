"""The layout: every room that the design names is there, and nothing stands where it has no place."""

import ast
from pathlib import Path

import pytest

from tests.modules import ROOT, product

ROOMS = {
    "actors": {
        "blobs": "bytes by their digests",
        "cluster.py": "the only module that imports Ray",
        "director": "one process manager",
        "emulator": "stands for Google",
        "files": "what people bring: opened apart, cleaned, fitted to its place",
        "gemini": "the gateway, its two adapters, the reader of answers, the catalogue",
        "media": "images, audio, captions, rendering: functions, no policy",
        "prompts": "prompts as files",
        "stages": "one module a stage actor",
        "work": "the stage protocol, attempts, provider calls, the crew",
    },
    "api": {
        "__main__.py": "python -m api is the command",
        "cases": "what can be asked of Reelog",
        "cli": "the commands",
        "client": "the Python client, a distribution of its own that knows nothing of Reelog",
        "composition.py": "the only place that wires parts together",
        "durations.py": "how long something takes, in words",
        "configuration": "what settings.py reads settings with: .env, conversions, checks",
        "leased_thread.py": "a thread that serves in one process at a time",
        "mcp": "the tools of agents",
        "http": "operations, parameters, problems, middleware",
        "actors_port.py": "what the API knows of the crew",
        "model_directory.py": "which models there are today",
        "records.py": "what the log holds besides films",
        "settings.py": "the only reader of the environment",
        "stream": "server-sent events",
        "traces": "spans of jobs, sent to a collector where one is named",
        "web": "the page, and pages without script",
        "webhooks": "what is told to other servers: signed, tried again, to checked addresses",
    },
}
"""All that stands in these folders, and why; in the domain and the projections any module may stand."""
FLAT = {"domain": {"script_forms", "store", "prices.json"}, "projections": {"database"}}
"""What else stands beside the modules."""
STAGES = {
    *(
        "animator",
        "audio_planner",
        "composer",
        "editor",
        "illustrator",
        "narrator",
        "script_analyst",
        "script_writer",
        "storyboard_artist",
    ),
}
HELPERS_OF_STAGES = {"casting", "checks", "composition", "given", "words"}


def entries(folder: Path) -> set[str]:
    """What stands in a folder; not what Python writes beside it, nor what a branch left empty."""
    return {
        path.name
        for path in folder.iterdir()
        if path.name not in {"__init__.py", "__pycache__"}
        and (path.is_file() or any(p.is_file() for p in path.rglob("*") if "__pycache__" not in p.parts))
    }


@pytest.mark.parametrize("top", ROOMS)
def test_each_room_is_there_and_nothing_else(top: str) -> None:
    assert entries(ROOT / top) == ROOMS[top].keys()


@pytest.mark.parametrize("top", FLAT)
def test_modules_of_the_domain_and_the_projections_stand_side_by_side(top: str) -> None:
    assert {name for name in entries(ROOT / top) if not name.endswith(".py")} == FLAT[top]


def test_each_stage_is_one_module_and_what_several_use_has_a_folder() -> None:
    modules = {f"{stage}.py" for stage in STAGES}
    assert entries(ROOT / "actors" / "stages") == modules | HELPERS_OF_STAGES


def test_what_an_empty_branch_leaves_is_no_room(tmp_path: Path) -> None:
    (tmp_path / "gone" / "__pycache__").mkdir(parents=True)
    (tmp_path / "gone" / "__pycache__" / "x.pyc").touch()
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "module.py").touch()
    assert entries(tmp_path) == {"room"}


def test_a_file_is_about_one_idea_and_a_long_one_says_why() -> None:
    """At most 350 lines; up to 400 with a reason in the docstring, where a reader looks first."""
    for module in product():
        lines = len(module.path.read_text("utf-8").splitlines())
        why = (ast.get_docstring(module.tree) or "").lower()
        assert lines <= 400, f"{module.name} has {lines} lines; split it where it is about another idea"
        assert lines <= 350 or "longer than other" in why, f"{module.name} has {lines} lines and says not why"
