"""``make`` and ``demo``: one script to one film, with no server.

The command submits one job to the store, as a server would, and follows it. If a server runs on the same
data folder and works for the same provider, that one does the work. Else Ray and the crew are started in this
process, restricted to this job: what others left unfinished is not ours to pay for.

Ctrl-C cancels: calls in flight are ended and recorded, and the job ends as cancelled. Ctrl-C again quits at
once; the job then stays unfinished on record, with its cancellation: the next server ends it and pays
nothing. The same holds where the actors cannot be started. Where nobody reads any longer what is printed
(``| head -1``), standard error says so, and that the film is made all the same.
"""

import contextlib
import json
import signal
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib.resources import files
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn
from uuid import UUID

import click

from actors.work.crew_status import LEASE
from api.cases.accepted import Accepted
from api.cases.files import AddFileRequest, add_file
from api.cases.submit import SubmitRequest, submit
from api.cli import output
from api.cli.crew import Crew, check_server
from api.cli.emulator import check_emulated, emulate_option, emulated, like_google_option, pace_option
from api.cli.errors import JOB_CODES, Code, InputError, TimedOutError, UnreachableError, end
from api.cli.hints import Hints, relative
from api.cli.jobs import (
    json_option,
    quiet_option,
    say_notices,
    say_secret,
    timeout_option,
    webhook_option,
)
from api.cli.live import Following, Json, LostOutputError, print_json, say
from api.cli.log_lines import log_to_file
from api.cli.options import job_options, submission
from api.cli.own_scenes import OwnMaterial, own_material_options
from api.cli.progress import Story
from api.cli.refusals import refusals
from api.cli.render import summary
from api.cli.review import ask_to_go_on
from api.cli.store import StoreSource, catch_up, cli_errors, left_unfinished, settings_of
from api.cli.target import StoreTarget
from api.cli.text import echo, theme_of
from api.composition import BlobError, System, open_system
from api.settings import Settings
from domain.submission import Submission

CANCEL_WITHIN_S = 30.0
CANCEL_FAILED_WITHIN_S = 5.0
SPANS_WITHIN_S = 5.0
WEBHOOK_WITHIN_S = 10.0
"""Time for a second try of what was not taken at first."""
DEMO_FOLDER = "reelog-demo"
DEMO_SCRIPT = "lighthouse.txt"


@click.command()
@click.option(
    "-o", "--out", metavar="DIR",
    help="Where the film and its files are written [default: a new folder named as the script is]",
)  # fmt: skip
@click.option("--midi", is_flag=True, help="Write the music's notes too, as music.mid")
@click.option(
    "--prompts", metavar="DIR",
    help="Prompts of your own for this film, see `reelog prompts` [default: REELOG_PROMPTS]",
)  # fmt: skip
@emulate_option
@like_google_option
@pace_option
@job_options
@own_material_options
@webhook_option
@timeout_option
@quiet_option
@json_option
def make(
    own: OwnMaterial,
    *,
    webhook: str | None,
    out: str | None,
    midi: bool,
    prompts: str | None,
    emulate: bool,
    like_google: bool,
    pace: float,
    timeout: float | None,
    quiet: bool,
    as_json: bool,
    **job: Any,
) -> None:
    """Make a film from SCRIPT (a file, or - for standard input), here and now, and write it to DIR.

    The script is spoken word for word. What stands in [[double brackets]] on a line of its own is a direction
    and is not spoken; what may surprise is told as a note.
    """
    check_emulated(emulate=emulate, like_google=like_google, pace=pace)
    told: Json = {"webhook": {"url": webhook}} if webhook else {}
    wanted = submission(own.script, job, own.unsent | told)
    if midi and not wanted.options.has_music:
        raise InputError("--midi: this film has no music; leave out --no-music, --no-audio or --midi")
    if midi and wanted.models.music:
        raise InputError("--midi: a song of a model has no notes; leave out --music-model or --midi")
    settings = settings_of(PROMPTS=prompts)
    if not emulate and settings.missing_key:
        raise InputError(settings.missing_key)
    if out is None:
        out = output.unused(own.name)
        say(f"The film goes to {out}/")
    elif output.holds_film(Path(out)):
        say(f"{out} holds a film already; its files are replaced when this one is made.")
    folder = output.prepare(out)
    with emulated(settings, chosen=emulate, like_google=like_google, pace=pace) as chosen:
        ways = [way for way, told in (("--prompts", prompts), ("--like-google", like_google)) if told]
        run(chosen, wanted, folder, own=own, ways=ways, midi=midi, timeout=timeout, quiet=quiet,
            as_json=as_json)  # fmt: skip


