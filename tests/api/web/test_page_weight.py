"""What the first load takes, by its files; the count in Chromium is among the page's tests."""

import re

from api.web.pages import STATIC

MOST_BYTES = 130_000
MOST_FILES = 7
"""And one answer about the server: eight requests in all."""


def imported(name: str) -> set[str]:
    """A module and all that it imports at once; what a press of a button imports comes with the press."""
    found = {name}
    for other in re.findall(r"^import .* from '([^']+)'", (STATIC / name).read_text("utf-8"), re.MULTILINE):
        found |= imported(str((STATIC / name).parent.joinpath(other).resolve().relative_to(STATIC)))
    return found


def test_the_first_load_is_few_files_and_small() -> None:
    page = (STATIC / "index.html").read_text("utf-8")
    linked = set(re.findall(r'(?:href|src)="static/([^"]+)"', page))
    files = {"index.html", *linked, *imported("app.js"), *imported("views/submit.js"), "views/submit.css"}
    assert len(files) <= MOST_FILES, sorted(files)
    assert sum((STATIC / name).stat().st_size for name in files) < MOST_BYTES


def test_what_a_view_imports_is_asked_for_at_once() -> None:
    app = (STATIC / "app.js").read_text("utf-8")
    told = re.search(r"const IMPORTED = \{ (.*) \}", app)
    assert told
    preloaded = {
        view: {f"{name}.js" for name in names.split()}
        for view, names in re.findall(r"(\w+): '([^']+)'", told[1])
    }
    for view in re.findall(r"\w+: '(\w+)'", app.partition("const VIEWS")[2].partition("\n")[0]):
        at_once = imported(f"views/{view}.js") - imported("app.js") - {f"views/{view}.js"}
        assert preloaded.get(view, set()) == at_once, view


def test_every_view_has_a_module_and_a_style_sheet_of_its_name() -> None:
    app = (STATIC / "app.js").read_text("utf-8")
    views = re.search(r"const VIEWS = \{(.*)\}", app)
    assert views
    for name in re.findall(r": '(\w+)'", views[1]):
        assert "export class View " in (STATIC / "views" / f"{name}.js").read_text("utf-8")
        assert (STATIC / "views" / f"{name}.css").is_file()


def test_modules_import_what_is_there_and_in_no_circle() -> None:
    imports = {
        path: [
            path.parent.joinpath(other).resolve()
            for other in re.findall(r"(?:from|import\() ?'(\.[^'\s]+)'", path.read_text("utf-8"))
        ]
        for path in STATIC.rglob("*.js")
    }
    missing = {other for others in imports.values() for other in others} - set(imports)
    assert not missing, f"imported, and not there: {sorted(map(str, missing))}"
    while imports:
        leaves = [path for path, others in imports.items() if not any(one in imports for one in others)]
        assert leaves, sorted(map(str, imports))
        for path in leaves:
            del imports[path]
