"""The client is a distribution of its own: it knows nothing of Reelog, and is built and used without it."""

import ast
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.modules import CLIENT, ROOT, Module, circle

GENERATED = "documents.py"
FOREIGN = {"httpx", "httpx_sse"}
ONLY_FOR_TYPES = {"typing_extensions"}


def modules() -> list[Module]:
    package = sorted((CLIENT / "reelog_client").glob("*.py"))
    return [Module(Path("reelog_client") / path.name, path.read_text("utf-8")) for path in package]


def test_it_imports_its_two_libraries_and_nothing_of_reelog() -> None:
    for module in modules():
        tops = {name.partition(".")[0] for name in module.imports}
        assert tops - sys.stdlib_module_names - {"reelog_client"} <= FOREIGN | ONLY_FOR_TYPES, module.name


def test_what_it_declares_is_what_it_imports() -> None:
    project = tomllib.loads((CLIENT / "pyproject.toml").read_text("utf-8"))["project"]
    assert {need.partition(">")[0].replace("-", "_") for need in project["dependencies"]} == FOREIGN
    assert project["requires-python"] == ">=3.10"


def test_it_has_no_circles_and_no_long_modules() -> None:
    assert not circle(modules())
    for module in modules():
        lines = len((module.source or "").splitlines())
        why = (ast.get_docstring(module.tree) or "").replace("\n", " ").lower()
        if module.path.name != GENERATED:
            assert lines <= (400 if "longer than other" in why else 350), module.name


def test_reelogs_own_packages_leave_it_out() -> None:
    find = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"][
        "find"
    ]
    assert find["exclude"] == ["api.client*"]


@pytest.mark.slow
def test_its_wheel_works_beside_its_two_libraries_alone(tmp_path: Path) -> None:
    """Built offline by the pinned backend; imported by an interpreter that sees this and what they need."""
    built, installed = tmp_path / "built", tmp_path / "installed"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    offline = ["--no-index", "--no-deps", "--no-build-isolation"]
    source = tmp_path / "source"
    listed = subprocess.run(
        ["git", "archive", "HEAD", "api/client"], cwd=ROOT, capture_output=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout, so nothing tells which files are committed")
    (tmp_path / "source.tar").write_bytes(listed.stdout)
    with tarfile.open(tmp_path / "source.tar") as archive:
        archive.extractall(source, filter="data")
    subprocess.run(
        [*pip, "wheel", *offline, "--wheel-dir", str(built), str(source / "api" / "client")], check=True
    )
    (wheel,) = built.iterdir()
    names = zipfile.ZipFile(wheel).namelist()
    assert {"reelog_client/py.typed", "reelog_client/documents.py"} <= set(names)
    assert not [name for name in names if not name.startswith("reelog_client")]

    subprocess.run([*pip, "install", *offline, "--target", str(installed), str(wheel)], check=True)
    libraries = Path(sysconfig.get_path("purelib"))
    for package in ("httpx", "httpx_sse", "httpcore", "h11", "anyio", "sniffio", "idna", "certifi"):
        if (libraries / package).is_dir():
            (installed / package).symlink_to(libraries / package)
    for module in ("typing_extensions.py",):
        (installed / module).symlink_to(libraries / module)
    program = "import reelog_client as r, sys; r.Client('http://x'); print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(installed)!r}); {program}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    tops = {name.partition(".")[0] for name in done.stdout.split()}
    assert not tops & {"api", "domain", "actors", "projections", "ray", "typing_extensions"}
