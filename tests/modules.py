"""The product's modules as their syntax trees tell them: names, imports, and circles of imports.

Nothing is imported here, so that a module with a forbidden import is found also where it cannot be loaded.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parent.parent
TOP = ("domain", "projections", "actors", "api")
CLIENT = ROOT / "api" / "client"
"""A distribution of its own, which is held by tests of its own."""


@dataclass(frozen=True)
class Module:
    path: Path
    """Within the repository; ``source`` is given where there is no such file."""
    source: str | None = None

    @cached_property
    def name(self) -> str:
        parts = self.path.with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def top(self) -> str:
        return self.name.partition(".")[0]

    @cached_property
    def tree(self) -> ast.Module:
        source = (ROOT / self.path).read_text("utf-8") if self.source is None else self.source
        return ast.parse(source, str(self.path))

    @cached_property
    def imports(self) -> set[str]:
        """The full names of all that is imported anywhere in the module.

        What is imported inside functions counts, and what only type checkers read: whoever reads the one
        module has to know the other.
        """
        names = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names |= {f"{self._origin(node)}.{alias.name}".lstrip(".") for alias in node.names}
            elif isinstance(node, ast.Call) and _last_name(node.func).endswith("import_module"):
                names |= {str(a.value) for a in node.args if isinstance(a, ast.Constant)}
        return names

    def _origin(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.path.parent.parts
        return ".".join([*package[: len(package) - node.level + 1], *([node.module] if node.module else [])])

    def imports_any(self, *names: str) -> set[str]:
        return {i for i in self.imports if is_in(i, *names)}


def is_in(name: str, *rooms: str) -> bool:
    """Whether a module is one of these, or within one of them."""
    return any(name == room or name.startswith(f"{room}.") for room in rooms)


def called(node: ast.Call) -> str:
    return ast.unparse(node.func)


def _last_name(function: ast.expr) -> str:
    """Of ``importlib.import_module``, its last part: to write every call out whole would take a second."""
    return getattr(function, "attr", None) or getattr(function, "id", "")


def product() -> Iterator[Module]:
    for top in TOP:
        for path in sorted((ROOT / top).rglob("*.py")):
            if not path.is_relative_to(CLIENT):
                yield Module(path.relative_to(ROOT))


def imagined(files: Mapping[str, str]) -> list[Module]:
    """Modules that are not there: source by path."""
    return [Module(Path(path), source) for path, source in files.items()]


def circle(modules: Iterable[Module], known: Iterable[AbstractSet[str]] = ()) -> list[str]:
    """A circle of modules that import each other, each named before the one that imports it; else nothing.

    Each ``known`` set of modules counts as one, so that a circle among them is let pass and one through them
    is not. That importing ``a.b`` loads ``a`` as well is no edge: a package may collect what it holds.
    """
    listed = list(modules)
    names = {module.name for module in listed}
    one = {name: " + ".join(sorted(group)) for group in known for name in group}
    graph: dict[str, set[str]] = {}
    for module in listed:
        node = one.get(module.name, module.name)
        targets = {one.get(found, found) for found in imported(module, names)}
        graph.setdefault(node, set()).update(targets - {node})
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def imported(module: Module, names: AbstractSet[str]) -> set[str]:
    """Which of the modules ``names`` one imports; ``a.b.c`` may be a module, or a thing in ``a.b``."""
    found = set()
    for name in module.imports:
        while name and name not in names:
            name = name.rpartition(".")[0]  # noqa: PLW2901 - shortened until it names a module
        found.add(name)
    return found - {"", module.name}
