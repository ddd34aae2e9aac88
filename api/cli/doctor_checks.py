"""What ``reelog doctor`` looks at: all that a film takes on this machine.

Every check does the thing in small (encodes two frames, looks every script's letters up in the fonts) instead
of asking for versions. Google is never called: a check must not cost anything or tell anybody.
"""

import importlib.metadata
import os
import shutil
import sys
import tempfile
import threading
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from actors.work.crew_status import LEASE
from api.cli.crew import PROVIDERS, serving_name, standby_name
from api.cli.doctor_crew import crew, server
from api.cli.doctor_findings import Check
from api.cli.store import nothing_yet
from api.cli.text import size
from api.settings import KEY_PAGE, Settings, SettingsError, load_settings, network_faults
from domain.failures import AttemptFailedError
from domain.store import StoreUnavailableError, open_event_store

_PYTHONS = ((3, 11), (3, 15))
_LITTLE_SPACE = 2_000_000_000
LIMIT_S = 15.0
"""How long any check waits for what is elsewhere: stores, the provider, a server."""
_LETTERS = {
    "Latin": ("Aé ß ő", "en"),
    "Greek and Cyrillic": ("Ωλ Жя", "el"),
    "Devanagari": ("नमस्ते", "hi"),
    "Arabic": ("مرحبا", "ar"),
    "Hebrew": ("שלום", "he"),
    "Chinese": ("你好世界", "zh"),
    "Japanese": ("こんにちは", "ja"),
    "Korean": ("안녕하세요", "ko"),
    "emoji": ("🚀👩🏽‍🚀🇯🇵", "en"),
}


def checks() -> Iterator[Check]:
    """All checks, the machine first."""
    yield python(sys.version_info[:3])
    yield packages(Path(__file__).parents[2] / "pyproject.toml")
    yield ray()
    yield guarded("fonts", fonts)
    yield guarded("encoder", encoder)
    try:
        settings = load_settings()
    except SettingsError as error:
        for fault in error.faults:
            yield Check("settings", "wrong", str(fault), "Correct it in the environment or in .env.")
        return
    yield known_settings(settings)
    yield from in_time("data folder", lambda: [data_folder(settings)])
    yield from in_time("event store", lambda: [event_store(settings)])
    yield from in_time("read models", lambda: [read_models(settings)])
    yield from in_time("blob store", lambda: [blob_store(settings)])
    yield key(settings)
    yield from in_time("provider", lambda: [provider(settings)])
    yield from network(settings)
    yield signing(settings)
    yield from crew(settings)
    yield from in_time("server", lambda: list(server(settings)))


def guarded(name: str, check: Callable[[], Check]) -> Check:
    """A check that goes wrong by itself is a finding: doctors do not fall ill of their patients."""
    [found] = _findings(name, lambda: [check()])
    return found


def in_time(name: str, look: Callable[[], list[Check]]) -> list[Check]:
    """What is found elsewhere, or that nobody answered within the limit."""
    found: list[Check] = []
    # A daemon, as what waits for ever must not keep the command from ending.
    thread = threading.Thread(target=lambda: found.extend(_findings(name, look)), daemon=True)
    thread.start()
    thread.join(LIMIT_S)
    if thread.is_alive():
        return [
            Check(name, "wrong", f"no answer within {LIMIT_S:g} s", "See that it can be reached from here.")
        ]
    return found


def _findings(name: str, look: Callable[[], list[Check]]) -> list[Check]:
    try:
        return look()
    except Exception as error:  # noqa: BLE001 - supervised: what it meets is what is told
        return [Check(name, "wrong", f"{type(error).__name__}: {error}", "Run make install again.")]


# ---- the machine ------------------------------------------------------------------------------------


def python(version: tuple[int, ...]) -> Check:
    told = ".".join(map(str, version))
    if _PYTHONS[0] <= version[:2] < _PYTHONS[1]:
        return Check("Python", "ok", told)
    return Check("Python", "wrong", told, "Use Python 3.11 to 3.14: make PYTHON=python3.12 install")


