"""For all tests: coroutines run on asyncio, the loop that the product runs on; temporary folders lie in
memory where there is room; a whole run says where its time went.
"""

import os
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from xdist.scheduler import LoadFileScheduling

from tests.emulating import emulator_url, pictures
from tests.journeys.sharing import STORES
from tests.leftovers import watch
from tests.object_store import s3
from tests.postgresql import postgres_server, postgresql_url, restartable_postgresql, store_url

__all__ = [
    "emulator_url",
    "pictures",
    "postgres_server",
    "postgresql_url",
    "restartable_postgresql",
    "s3",
    "store_url",
]

SLOWEST = 10
MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a folder of its owner's there, as it does in /tmp
ROOM = 4 * 2**30
"""A folder goes with its test, so a run holds far less; what is missing here is missing to everybody."""

_began = pytest.StashKey[float]()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


def pytest_configure(config: pytest.Config) -> None:
    """Let clients trust one authority, and put the folders of tests into memory, unless somebody has named
    others.

    On a disk each event waits for the bytes of everybody else. What a full disk does is tested on file
    systems of its own.
    """
    watch(config)
    # To read all the world's authorities takes a client 30 ms, a run makes thousands, and none is met here.
    os.environ.setdefault("SSL_CERT_FILE", str(Path(__file__).with_name("authority.pem")))
    if "PYTEST_DEBUG_TEMPROOT" not in os.environ and _is_roomy(MEMORY):
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(MEMORY)


def _is_roomy(folder: Path) -> bool:
    """Whether it has room that the machine has, too, and lets the programs run that tests put there."""
    if not os.access(folder, os.W_OK | os.X_OK) or os.statvfs(folder).f_flag & os.ST_NOEXEC:
        return False
    return min(shutil.disk_usage(folder).free, psutil.virtual_memory().available) >= ROOM


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs PostgreSQL is none of the fast tests: its server takes seconds to start and to end."""
    for item in items:
        parameters = getattr(item, "callspec", SimpleNamespace(params={})).params.values()
        fixtures = getattr(item, "fixturenames", ())
        if "postgres_server" in fixtures or "postgresql" in [one for one in parameters if type(one) is str]:
            item.add_marker(pytest.mark.slow)


class BesideEachOther(LoadFileScheduling):
    """File by file; of the journeys that share a server all at one process, or each would start its own."""

    def _split_scope(self, nodeid: str) -> str:
        file, _, test = nodeid.partition("::")
        store = test.partition("[")[2].removesuffix("]")
        return f"house of {store}" if "/journeys/" in file and store in STORES else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> BesideEachOther | None:
    return BesideEachOther(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_sessionstart(session: pytest.Session) -> None:
    session.config.stash[_began] = time.monotonic()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Seconds and tests by folder, and the slowest tests; what is shared counts for its first user."""
    if config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return
    for line in times(terminalreporter, config, time.monotonic() - config.stash[_began]):
        terminalreporter.write_line(line)


def times(terminalreporter: pytest.TerminalReporter, config: pytest.Config, whole: float) -> Iterator[str]:
    tests: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                tests[report.nodeid] += report.duration
    seconds: Counter[str] = Counter()
    number: Counter[str] = Counter()
    for test, took in tests.items():
        folder = test.partition("::")[0].rpartition("/")[0]
        seconds[folder] += took
        number[folder] += 1
    yield ""
    # Whoever runs them in several parts adds up what is said of each.
    at_once = config.getoption("numprocesses", default=None) or 1
    yield f"time by folder ({config.getoption('markexpr') or 'all'}; {at_once} at once)"
    for folder, took in seconds.most_common():
        yield f"  {took:8.1f} s {number[folder]:6} tests  {folder}"
    if at_once == 1:
        yield f"  {whole - seconds.total():8.1f} s               between them: collecting, reporting"
    yield f"  {whole:8.1f} s {number.total():6} tests  in {_clock(whole)}"
    yield f"slowest {SLOWEST}"
    for test, took in tests.most_common(SLOWEST):
        yield f"  {took:8.1f} s  {test}"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
