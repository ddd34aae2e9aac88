"""Which room may know of which: the import rules, read from every module's syntax tree.

Nothing is imported here, so that a module with a forbidden import is found also where it cannot be loaded.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("domain", "projections", "actors", "api")

MAY_IMPORT = {
    "domain": {"domain"},
    "projections": {"domain", "projections"},
    "actors": {"domain", "actors"},
    "api": {"domain", "projections", "api"},
}
WIRING = re.compile(r"api\.(composition|cli(\.\w+)?)")
"""The modules that may import actors: the one that wires, and the commands."""

COMMANDS_THAT_KNOW_HTTP = {
    "api.cli.serve": "starts the server",
    "api.cli.log_lines": "shows which request a line of the log is about",
}

DOORS = ("domain.store",)
"""The modules of the domain that touch the world; all others are pure."""

SURFACES: dict[str, dict[str, set[str]]] = {
    "domain.store": {
        "domain.store.sqlite_connections": {"projections.database.sqlite"},
        "domain.store.postgresql_pool": {"projections.database.postgresql"},
    },
}
"""Packages that others import by their own name, the inner modules that some may reach, and who may."""

PURE_LIBRARIES = {"eventsourcing", "pydantic"}
PURE_STDLIB = {
    *("abc", "bisect", "collections", "contextlib", "copy", "dataclasses", "datetime", "decimal", "enum"),
    *(
        "fractions",
        "functools",
        "hashlib",
        "heapq",
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
    "packaging": ("ray", "reads version requirements, which `reelog doctor` compares with what is installed"),
}
"""What is imported though another library's requirement brings it: parts of that library's interface."""

SDKS = {"google.genai", "google.generativeai", "google.ai"}


@dataclass(frozen=True)
class Module:
    path: Path

    @cached_property
    def name(self) -> str:
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def room(self) -> str:
        return self.name.partition(".")[0]

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text("utf-8"), str(self.path))

    @cached_property
    def imports(self) -> set[str]:
        """The full names of all that is imported anywhere in the module, also inside functions."""
        names = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names |= {f"{self._origin(node)}.{alias.name}".lstrip(".") for alias in node.names}
            elif isinstance(node, ast.Call) and called(node).endswith("import_module"):
                names |= {str(a.value) for a in node.args if isinstance(a, ast.Constant)}
        return names

    def _origin(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.path.relative_to(ROOT).parent.parts
        return ".".join([*package[: len(package) - node.level + 1], *([node.module] if node.module else [])])

    def imports_any(self, *names: str) -> set[str]:
        return {i for i in self.imports if any(i == n or i.startswith(f"{n}.") for n in names)}


def called(node: ast.Call) -> str:
    return ast.unparse(node.func)


def modules(*rooms: str) -> Iterator[Module]:
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield Module(path)


PRODUCT = list(modules(*ROOMS))
PURE = [m for m in PRODUCT if m.room == "domain" and not m.name.startswith(DOORS)]

each_module = pytest.mark.parametrize("module", PRODUCT, ids=lambda m: m.name)
each_pure_module = pytest.mark.parametrize("module", PURE, ids=lambda m: m.name)


@each_module
def test_rooms_are_entered_in_one_direction_only(module: Module) -> None:
    allowed = MAY_IMPORT[module.room] | ({"actors"} if WIRING.fullmatch(module.name) else set())
    forbidden = module.imports_any(*(set(ROOMS) - allowed))
    assert not forbidden, f"{module.name} may import {sorted(allowed)} only"


CASES_KNOW_NOT = ("starlette", "click", "actors", "api.http", "api.stream", "api.web", "api.cli")


@each_module
def test_cases_know_neither_who_asks_nor_who_does_the_work(module: Module) -> None:
    assert not module.name.startswith("api.cases") or not module.imports_any(*CASES_KNOW_NOT)


@each_module
def test_http_and_commands_do_not_know_each_other(module: Module) -> None:
    assert not module.name.startswith("api.http") or not module.imports_any("api.cli")
    if module.name.startswith("api.cli"):
        known = bool(module.imports_any("api.http"))
        assert known == (module.name in COMMANDS_THAT_KNOW_HTTP)


@each_module
def test_the_product_never_imports_its_tests_or_their_tools(module: Module) -> None:
    assert not module.imports_any("tests", "pytest", "_pytest", "hypothesis")


@each_module
def test_nothing_is_imported_that_the_project_does_not_declare(module: Module) -> None:
    top_level = {name.partition(".")[0] for name in module.imports}
    foreign = top_level - sys.stdlib_module_names - set(ROOMS)
    provided_by = distributions()
    undeclared = {
        n
        for n in foreign
        if not {canonical(d) for d in provided_by.get(n, [])} & declared()
        and BROUGHT_BY.get(n, ("",))[0] not in declared()
    }
    assert not undeclared, f"{module.name} imports what pyproject.toml does not list under dependencies"


@cache
def distributions() -> Mapping[str, list[str]]:
    return packages_distributions()


@cache
def declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    stop = "[<>=!~; "
    return {canonical(d[: min(d.find(c) for c in stop if c in d)]) for d in project["dependencies"]}


def canonical(distribution: str) -> str:
    return distribution.lower().replace("_", "-").replace(".", "-")


@each_module
def test_ray_is_known_to_one_module(module: Module) -> None:
    assert module.name == "actors.cluster" or not module.imports_any("ray")


def test_each_sdk_is_known_to_its_adapter_alone() -> None:
    for sdk in SDKS:
        users = [m.name for m in PRODUCT if m.imports_any(sdk)]
        assert len(users) <= 1, f"{sdk} is imported by {users}"
        assert all(user.startswith("actors.gemini.") for user in users)


def test_no_module_knows_two_sdks() -> None:
    for module in PRODUCT:
        assert len({sdk for sdk in ("google.genai", "google.generativeai") if module.imports_any(sdk)}) < 2


@each_pure_module
def test_the_domain_imports_nothing_that_could_reach_the_world(module: Module) -> None:
    for name in module.imports:
        top = name.partition(".")[0]
        allowed = (
            top == "domain" or top in PURE_LIBRARIES | PURE_STDLIB or (module.name, top) in PURE_EXCEPTIONS
        )
        assert allowed, f"{module.name} imports {name}; in the domain only {', '.join(DOORS)}* may"
        assert not name.startswith(("eventsourcing.application", "eventsourcing.persistence")), name


@each_pure_module
def test_the_domain_is_entered_through_its_doors_and_never_leaves_through_them(module: Module) -> None:
    assert not {i for i in module.imports if i.startswith(DOORS)}


@each_module
@pytest.mark.parametrize("package", SURFACES)
def test_a_package_is_used_through_its_surface(module: Module, package: str) -> None:
    if module.name == package or module.name.startswith(f"{package}."):
        return
    folder = ROOT / package.replace(".", "/")
    inner = {f"{package}.{path.stem}" for path in folder.glob("*.py") if path.stem != "__init__"}
    allowed = {name for name, users in SURFACES[package].items() if module.name in users}
    assert not module.imports_any(*(inner - allowed)), f"{module.name} may import {package} only"


@each_pure_module
def test_the_domain_reads_no_clock_no_chance_and_no_file(module: Module) -> None:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            name = called(node)
            where = f"{module.name}:{node.lineno} calls {name}"
            assert name not in IMPURE_CALLS, where
            assert not (isinstance(node.func, ast.Attribute) and node.func.attr in IMPURE_METHODS), where


@each_module
def test_the_environment_is_read_in_one_place(module: Module) -> None:
    if module.name in ENVIRONMENT_READERS:
        return
    from_os = {f"os.{name}" for name in ENVIRONMENT}
    assert not module.imports & from_os
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr in ENVIRONMENT:
            assert ast.unparse(node) not in from_os, f"{module.name}:{node.lineno} reads {ast.unparse(node)}"


def test_an_exception_from_the_rules_is_still_needed() -> None:
    """Fails when a listed exception is no longer used, so that the lists do not grow old."""
    for name, library in PURE_EXCEPTIONS:
        users = [m.name for m in PURE if m.imports_any(library)]
        assert name in users, f"{name} no longer needs {library}"
    for inner, users in ((inner, users) for rest in SURFACES.values() for inner, users in rest.items()):
        assert users == {m.name for m in PRODUCT if m.imports_any(inner) and m.room != "domain"}, inner


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import actors.cluster", "actors.cluster"),
        ("from actors import cluster", "actors.cluster"),
        ("def f():\n    from actors.cluster import start", "actors.cluster.start"),
        ("from . import cluster", "domain.cluster"),
        ("from .. import actors", "actors"),
        ("import importlib\nimportlib.import_module('ray')", "ray"),
    ],
)
def test_an_import_is_found_however_it_is_written(source: str, found: str) -> None:
    module = Module(ROOT / "domain" / "imagined.py")
    module.__dict__["tree"] = ast.parse(source)
    assert found in module.imports