def packages(pyproject: Path) -> Check:
    """Every package that the project asks for, in a version that it takes."""
    from packaging.requirements import Requirement

    wanted = [Requirement(text) for text in tomllib.loads(pyproject.read_text())["project"]["dependencies"]]
    wanted = [one for one in wanted if one.marker is None or one.marker.evaluate()]
    faults = []
    for one in wanted:
        try:
            found = importlib.metadata.version(one.name)
        except importlib.metadata.PackageNotFoundError:
            faults.append(f"{one.name} is missing")
            continue
        if not one.specifier.contains(found, prereleases=True):
            faults.append(f"{one.name} is {found}, not {one.specifier}")
    if faults:
        return Check("packages", "wrong", "; ".join(faults), "Run make install.")
    return Check("packages", "ok", f"all {len(wanted)} as asked for")


def ray() -> Check:
    try:
        found = importlib.metadata.version("ray")
    except importlib.metadata.PackageNotFoundError:
        return Check("Ray", "wrong", "missing", "Run make install.")
    # Ray's own store of objects lives there; ours holds no bytes, so little is enough.
    shared = Path("/dev/shm")  # noqa: S108 - looked at, not written
    free = shutil.disk_usage(shared).free if shared.exists() else None
    told = f"{found}, {os.cpu_count()} CPUs" + (f", {size(free)} shared memory" if free is not None else "")
    return Check("Ray", "ok", told)


def fonts() -> Check:
    """Draw-ability of every script that captions promise."""
    from actors.media.fonts import LATIN, load, missing_glyphs

    load(LATIN, 12)
    missing = [name for name, (letters, tag) in _LETTERS.items() if missing_glyphs(letters, tag)]
    if missing:
        return Check("fonts", "wrong", f"no letters for {', '.join(missing)}", "Run make install.")
    return Check("fonts", "ok", ", ".join(_LETTERS))


def encoder() -> Check:
    """Encode two frames and a moment of silence, as a film is."""
    import av
    import numpy as np

    target = BytesIO()
    with av.open(target, "w", format="mp4") as film:
        picture = film.add_stream("libx264", rate=30)
        picture.width, picture.height, picture.pix_fmt = 64, 36, "yuv420p"
        sound = film.add_stream("aac", rate=48_000, layout="stereo")
        for number in range(2):
            frame = av.VideoFrame.from_ndarray(np.full((54, 64), 128, np.uint8), format="yuv420p")
            frame.pts = number
            film.mux(picture.encode(frame))
        silence = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), format="fltp", layout="stereo")
        silence.sample_rate = 48_000
        film.mux(sound.encode(silence))
        film.mux(picture.encode(None))
        film.mux(sound.encode(None))
    return Check("encoder", "ok", f"H.264 and AAC, PyAV {av.__version__}")


# ---- the settings -----------------------------------------------------------------------------------


def known_settings(settings: Settings) -> Check:
    if settings.unknown:
        names = ", ".join(settings.unknown)
        return Check("settings", "warning", f"nobody reads {names}", "See that the names are spelt right.")
    return Check("settings", "ok", "all understood")


def data_folder(settings: Settings) -> Check:
    """Writable, with room; a folder that is not there yet is judged by where it would be."""
    folder = settings.data_dir
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        hint = "Give this user the right to write there, or name another folder in REELOG_DATA_DIR."
        return Check("data folder", "wrong", f"{folder}: {error.strerror}", hint)
    free = shutil.disk_usage(existing).free
    told = f"{folder}, {size(free)} free" + ("" if folder.exists() else ", made when it is needed")
    if free < _LITTLE_SPACE:
        return Check("data folder", "warning", told, "Make room: a film takes some hundred megabytes.")
    return Check("data folder", "ok", told)


def event_store(settings: Settings) -> Check:
    """Opened and looked at; a store that is not there yet is not made."""
    if nothing_yet(settings):
        return Check("event store", "ok", f"{settings.store}, made when it is needed")
    try:
        store = open_event_store(settings.store)
    except StoreUnavailableError as error:
        return Check("event store", "wrong", f"{error.url}: {error.reason}", error.hint)
    try:
        here = [f"server for {name}" for name in PROVIDERS if store.is_present(serving_name(name))]
        if not here and store.is_present(LEASE):
            here = ["somebody who makes one film"]
        if any(store.is_present(standby_name(name)) for name in PROVIDERS):
            here.append("another stands by")
        return Check("event store", "ok", f"{store.shown_url}; at work: {', '.join(here) or 'nobody'}")
    finally:
        store.close()