@click.command()
@job_options
@timeout_option
@quiet_option
@json_option
def demo(timeout: float | None, quiet: bool, as_json: bool, **job: Any) -> None:
    """Make one sample film on the emulator, into ./reelog-demo; needs no key and costs nothing."""
    script = (files("api") / "web" / "static" / "samples" / DEMO_SCRIPT).read_text(encoding="utf-8")
    wanted = submission(script, job)
    folder = output.prepare(DEMO_FOLDER)
    data = folder / "data"
    settings = replace(
        settings_of(DATA_DIR=data), store=f"sqlite:///{data}/events.sqlite3", blobs=f"file://{data}/blobs"
    )
    say(theme_of(sys.stderr).paint("This is a demonstration on the EMULATOR: no AI model is asked.", "warn"))
    with emulated(settings) as chosen:
        run(chosen, wanted, folder, timeout=timeout, quiet=quiet, as_json=as_json)


def run(
    settings: Settings,
    wanted: Submission,
    folder: Path,
    *,
    own: OwnMaterial | None = None,
    ways: Iterable[str] = (),
    midi: bool = False,
    timeout: float | None = None,
    quiet: bool = False,
    as_json: bool = False,
) -> None:
    """Make one film, in ``folder``, or end the command; only our own crew follows the options ``ways``."""
    with cli_errors():
        log_to_file(settings.data_dir)
    # Asked to go, the command leaves in order: Ray with it, the job unfinished on record.
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup has it
            signal.signal(number, _leave)
    with cli_errors():
        system = open_system(settings, traced=True)
    with contextlib.closing(system):
        check_server(system, ways)
        system.start()
        system.traces.start()
        with refusals(settings.where):
            # Only what was asked for: a default would go before what a preset says.
            value = wanted.model_dump(mode="json", exclude_unset=True)
            if own is not None:
                value |= own.sent(
                    lambda file: json.loads(add_file(system, AddFileRequest(file)).page)["digest"]
                )
            asked = SubmitRequest(value, queued=False, traceparent=settings.traceparent)
            accepted = submit(system, asked)
        job_id, endpoint = accepted.job_id, _told_to(system, accepted, as_json=as_json)
        try:
            with left_unfinished(system, job_id, _hints(system).serve):
                catch_up(system)
                say_notices({"notices": system.studio.job(job_id).notices})
                job = _made(system, job_id, folder, midi=midi, timeout=timeout, quiet=quiet, as_json=as_json)
        except (TimedOutError, UnreachableError):
            _tell_others(system, endpoint)
            raise
        _tell_others(system, endpoint)
    end(JOB_CODES[job["status"]])


def _made(
    system: System,
    job_id: UUID,
    folder: Path,
    *,
    midi: bool,
    timeout: float | None,
    quiet: bool,
    as_json: bool,
) -> Json:
    """The job when it has ended, or waits for a review that nobody approves; its files are written."""
    # The crew ends last: what was made is told before Ray takes its seconds to go.
    with contextlib.closing(Crew(system, job_id)) as crew:
        target, hints, after = StoreTarget(system), _hints(system), 0
        while True:
            job, after = _follow(system, job_id, crew, after, timeout=timeout, quiet=quiet, as_json=as_json)
            if job["status"] != "awaiting_review":
                break
            then = f"then {hints.get(job_id, folder)}"
            if not ask_to_go_on(job, partial(target.approve, job_id), hints, then=then):
                break
        for line in summary(job, theme_of(sys.stderr), datetime.now(UTC)):
            say(line)
        written = {}
        if job["status"] == "completed":
            written = _written(system, job_id, folder, midi=midi)
        _report(system, job, written, as_json=as_json)
    return job


def _written(system: System, job_id: UUID, folder: Path, *, midi: bool) -> dict[str, Path]:
    """The film's files; where they cannot be written the film is made all the same, and can be had later."""
    later = f"The film is made and kept. When that is mended: {_hints(system).get(job_id, folder)}"
    try:
        return output.export(system.readers, system.blobs, job_id, folder, midi=midi)
    except BlobError as error:
        raise UnreachableError(f"REELOG_BLOBS: {error.reason}: {error.hint}", later) from None
    except OSError as error:
        raise InputError(f"--out: {folder} cannot be written: {error.strerror or error}", later) from None


def _hints(system: System) -> Hints:
    return Hints.of_store(system.settings, system.provider)


