"""Which room may know of which: the import rules, held for every module of the product.

Each rule is a function that names what a module does against it; a table at the end holds for each rule an
imagined module that breaks it.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import packages_distributions

import pytest

from tests.modules import ROOT, TOP, Module, called, circle, imagined, imported, is_in, product

MAY_IMPORT = {
    "domain": {"domain"},
    "projections": {"domain", "projections"},
    "actors": {"domain", "actors"},
    "api": {"domain", "projections", "api"},
}
WIRING = re.compile(r"api\.(composition|cli(\.\w+)?)")
"""The modules that may import actors: the one that wires, and the commands."""

ROOMS_OF_ACTORS = {
    "actors.emulator": set(),
    "actors.prompts": {"actors.media"},
    "actors.media": set(),
    "actors.files": {"actors.media", "actors.stages"},
    "actors.gemini": {"actors.media"},
    "actors.blobs": set(),
    "actors.stages": {"actors.gemini", "actors.media", "actors.prompts", "actors.work"},
    "actors.work": {
        "actors.blobs",
        "actors.director",
        "actors.gemini",
        "actors.media",
        "actors.prompts",
        "actors.stages",
    },
    "actors.director": {"actors.blobs", "actors.work"},
}
"""What each room knows of the others; ``actors.cluster``, which puts them into Ray, may know all but the
emulator. Media are functions without policy: they know no stage, no order and no provider."""
NEIGHBOURS = {
    (
        "actors.blobs.folder",
        "actors.work.temporary_files",
    ): "bytes are written as files under way, as films are",
}
"""Single modules that a room may know beside."""
EMULATOR, ITS_COMMAND = "actors.emulator", "api.cli.emulator"
CASES_KNOW_NOT = ("starlette", "click", "mcp", "api.http", "api.stream", "api.web", "api.cli", "api.mcp")
"""Who only translates: what can be asked of Reelog (``api.cases``) knows neither them nor their libraries."""
COMMANDS_THAT_KNOW_HTTP = {
    "api.cli.serve": "starts the server",
    "api.cli.log_lines": "shows which request a line of the log is about",
}
WHO_SERVES_AGENTS = {"api.http.mcp": "over HTTP", "api.cli.mcp": "over standard streams"}
SURFACES: dict[str, dict[str, set[str]]] = {
    "actors.emulator.pictures.motifs": {},
    "domain.store": {
        "domain.store.sqlite_connections": {"projections.database.sqlite"},
        "domain.store.postgresql_pool": {"projections.database.postgresql"},
    },
}
"""Packages that others import by their own name; inner modules that some may reach, and who may."""

DOORS = ("domain.store",)
"""The modules of the domain that touch the world; all others are pure."""

PURE_LIBRARIES = {"eventsourcing", "pydantic"}
PURE_STDLIB = {
    *("abc", "bisect", "collections", "contextlib", "copy", "dataclasses", "datetime", "decimal", "enum"),
    *(
        "fractions",
        "functools",
        "hashlib",
        "heapq",
        "html",
        "itertools",
        "json",
        "math",
        "operator",
        "re",
        "statistics",
    ),
    *("string", "textwrap", "tomllib", "types", "typing", "unicodedata", "uuid", "warnings"),
}
PURE_EXCEPTIONS = {
    ("domain.ports", "pathlib"): "a port names files by their path; the adapters behind it open them",
    ("domain.pricing", "pathlib"): "says where the shipped price list lies; who wires the parts reads it",
}
IMPURE_CALLS = {
    *("open", "print", "input", "breakpoint", "exec", "eval", "__import__"),
    *(
        "datetime.now",
        "datetime.utcnow",
        "datetime.today",
        "date.today",
        "uuid1",
        "uuid4",
        "uuid.uuid1",
        "uuid.uuid4",
    ),
}
IMPURE_METHODS = {
    *("read_text", "read_bytes", "write_text", "write_bytes", "unlink", "mkdir", "rmdir", "touch", "exists"),
    *("iterdir", "glob", "rglob", "is_file", "is_dir", "stat", "rename", "resolve"),
}

ENVIRONMENT = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}
ENVIRONMENT_READERS = {
    "api.settings": "the only reader of settings",
    "actors.cluster": "sets Ray's own variables, which Ray reads from the environment alone",
    "api.cli.text": "NO_COLOR is the terminal's, by a convention of all commands",
}

BROUGHT_BY = {
    "psycopg_pool": ("psycopg", "its connection pool, an extra of the driver"),
    "httpx2": ("google-genai", "the errors of its transport, to be read by type"),
    "requests": ("google-generativeai", "the transport of its REST calls, with retries taken out"),
    "urllib3": ("google-generativeai", "as above"),
    "h11": ("uvicorn", "its parser of HTTP, whose refusals are told as problems"),
    "reelog_client": (
        "httpx",
        "the client in api/client/, which is installed beside Reelog, and its library",
    ),
    "packaging": ("ray", "reads version requirements, which `reelog doctor` compares with what is installed"),
}
"""What is imported though another library's requirement brings it: parts of that library's interface."""

ADAPTERS = {
    "google.genai": "actors.gemini.genai_adapter",
    "google.generativeai": "actors.gemini.generativeai_adapter",
    "google.ai": "actors.gemini.generativeai_adapter",
}
WHO_CONNECTS = "actors.gemini.connect"

KNOWN_CIRCLES: tuple[frozenset[str], ...] = ()
"""Modules that still import each other. No other may, and whoever parts these takes them off the list."""

PRODUCT = list(product())
NAMES = {module.name for module in PRODUCT}


def is_pure(module: Module) -> bool:
    return module.top == "domain" and not is_in(module.name, *DOORS)


# ---- the rules: each returns what a module does against it ------------------------------------------------


def other_tops(module: Module) -> set[str]:
    """Imports run one way: domain <- projections, domain <- actors, domain and projections <- api."""
    wires = WIRING.fullmatch(module.name) is not None
    return module.imports_any(*(set(TOP) - MAY_IMPORT[module.top] - ({"actors"} if wires else set())))


def other_rooms_of_actors(module: Module) -> set[str]:
    """Within actors each room knows those that it is listed with."""
    for room, known in ROOMS_OF_ACTORS.items():
        if is_in(module.name, room):
            beside = {neighbour for own, neighbour in NEIGHBOURS if own == module.name}
            return {i for i in module.imports_any("actors") if not is_in(i, room, *known, *beside)}
    return set()


def the_emulator(module: Module) -> set[str]:
    """It stands for Google: it knows nothing of Reelog, and only the command that starts it knows it."""
    if is_in(module.name, EMULATOR):
        return {i for i in module.imports_any(*TOP) if not is_in(i, EMULATOR)}
    return set() if module.name == ITS_COMMAND else module.imports_any(EMULATOR)


def cases(module: Module) -> set[str]:
    """HTTP, streams, pages and commands call the cases, never the other way round."""
    return module.imports_any(*CASES_KNOW_NOT) if is_in(module.name, "api.cases") else set()


def http_and_commands(module: Module) -> set[str]:
    """HTTP and commands do not know each other, but for the commands that are about HTTP."""
    if is_in(module.name, "api.http"):
        return module.imports_any("api.cli")
    commands = is_in(module.name, "api.cli") and module.name not in COMMANDS_THAT_KNOW_HTTP
    return module.imports_any("api.http") if commands else set()


def agents(module: Module) -> set[str]:
    """Tools of agents know neither HTTP nor commands, and only they and who serves them know the library."""
    if is_in(module.name, "api.mcp"):
        return module.imports_any("starlette", "click", "api.http", "api.web", "api.cli")
    return set() if module.name in WHO_SERVES_AGENTS else module.imports_any("mcp", "api.mcp")


def surfaces(module: Module) -> set[str]:
    """A package with a surface is used through it alone."""
    found = set()
    for package, inner in SURFACES.items():
        if not is_in(module.name, package):
            reached = {name for name in imported(module, NAMES) - {package} if is_in(name, package)}
            found |= {name for name in reached if module.name not in inner.get(name, set())}
    return found


def ray(module: Module) -> set[str]:
    """Ray is known to one module."""
    return set() if module.name == "actors.cluster" else module.imports_any("ray")


def spans(module: Module) -> set[str]:
    """What exports spans is an extra, and known to one module."""
    return set() if module.name == "api.traces.collector" else module.imports_any("opentelemetry")


def sdks(module: Module) -> set[str]:
    """Each SDK is known to its adapter alone, and the adapters to whoever chooses between them."""
    known = {sdk for sdk, adapter in ADAPTERS.items() if adapter == module.name}
    found = module.imports_any(*(ADAPTERS.keys() - known))
    if module.name != WHO_CONNECTS:
        found |= module.imports_any(*ADAPTERS.values())
    return found


def own_tests(module: Module) -> set[str]:
    """The product never imports its tests or their tools."""
    return module.imports_any("tests", "pytest", "_pytest", "hypothesis")


def undeclared(module: Module) -> set[str]:
    """Nothing is imported that pyproject.toml does not list under dependencies."""
    top_level = {name.partition(".")[0] for name in module.imports}
    foreign = top_level - sys.stdlib_module_names - set(TOP)
    provided_by = distributions()
    return {
        n
        for n in foreign
        if not {canonical(d) for d in provided_by.get(n, [])} & declared()
        and BROUGHT_BY.get(n, ("",))[0] not in declared()
    }


def the_world(module: Module) -> set[str]:
    """In the domain only the store imports what could reach the world; the rest never enters the store."""
    if not is_pure(module):
        return set()
    return {
        name
        for name in module.imports
        if is_in(name, *DOORS, "eventsourcing.application", "eventsourcing.persistence")
        or not (
            (top := name.partition(".")[0]) in PURE_LIBRARIES | PURE_STDLIB | {"domain"}
            or (module.name, top) in PURE_EXCEPTIONS
        )
    }


def impure_calls(module: Module) -> set[str]:
    """The domain reads no clock, no chance and no file."""
    if not is_pure(module):
        return set()
    found = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            method = isinstance(node.func, ast.Attribute) and node.func.attr in IMPURE_METHODS
            if method or called(node) in IMPURE_CALLS:
                found.add(f"{called(node)} in line {node.lineno}")
    return found


def the_environment(module: Module) -> set[str]:
    """The environment is read in one place."""
    return set() if module.name in ENVIRONMENT_READERS else reads_of_the_environment(module)


def reads_of_the_environment(module: Module) -> set[str]:
    from_os = {f"os.{name}" for name in ENVIRONMENT}
    return (module.imports & from_os) | {
        f"{ast.unparse(node)} in line {node.lineno}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr in ENVIRONMENT and ast.unparse(node) in from_os
    }


@cache
def distributions() -> Mapping[str, list[str]]:
    return packages_distributions()


@cache
def declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    stop = "[<>=!~; "
    extras = project["optional-dependencies"]
    listed = [*project["dependencies"], *extras["emulator"], *extras["otel"]]
    return {canonical(d[: min(d.find(c) for c in stop if c in d)]) for d in listed}


def canonical(distribution: str) -> str:
    return distribution.lower().replace("_", "-").replace(".", "-")


Rule = Callable[[Module], set[str]]
RULES: tuple[Rule, ...] = (
    other_tops,
    other_rooms_of_actors,
    the_emulator,
    cases,
    http_and_commands,
    agents,
    surfaces,
    ray,
    spans,
    sdks,
    own_tests,
    undeclared,
    the_world,
    impure_calls,
    the_environment,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_module_keeps_each_rule(rule: Rule) -> None:
    offenders = {module.name: found for module in PRODUCT if (found := rule(module))}
    assert not offenders, rule.__doc__


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert not circle(PRODUCT, KNOWN_CIRCLES)


def test_an_exception_from_the_rules_is_still_needed() -> None:
    """Fails when a listed exception is no longer used, so that the lists do not grow old."""
    by_name = {module.name: module for module in PRODUCT}
    for name, library in PURE_EXCEPTIONS:
        assert by_name[name].imports_any(library), f"{name} no longer needs {library}"
    for name, neighbour in NEIGHBOURS:
        assert by_name[name].imports_any(neighbour), f"{name} no longer needs {neighbour}"
    for name in COMMANDS_THAT_KNOW_HTTP:
        assert by_name[name].imports_any("api.http"), f"{name} no longer knows HTTP"
    for name in WHO_SERVES_AGENTS:
        assert by_name[name].imports_any("api.mcp"), f"{name} no longer serves agents"
    for inner, users in ((inner, users) for each in SURFACES.values() for inner, users in each.items()):
        for name in users:
            assert by_name[name].imports_any(inner), f"{name} no longer needs {inner}"
    for name in ENVIRONMENT_READERS:
        assert reads_of_the_environment(by_name[name]), f"{name} no longer reads the environment"
    for known in KNOWN_CIRCLES:
        assert circle([m for m in PRODUCT if m.name in known]), f"{sorted(known)} are no circle any more"


# ---- the rules, broken ------------------------------------------------------------------------------------


BROKEN: tuple[tuple[Rule, str, str], ...] = (
    (other_tops, "domain/film.py", "import projections.tables"),
    (other_tops, "projections/tables.py", "from actors.work import stage"),
    (other_tops, "actors/work/stage.py", "def f():\n    from projections import tables"),
    (other_tops, "actors/work/stage.py", "from api.settings import Settings"),
    (other_tops, "api/settings.py", "from actors.media import credentials"),
    (other_tops, "api/cases/submit.py", "from actors.work.planning.planner import Planner"),
    (other_tops, "api/http/app.py", "import actors.cluster"),
    (other_rooms_of_actors, "actors/media/film.py", "from actors.work.stage import Plan"),
    (other_rooms_of_actors, "actors/media/film.py", "from actors.gemini.reader import read_image"),
    (other_rooms_of_actors, "actors/media/film.py", "from actors.stages import editor"),
    (other_rooms_of_actors, "actors/media/film.py", "from actors import prompts"),
    (other_rooms_of_actors, "actors/gemini/reader.py", "from actors.stages.checks import answers"),
    (other_rooms_of_actors, "actors/gemini/reader.py", "from actors.director.throttle import Throttle"),
    (other_rooms_of_actors, "actors/gemini/reader.py", "from actors.work import provider_call"),
    (other_rooms_of_actors, "actors/stages/editor.py", "from actors.director import desk"),
    (other_rooms_of_actors, "actors/stages/editor.py", "import actors.cluster"),
    (other_rooms_of_actors, "actors/blobs/folder.py", "from actors.work.attempt import attempt"),
    (other_rooms_of_actors, "actors/director/desk.py", "from actors.stages.editor import Editor"),
    (the_emulator, "actors/emulator/server.py", "from domain.script import ScriptAnalysis"),
    (the_emulator, "actors/emulator/server.py", "from actors.media import wav"),
    (the_emulator, "actors/gemini/connect.py", "from actors.emulator.server import EmulatorThread"),
    (the_emulator, "api/cli/serve.py", "def f():\n    from actors.emulator import server"),
    (the_emulator, "api/composition.py", "import actors.emulator"),
    (cases, "api/cases/submit.py", "from api.http.problems import Problem"),
    (cases, "api/cases/submit.py", "from starlette.requests import Request"),
    (cases, "api/cases/look.py", "from api.cli import text"),
    (http_and_commands, "api/http/jobs.py", "from api.cli import text"),
    (http_and_commands, "api/cli/jobs.py", "from api.http.app import create_app"),
    (agents, "api/mcp/tools.py", "from api.http.problems import Problem"),
    (agents, "api/http/jobs.py", "from mcp.types import Tool"),
    (surfaces, "actors/emulator/pictures/draw.py", "from actors.emulator.pictures.motifs.sea import sea"),
    (surfaces, "api/composition.py", "from actors.emulator.pictures.motifs import sea"),
    (ray, "actors/work/crew.py", "import ray"),
    (ray, "api/composition.py", "import importlib\nimportlib.import_module('ray')"),
    (sdks, "actors/gemini/reader.py", "from google import genai"),
    (sdks, "actors/gemini/genai_adapter.py", "import google.generativeai"),
    (sdks, "actors/gemini/generativeai_adapter.py", "from google.genai import types"),
    (sdks, "actors/gemini/gateway.py", "def f():\n    from actors.gemini.genai_adapter import GenaiGateway"),
    (sdks, "actors/cluster.py", "from actors.gemini import generativeai_adapter"),
    (own_tests, "api/logs.py", "from tests import certificates"),
    (own_tests, "domain/job.py", "import hypothesis.strategies"),
    (undeclared, "api/http/app.py", "import flask"),
    (spans, "api/http/app.py", "from opentelemetry import trace"),
    (the_world, "domain/job.py", "import os"),
    (the_world, "domain/job.py", "from domain.store import log"),
    (the_world, "domain/job.py", "from eventsourcing.application import Application"),
    (impure_calls, "domain/job.py", "now = datetime.now(UTC)"),
    (impure_calls, "domain/job.py", "text = path.read_text()"),
    (the_environment, "api/composition.py", "import os\nkey = os.environ['KEY']"),
    (the_environment, "actors/work/crew.py", "from os import getenv"),
)


@pytest.mark.parametrize(("rule", "path", "source"), BROKEN, ids=lambda v: getattr(v, "__name__", None))
def test_a_rule_finds_what_breaks_it(rule: Rule, path: str, source: str) -> None:
    assert rule(*imagined({path: source}))


def test_each_rule_is_broken_in_the_table() -> None:
    assert {rule for rule, _, _ in BROKEN} == set(RULES)


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        (other_tops, "api/composition.py", "import actors.cluster"),
        (other_tops, "api/cli/check.py", "from actors.media import check"),
        (
            other_rooms_of_actors,
            "actors/gemini/sdk_limits.py",
            "from actors.media.formats import film_format",
        ),
        (other_rooms_of_actors, "actors/blobs/folder.py", "from actors.work import temporary_files"),
        (other_rooms_of_actors, "actors/cluster.py", "from actors.director import desk"),
        (the_emulator, "actors/emulator/server.py", "import numpy\nfrom actors.emulator import faults"),
        (the_emulator, "api/cli/emulator.py", "from actors.emulator.server import run"),
        (http_and_commands, "api/cli/serve.py", "from api.http.app import create_app"),
        (surfaces, "actors/emulator/pictures/draw.py", "from actors.emulator.pictures.motifs import MOTIFS"),
        (
            surfaces,
            "actors/emulator/pictures/motifs/ship.py",
            "from actors.emulator.pictures.motifs import sea",
        ),
        (sdks, "actors/gemini/connect.py", "from actors.gemini.genai_adapter import GenaiGateway"),
        (the_world, "domain/store/log.py", "import os"),
        (the_environment, "api/settings.py", "import os\nvalues = os.environ"),
    ],
    ids=lambda v: getattr(v, "__name__", None),
)
def test_a_rule_lets_pass_what_keeps_it(rule: Rule, path: str, source: str) -> None:
    assert not rule(*imagined({path: source}))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import actors.cluster", "actors.cluster"),
        ("from actors import cluster", "actors.cluster"),
        ("def f():\n    from actors.cluster import start", "actors.cluster.start"),
        ("if TYPE_CHECKING:\n    import actors.cluster", "actors.cluster"),
        ("from . import cluster", "domain.cluster"),
        ("from .. import actors", "actors"),
        ("import importlib\nimportlib.import_module('ray')", "ray"),
    ],
)
def test_an_import_is_found_however_it_is_written(source: str, found: str) -> None:
    (module,) = imagined({"domain/imagined.py": source})
    assert found in module.imports


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"a/x.py": "import a.y", "a/y.py": "import a.x"}, {"a.x", "a.y"}),
        ({"a/x.py": "from a.y import f", "a/y.py": "from a import x"}, {"a.x", "a.y"}),
        ({"a/x.py": "import a.y", "a/y.py": "def f():\n    from a.x import g"}, {"a.x", "a.y"}),
        ({"a/x.py": "import a.y", "a/y.py": "if TYPE_CHECKING:\n    import a.x"}, {"a.x", "a.y"}),
        ({"a/x.py": "from . import y", "a/y.py": "from .x import f"}, {"a.x", "a.y"}),
        (
            {"a/x.py": "import b.y", "b/y.py": "import c.z", "c/z.py": "def f():\n    import a.x"},
            {"a.x", "b.y", "c.z"},
        ),
        ({"a/__init__.py": "from a.x import f", "a/x.py": "from a import g"}, {"a", "a.x"}),
        ({"a/__init__.py": "from a.x import f", "a/x.py": "import b", "a/y.py": ""}, set()),
        ({"a/x.py": "import a.y, a.z", "a/y.py": "import a.w", "a/z.py": "import a.w", "a/w.py": ""}, set()),
        ({"a/x.py": "import json", "a/json.py": "import a.x"}, set()),
    ],
)
def test_a_circle_is_found_however_it_closes(files: dict[str, str], found: set[str]) -> None:
    assert set(circle(imagined(files))) == found


def test_a_known_circle_hides_no_other_through_it() -> None:
    known = [{"a.x", "a.y"}]
    two = {"a/x.py": "import a.y", "a/y.py": "import a.x"}
    assert not circle(imagined(two), known)
    three = {"a/x.py": "import a.y", "a/y.py": "import a.x, a.z", "a/z.py": "import a.x"}
    assert set(circle(imagined(three), known)) == {"a.x + a.y", "a.z"}


def test_imports_are_told_by_the_modules_that_they_name() -> None:
    (module,) = imagined({"a/x.py": "from a.y import f\nfrom a import z\nimport json, a.x"})
    assert imported(module, {"a", "a.x", "a.y", "a.z"}) == {"a.y", "a.z"}
