"""Takes the programs off the API's page and runs them, as a reader would who pastes one after the other."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path

RUNNERS = {"curl": "bash", "Python": sys.executable, "JavaScript": "node"}
_SUFFIX = {"curl": "sh", "Python": "py", "JavaScript": "mjs"}
_ALL_IN_ONE = {
    # One process for all: starting each anew takes most of the time.
    "curl": 'set -u\nfor file in "$@"; do echo "== $file"; bash -eu -o pipefail "$file" || exit 1; done',
    "Python": "import runpy, sys\n"
    "for file in sys.argv[1:]:\n    print('==', file, flush=True)\n    runpy.run_path(file)",
    "JavaScript": "for (const file of process.argv.slice(2)) {\n"
    "  console.log('==', file)\n  await import(file)\n}",
}


class Programs(HTMLParser):
    """The programs of a page, by section and language; ``fills`` replaces what is the reader's own."""

    def __init__(self, page: str, fills: Mapping[str, str]) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str]] = {}
        self.unfilled: set[str] = set()
        self._fills = fills
        self._section = ""
        self._language: str | None = None
        self._code = False
        self._fill: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "section":
            self._section = given.get("id") or ""
        elif tag == "div":
            self._language = given.get("data-language")
        elif tag == "code" and self._language:
            self._code = True
            self.found.setdefault(self._section, {})[self._language] = ""
        elif tag == "span" and self._code and "data-fill" in given:
            self._fill = given["data-fill"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "code":
            self._code = False
        elif tag == "span":
            self._fill = None
        elif tag == "div":
            self._language = None

    def handle_data(self, data: str) -> None:
        if self._code and self._language:
            if self._fill and self._fill not in self._fills:
                self.unfilled.add(self._fill)
            self.found[self._section][self._language] += self._fills.get(self._fill or "", data)


def run(language: str, programs: Mapping[str, str], folder: Path) -> str:
    """Run them in order, each as a file; gives what they print, and fails with it where one fails."""
    assert shutil.which(RUNNERS[language]), f"there is no {RUNNERS[language]}"
    files = []
    for name, source in programs.items():
        file = folder / f"{name}.{_SUFFIX[language]}"
        file.write_text(source, encoding="utf-8")
        files.append(str(file))
    driver = folder / f"all.{_SUFFIX[language]}"
    driver.write_text(_ALL_IN_ONE[language], encoding="utf-8")
    clean = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    done = subprocess.run(
        [RUNNERS[language], str(driver), *files],
        cwd=folder,
        env=clean,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    said = done.stdout
    assert done.returncode == 0, f"{said[-3000:]}\n{done.stderr[-3000:]}"
    return said
