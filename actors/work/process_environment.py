"""Where Ray's processes live: a folder of their own, and an environment in which they can start.

Ray starts its processes in the folder that somebody happens to stand in, puts that folder on the workers'
path, and keeps its sockets below the temporary folder, whose path may be too long for a socket or hold
letters that Ray cannot write. So they are started in an empty folder that nobody else can write to: nothing
of the current folder is ever imported, sockets have short paths, no file is left in anybody's home, and all
that Ray leaves behind goes with the folder. One that a killed process left is removed by the next.
"""

import contextlib
import fcntl
import logging
import os
import shutil
import site
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Any

log = logging.getLogger("reelog.cluster")

RAY_SETTINGS = {
    "RAY_AUTH_MODE": "token",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_task_events_report_interval_ms": "0",
    "RAY_DISABLE_FAILURE_SIGNAL_HANDLER": "1",
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
    "RAY_prestart_worker_first_driver": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
CLUSTER_SETTINGS = {
    "RAY_health_check_initial_delay_ms": "1000",
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_timeout_ms": "2000",
    "RAY_health_check_failure_threshold": "3",
    "RAY_gcs_rpc_server_reconnect_timeout_s": "86400",
}
"""A node that is gone is known to be gone within seconds; a head that is gone is waited for, where Ray would
end this process after a minute."""
OBJECT_STORE_BYTES = 200 * 1024 * 1024
"""Bytes never travel through Ray; this is near the least that it accepts."""
ROOT = Path(__file__).parents[2]
PACKAGES = ("actors", "api", "domain", "projections")
PREFIX = "reelog-ray-"
LONGEST_PATH = 43
"""A socket's path has at most 107 bytes, and Ray's sessions and sockets take 64 of them."""
_NAMED = ("RAY_TMPDIR", "TMPDIR", "TEMP", "TMP")
_USUAL = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 - the folder made there is this user's alone
_ALIVE = "alive"
_HALF_MADE_S = 60.0
_REMOVALS = 5
_REMOVAL_PAUSE_S = 0.1
# Under -OO Ray's node never comes up; warnings as errors, or a prompt at the end, stop its processes too.
_NOT_FOR_RAY = ("PYTHONOPTIMIZE", "PYTHONWARNINGS", "PYTHONINSPECT")


class NoPlaceError(OSError):
    """There is no folder in which Ray could keep its files."""


class ProcessEnvironment:
    """A folder for one Ray, made at the first use; ``close`` removes it with all that is in it.

    ``environ`` is this process's environment, which Ray's processes are given as it does them good.
    """

    def __init__(self, environ: MutableMapping[str, str]) -> None:
        self._environ = environ
        self._folder: Path | None = None
        self._alive: int | None = None

    @property
    def folder(self) -> Path:
        """The folder; NoPlaceError when there is no place for one."""
        if self._folder is None:
            self._folder = self._make()
        return self._folder

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Stand in an empty folder with an environment that does Ray good, as its processes inherit both."""
        empty = self.folder / "empty"
        empty.mkdir(mode=0o700, exist_ok=True)
        with _standing_in(empty), _environment(self._environ, environment(self._environ, self.folder)):
            yield

    def code(self) -> Path:
        """A copy of Reelog's own code and of nothing else, to be shipped to other machines."""
        copy = self.folder / "code"
        for name in PACKAGES:
            # Whatever begins with a dot is for this machine alone: .env above all.
            left_out = shutil.ignore_patterns("__pycache__", ".*", "*.pyc")
            shutil.copytree(ROOT / name, copy / name, ignore=left_out, dirs_exist_ok=True)
        return copy

    def close(self) -> None:
        """Remove the folder. May be called again; what was begun anew gets another one."""
        if self._folder is None:
            return
        for _ in range(_REMOVALS):
            # Processes that are just ending may still make their folders anew and write their logs.
            shutil.rmtree(self._folder, ignore_errors=True)
            time.sleep(_REMOVAL_PAUSE_S)
        if self._alive is not None:
            os.close(self._alive)
        self._folder = self._alive = None

    def _make(self) -> Path:
        refusals = []
        for name, place in _places(self._environ):
            reason = _why_not(place)
            if reason is None:
                try:
                    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
                except OSError as error:
                    reason = error.strerror or str(error)
                else:
                    self._alive = os.open(folder / _ALIVE, os.O_RDWR | os.O_CREAT, 0o600)
                    fcntl.flock(self._alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    _sweep(place)
                    return folder
            told = f"{name}={place!r}" if name else repr(place)
            refusals.append(f"{told}: {reason}")
            if name:
                log.warning("Ray cannot keep its files in %s: %s; another folder is used", told, reason)
        raise NoPlaceError(
            f"there is no folder for Ray's files ({'; '.join(refusals)}); "
            "name a short, writable one in RAY_TMPDIR"
        )


def local_options(folder: Path) -> dict[str, Any]:
    """How a Ray of our own on this machine is started, with its files in ``folder``."""
    return {
        "include_dashboard": False,
        "log_to_driver": False,
        "configure_logging": False,
        "object_store_memory": OBJECT_STORE_BYTES,
        "num_cpus": max(2, os.cpu_count() or 2),
        "_temp_dir": str(folder),
    }


def environment(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The environment of Ray's processes: nothing in it is relative to the current folder."""
    clean = {name: value for name, value in environ.items() if name not in _NOT_FOR_RAY}
    path = [entry for entry in clean.pop("PYTHONPATH", "").split(os.pathsep) if Path(entry).is_absolute()]
    if _must_be_told_of(ROOT) and str(ROOT) not in path:
        path.append(str(ROOT))
    if path:
        clean["PYTHONPATH"] = os.pathsep.join(path)
    if not Path(clean.get("PYTHONUSERBASE", "/")).is_absolute():
        del clean["PYTHONUSERBASE"]
    return {**clean, "PYTHONSAFEPATH": "1", "RAY_TMPDIR": str(folder)}


def _must_be_told_of(root: Path) -> bool:
    """Whether another Python would not find our packages by itself, as they are not installed."""
    return str(root) in sys.path and str(root) not in site.getsitepackages()


def _places(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Where the folder may be, best first, with the variable that names it."""
    for name in _NAMED:
        if environ.get(name):
            yield name, environ[name]
    for place in _USUAL:
        yield "", place


def _why_not(place: str) -> str | None:
    if not place.isascii():
        return "its path has letters that are not ASCII"
    if not Path(place).is_absolute():
        return "its path is not absolute"
    if len(place) + 1 + len(PREFIX) + 8 > LONGEST_PATH:
        return "its path is too long for a socket"
    return None if Path(place).is_dir() else "there is no such folder"


def _sweep(place: str) -> None:
    """Remove what killed processes of this user left there."""
    for folder in Path(place).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            found = folder.lstat()
            if found.st_uid == os.getuid() and folder.is_dir() and not folder.is_symlink():
                _remove_if_dead(folder, time.time() - found.st_mtime)


def _remove_if_dead(folder: Path, age_s: float) -> None:
    try:
        alive = os.open(folder / _ALIVE, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        if age_s > _HALF_MADE_S:
            shutil.rmtree(folder, ignore_errors=True)
        return
    try:
        fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(alive)


@contextlib.contextmanager
def _standing_in(folder: Path) -> Iterator[None]:
    try:
        before = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        before = None  # it is gone, or may not be read
    os.chdir(folder)
    try:
        yield
    finally:
        if before is not None:
            with contextlib.suppress(OSError):
                os.fchdir(before)
            os.close(before)


@contextlib.contextmanager
def _environment(environ: MutableMapping[str, str], wanted: Mapping[str, str]) -> Iterator[None]:
    """The environment meanwhile; what is added to it by others stays."""
    before = dict(environ)
    for name in before.keys() - wanted.keys():
        del environ[name]
    environ.update(wanted)
    try:
        yield
    finally:
        for name in wanted.keys() - before.keys():
            environ.pop(name, None)
        environ.update(before)