def blob_store(settings: Settings) -> Check:
    """A bucket is tried: something is written, written again on condition, read and deleted."""
    from actors.blobs.errors import BlobError
    from actors.blobs.opening import open_blobs
    from api.composition import bucket_access

    is_folder = settings.blobs.startswith("file://")
    if is_folder and not Path(settings.blobs.removeprefix("file://")).exists():
        return Check("blob store", "ok", f"{settings.blobs}, made when it is needed")
    try:
        open_blobs(settings.blobs, bucket_access(settings)).probe()
    except BlobError as error:
        return Check("blob store", "wrong", f"REELOG_BLOBS: {error.reason}", error.hint)
    if is_folder:
        return Check("blob store", "ok", settings.blobs)
    told = f"{settings.blobs}: writes, conditional writes, reads and deletes; cache in {settings.blobs_cache}"
    return Check("blob store", "ok", told)


def read_models(settings: Settings) -> Check:
    """Whether they are projected, and which jobs are set aside; nothing is made."""
    from domain.store import EventLog, Studio
    from projections.database import open_database
    from projections.readers import ReadModels

    if nothing_yet(settings) or nothing_yet(replace(settings, store=f"{settings.store}-views")):
        return Check("read models", "ok", "made when they are needed")
    store = open_event_store(settings.store)
    studio = Studio(store)
    database = open_database(store.url)
    try:
        readers = ReadModels(store, EventLog(studio), database)
        projected, aside = readers.projected(), readers.set_aside()
        at = f"at position {projected.position} of {EventLog(studio).head()}"
        if projected.stopped:
            return Check(
                "read models", "wrong", f"{at}; stopped: {projected.stopped}", "Start the server again."
            )
        if aside:
            named = "; ".join(f"job {a.job_id} at event {a.position} ({a.type}): {a.reason}" for a in aside)
            hint = "All other jobs go on. Update Reelog, or run `reelog rebuild` once the cause is mended."
            return Check("read models", "warning", f"{at}; set aside: {named}", hint)
        return Check("read models", "ok", at)
    finally:
        database.close()
        studio.close()
        store.close()


def key(settings: Settings) -> Check:
    if settings.gemini_api_key is not None:
        return Check("key", "ok", "GEMINI_API_KEY is set (not tried: that would call Google)")
    if settings.gemini_base_url is not None:
        return Check("key", "ok", "none; REELOG_GEMINI_BASE_URL is used")
    hint = f"Get one at {KEY_PAGE}, or use the emulator: reelog demo, or --emulate."
    return Check("key", "warning", "GEMINI_API_KEY is not set", hint)


def signing(settings: Settings) -> Check:
    """What films are signed with; the files were looked at when the settings were read."""
    if settings.signing is None:
        return Check("credentials", "ok", "films are not signed (REELOG_C2PA_CERT, REELOG_C2PA_KEY)")
    key = settings.signing
    return Check("credentials", "ok", f"films are signed as {key.subject}, until {key.until:%Y-%m-%d}")


def provider(settings: Settings) -> Check:
    """Who would be asked; an address that was given is tried."""
    from actors.gemini.connect import detect_provider

    if settings.gemini_base_url is None:
        return Check("provider", "ok", f"Google, by {settings.gemini_sdk} (not called)")
    try:
        found = detect_provider(settings.gemini_base_url)
    except AttemptFailedError as error:
        return Check("provider", "wrong", error.failure.message, "See that REELOG_GEMINI_BASE_URL is right.")
    return Check("provider", "ok", f"{found} at {settings.gemini_base_url}, by {settings.gemini_sdk}")


def network(settings: Settings) -> Iterator[Check]:
    """Certificates and proxies of the environment, where the provider could not be called with them."""
    for fault in network_faults(settings):
        yield Check("network", "wrong", str(fault), "Correct it in the environment.")