def _told_to(system: System, accepted: Accepted, *, as_json: bool) -> UUID | None:
    """The job's own endpoint, where it has one (a preset may name it too): from now on it is told."""
    page = json.loads(accepted.job)
    if not page.get("webhook"):
        return None
    if not as_json:
        say_secret(page)
    system.webhooks.start(traces_exported=system.traces.are_exported)
    return UUID(page["webhook"]["id"])


def _tell_others(system: System, endpoint: UUID | None) -> None:
    """Whoever is to know of it by another way than this terminal."""
    if endpoint is not None and not system.webhooks.finish(endpoint, WEBHOOK_WITHIN_S):
        say("  The webhook was not taken yet; the next `reelog serve` here tries it again, for a day.")
    if not system.traces.finish(SPANS_WITHIN_S):
        say("  The collector of spans has not got all of them; the next one here that exports goes on.")


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)


def _follow(
    system: System,
    job_id: UUID,
    crew: Crew,
    after: int,
    *,
    timeout: float | None,
    quiet: bool,
    as_json: bool,
) -> tuple[Json, int]:
    """The job when it has ended or waits for review, and the position of what was told last."""
    interrupted: BaseException | None = None
    with Following(StoreSource(system), job_id, quiet=quiet, as_json=as_json) as following:
        following.position = after
        try:
            return _to_the_end(following, crew.look, timeout), following.position
        except (KeyboardInterrupt, TimedOutError, UnreachableError) as error:
            interrupted = error
        except SystemExit:
            with contextlib.suppress(OSError):  # with the terminal gone there is nobody to be told
                say(f"Job {job_id} is left unfinished. `{_hints(system).serve}` goes on with it.")
            raise
        cause = crew.trouble if crew.trouble is None else crew.trouble or "the actors were still starting"
        _cancel(system, job_id, nobody_works=cause is not None)
        following.note = "Cancelling. Ctrl-C again leaves at once, with the job unfinished."
        job: Json | None = None
        with contextlib.suppress(KeyboardInterrupt, TimedOutError, UnreachableError):
            # Those who failed may still be able to end a job.
            failed = isinstance(interrupted, UnreachableError)
            within_s = CANCEL_FAILED_WITHIN_S if failed else CANCEL_WITHIN_S
            job = _to_the_end(following, None if failed else crew.look, within_s)
    cancelled = job is not None and job["status"] == "cancelled"
    left = "it was cancelled" if cancelled else "its cancellation is on record, and the next server ends it"
    go_on = [_hints(system).to_go_on(job_id)] if cancelled else []
    if isinstance(interrupted, UnreachableError):
        hint = "\n  ".join([f"Job {job_id}: {left}. {interrupted.hint}", *go_on])
        raise UnreachableError(interrupted.message, hint)
    if isinstance(interrupted, TimedOutError) and (job is None or cancelled):
        waited = [f"It waited for this: {cause}"] if cause else []
        raise TimedOutError(f"{interrupted.message}; {left}", "\n  ".join([*waited, *go_on]))
    if job is None:
        say(f"Job {job_id} is left unfinished; {left}.")
        end(Code.INTERRUPTED)
    return job, following.position


def _to_the_end(
    following: Following, meanwhile: Callable[[Story], None] | None, timeout: float | None
) -> Json:
    """Follow the job, also when nobody reads any longer what is printed."""
    began, left = time.monotonic(), timeout
    while True:
        try:
            return following.to_the_end(following.position, left, meanwhile)
        except LostOutputError as lost:
            lost.mute()
            say(f"{lost.strerror}. The film is made all the same; Ctrl-C cancels it.")
            left = None if timeout is None else max(0.0, round(timeout - (time.monotonic() - began), 1))


def _cancel(system: System, job_id: UUID, *, nobody_works: bool) -> None:
    """Ask for the end of the job; where nobody directs and nothing was begun, it ends here."""
    system.studio.change_job(job_id, lambda job: job.request_cancel(now=system.clock()))
    if not nobody_works:
        return
    lease = system.store.presence(LEASE)
    if lease.acquire(0):
        try:
            if system.studio.job(job_id).status == "queued":
                system.studio.change_job(job_id, lambda job: job.cancel(now=system.clock()))
        finally:
            lease.release()


def _report(system: System, job: Json, written: dict[str, Path], *, as_json: bool) -> None:
    if as_json:
        print_json(job | {"files": {name: str(path) for name, path in written.items()}})
    else:
        for path in written.values():
            echo(relative(path))
    hints = _hints(system)
    say(f"  Every step is on record: {hints.command('events ' + job['id'])}")
    if job["status"] in ("failed", "cancelled"):
        say(f"  {hints.to_go_on(job['id'])}")
