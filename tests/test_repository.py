"""What the repository holds: the agreed names, a lock that can be trusted, links that lead somewhere."""

import re
import subprocess
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from actors.media.fonts import ARABIC, EMOJI, JAPANESE, LATIN, OTHERS, SYMBOLS, Face
from tests.locks import RUN_EXTRAS, canonical, declared, entries, split

ROOT = Path(__file__).parent.parent

ROOMS = {"actors", "domain", "api", "projections", "tests"}
FIXED = {"ray_cluster.yaml", "pyproject.toml"}
LOCKS = ("requirements.lock", "requirements-dev.lock")
BESIDE = {"README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile", *LOCKS, "docs", "deploy"}

FACES = (LATIN, ARABIC, EMOJI, SYMBOLS, JAPANESE, *OTHERS)

LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)\s#]+)(?:#[^)\s]*)?\)")
NAMED = re.compile(r"`((?:actors|api|domain|projections|tests|docs)/[\w./-]+\.(?:css|html|js|json|md|py))`")
HOME = re.compile(r"(?<![\w.])/(?:root|work|Users|home)/(?=[A-Za-z])(?!ray/|ubuntu/)")
"""Paths of one person's machine; not the homes in Ray's images (ray) and in cloud images (ubuntu)."""


def committed() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout, so nothing tells which files are committed")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def text_of(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        return None


def requirements(*locks: str) -> list[str]:
    """Each requirement of the locks, its continued lines joined, without comments."""
    lines = [line for lock in locks or LOCKS for line in (ROOT / lock).read_text("utf-8").splitlines()]
    kept = [line for line in lines if not line.lstrip().startswith("#")]
    return [r for r in "\n".join(kept).replace("\\\n", " ").splitlines() if r.strip()]


def test_the_top_level_holds_the_agreed_names_only() -> None:
    names = {path.relative_to(ROOT).parts[0] for path in committed()}
    assert {n for n in names if not n.startswith(".")} <= ROOMS | FIXED | BESIDE


def test_the_rooms_the_user_asked_for_are_there() -> None:
    assert {path.name for path in ROOT.iterdir()} >= ROOMS


def test_each_requirement_of_the_lock_is_one_version_with_its_hashes() -> None:
    assert requirements()
    for requirement in requirements():
        assert re.match(r"[A-Za-z0-9._-]+(\[[^]]+\])?==\S+ ", requirement), requirement[:80]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", requirement), requirement[:80]


def test_the_lock_says_what_to_install_and_not_where_from() -> None:
    lock = "".join((ROOT / name).read_text("utf-8") for name in LOCKS)
    for forbidden in ("://", "--index-url", "--extra-index-url", "--find-links", "--trusted-host", " @ "):
        assert forbidden not in lock


def test_each_lock_holds_all_that_the_project_declares_for_it() -> None:
    run, dev = ({canonical(r) for r in requirements(lock)} for lock in LOCKS)
    assert declared(*RUN_EXTRAS) <= run
    assert declared(*RUN_EXTRAS, "dev") <= run | dev


def test_what_sends_spans_is_in_the_lock_that_the_image_installs() -> None:
    steps = (ROOT / "deploy" / "Containerfile").read_text("utf-8")
    [lock] = re.findall(r"pip install .*--require-hashes -r (\S+)", steps)
    assert declared("otel") <= {canonical(r) for r in requirements(lock)}


def test_the_two_locks_are_split_by_what_a_film_needs() -> None:
    run, dev = ((ROOT / lock).read_text("utf-8") for lock in LOCKS)
    assert split(run + dev) == (run, dev)
    assert not {n for n, _ in entries(run)} & {n for n, _ in entries(dev)}


def test_all_that_the_installed_packages_need_for_a_film_is_in_its_lock() -> None:
    """By what the installed packages say themselves, not by the lock's own notes."""
    locked = {canonical(r) for r in requirements("requirements.lock")}
    left, seen = [(name, "") for name in declared(*RUN_EXTRAS)] + [("eventsourcing", "postgres")], set()
    while left:
        name, extra = left.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        try:
            needs = map(Requirement, metadata.requires(name) or [])
        except metadata.PackageNotFoundError:  # for another Python or machine
            continue
        for need in needs:
            if need.marker is None or need.marker.evaluate({"extra": extra}):
                assert canonical(need.name) in locked, f"{name} needs {need.name}"
                left += [(canonical(need.name), e) for e in ("", *need.extras)]


@pytest.mark.parametrize("face", {face.package: face for face in FACES}.values(), ids=lambda f: f.package)
def test_fonts_are_pinned_and_bring_their_licence(face: Face) -> None:
    (name,) = metadata.packages_distributions()[face.package]
    assert canonical(name) in {canonical(r) for r in requirements("requirements.lock")}
    installed = metadata.distribution(name)
    assert installed.metadata["License-Expression"] == "OFL-1.1"
    licences = installed.metadata.get_all("License-File") or []
    texts = [installed.read_text(f"licenses/{licence}") or "" for licence in licences]
    assert any("SIL OPEN FONT LICENSE" in text for text in texts)
    assert face.path.is_file()


def test_tests_tools_are_not_among_what_a_film_needs() -> None:
    run = {canonical(r) for r in requirements("requirements.lock")}
    assert not run & {"playwright", "mypy", "ruff", "pytest", "hypothesis", "schemathesis"}


def test_no_committed_file_names_a_path_of_somebody_s_machine() -> None:
    found = []
    for path in committed():
        for number, line in enumerate((text_of(path) or "").splitlines(), 1):
            if HOME.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}")
    assert not found, "\n".join(found)


def test_no_committed_file_holds_the_marks_of_two_branches() -> None:
    marks = re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE)
    assert [path for path in committed() if marks.search(text_of(path) or "")] == []


def test_what_a_browser_is_waited_for_is_a_function() -> None:
    """An expression that is not true at once is evaluated again inside the page, whose policy allows no
    `eval`; a function is evaluated once, from outside.
    """
    waits = re.compile(r"\.wait_for_function\(\s*(f?\".*)")
    said = [m[1] for path in committed() if path.suffix == ".py" for m in waits.finditer(text_of(path) or "")]
    assert said
    assert [one for one in said if "() =>" not in one] == []


def test_every_relative_link_leads_to_a_committed_file_or_folder() -> None:
    files = committed()
    known = {*files, *(parent for path in files for parent in path.parents)}
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in files
        if page.suffix == ".md"
        for target in LINK.findall(page.read_text("utf-8"))
        if (page.parent / target).resolve() not in known
    ]
    assert not broken, "\n".join(broken)


def test_every_file_that_is_named_in_words_is_there() -> None:
    """In pages and in docstrings, where a link would not be followed; the changelog speaks of the past."""
    files = committed()
    names = {str(path.relative_to(ROOT)) for path in files}
    names |= {"actors/stages/sound_designer.py"}  # an example of CONTRIBUTING.md
    gone = [
        f"{path.relative_to(ROOT)}: {named}"
        for path in files
        if path.suffix in (".md", ".py") and path.name != "CHANGELOG.md"
        for named in NAMED.findall(text_of(path) or "")
        if named not in names
    ]
    assert not gone, "\n".join(gone)


def test_every_decision_record_is_linked_from_another_page() -> None:
    pages = [path for path in committed() if path.suffix == ".md"]
    linked = {
        (page.parent / target).resolve()
        for page in pages
        for target in LINK.findall(page.read_text("utf-8"))
        if (page.parent / target).resolve() != page
    }
    records = {p for p in pages if p.parent == ROOT / "docs" / "adr" and p.name != "README.md"}
    assert not records - linked, "link these from docs/adr/README.md"


@pytest.mark.parametrize("path", [f"/{place}/someone/x" for place in ("root", "work", "home", "Users")])
def test_a_path_of_a_machine_is_recognised(path: str) -> None:
    assert HOME.search(f"see {path}")
    assert not HOME.search("/home/" + "ray/.local")
    assert not HOME.search("https://example.org/home" + "/page")
