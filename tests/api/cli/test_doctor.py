import json
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import obstore
import pytest
from eventsourcing.persistence import StoredEvent

from api.cli import doctor_checks
from api.cli.crew import announce, standby_name
from api.cli.doctor_findings import Check
from tests.api.cli.conftest import Floor, Run, Scripted
from tests.object_store import S3, Held, Refused, proxy_before


def checked(run: Run, *, exit_code: int = 0) -> dict[str, dict[str, Any]]:
    done = run("doctor", "--json")
    assert done.exit_code == exit_code, done.output
    return {check["name"].strip(): check for line in done.stdout.splitlines() for check in [json.loads(line)]}


def test_a_sound_machine_is_well_and_everything_is_looked_at(run: Run, tmp_path: Path) -> None:
    found = checked(run)

    assert {check["state"] for name, check in found.items() if name != "key"} == {"ok"}
    assert "Arabic, Hebrew, Chinese, Japanese, Korean" in found["fonts"]["told"]
    assert "H.264 and AAC" in found["encoder"]["told"]
    assert "image_generation" in found["artists"]["told"]
    assert "composition" in found["renderers"]["told"]
    assert list(tmp_path.iterdir()) == []


def test_a_missing_key_is_a_warning_with_the_way_on(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = checked(run)["key"]
    monkeypatch.setenv("GEMINI_API_KEY", "canary-8841")
    done = run("doctor")

    assert missing["state"] == "warning"
    assert "https://aistudio.google.com/apikey" in missing["hint"]
    assert "GEMINI_API_KEY is set" in done.stdout
    assert "canary-8841" not in done.output


def test_wrong_settings_are_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELOG_PORT", "many")

    found = checked(run, exit_code=2)

    assert found["settings"]["state"] == "wrong"
    assert "REELOG_PORT='many'" in found["settings"]["told"]


def test_a_misspelt_setting_is_a_warning(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELOG_PROT", "8081")

    assert "REELOG_PROT" in checked(run)["settings"]["told"]


def test_a_store_that_is_garbage_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "reelog-data").mkdir()
    (tmp_path / "reelog-data" / "events.sqlite3").write_bytes(b"no database at all " * 100)

    assert checked(run, exit_code=2)["event store"]["state"] == "wrong"
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(tmp_path / "reelog-data" / "events.sqlite3").execute("SELECT * FROM sqlite_master")


def test_who_is_at_work_is_told(run: Run, floor: Floor) -> None:
    assert "at work: nobody" in checked(run)["event store"]["told"]

    presence = announce(floor.system.store, "emulator")

    assert "at work: server for emulator" in checked(run)["event store"]["told"]
    standby = floor.system.store.presence(standby_name("emulator"))
    assert standby.acquire()
    assert "server for emulator, another stands by" in checked(run)["event store"]["told"]
    standby.release()
    presence.release()


def test_an_address_that_was_given_is_tried(
    run: Run, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted.answer("/emulator", {"emulator": True})
    monkeypatch.setenv("REELOG_GEMINI_BASE_URL", scripted.url)
    assert "emulator at" in checked(run)["provider"]["told"]

    monkeypatch.setenv("REELOG_GEMINI_BASE_URL", "http://127.0.0.1:9")
    assert checked(run, exit_code=2)["provider"]["state"] == "wrong"


def test_a_folder_that_cannot_be_written_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELOG_DATA_DIR", "/proc/reelog")

    assert checked(run, exit_code=2)["data folder"]["state"] == "wrong"


def test_missing_and_unfit_packages_are_named(tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    project.write_text(
        '[project]\ndependencies = ["click>=99", "no-such-package-at-all", "ray", "x; python_version<\'3\'"]'
    )

    check = doctor_checks.packages(project)

    assert check.state == "wrong"
    assert "no-such-package-at-all is missing" in check.told
    assert ", not >=99" in check.told
    assert "ray" not in check.told


def test_a_python_that_is_too_old_or_too_new_is_told() -> None:
    assert [doctor_checks.python(v).state for v in [(3, 10, 1), (3, 11, 0), (3, 14, 9), (3, 15, 0)]] == [
        "wrong", "ok", "ok", "wrong",
    ]  # fmt: skip


def test_a_check_that_breaks_is_a_finding() -> None:
    def broken() -> Check:
        raise ImportError("libx264 is gone")

    assert doctor_checks.guarded("encoder", broken).told == "ImportError: libx264 is gone"


def test_the_server_at_work_says_who_sits_where_and_whose_start_failed(
    run: Run, floor: Floor, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REELOG_URL", scripted.url)
    assert "server" not in checked(run), "nobody is at work"
    seats = {
        "artists": {"state": "cannot be started", "failures": 5, "error": "OSError: no space"},
        "renderers": {
            "waiting": 3,
            "places": [
                {"pid": 4711, "attempts": ["a", "b"], "address": "10.0.0.7"},
                {
                    "state": "pending",
                    "since_s": 12.3,
                    "reason": "it needs 4 CPUs, and the largest node has 2",
                },
            ],
        },
    }
    aside = [{"job": "1ee308bd", "reason": "KeyError: 'scenes'", "tries": 3}]
    body = {
        "status": "not ready", "reasons": ["the actors have failed: the artists cannot be started"],
        "actors": "failed", "crew": {"crew": seats, "director": {"set_aside": aside}},
        "webhooks": {
            "state": "sending", "reason": None, "lag_events": 0, "pending": 3, "failing": 2,
            "next_try_at": "2026-11-22T10:00:30.000Z",
            "last_failure": {"at": "2026-11-22T10:00:00.000Z", "webhook": "7c1", "error": "it answered 500"},
        },
    }  # fmt: skip
    scripted.answer("/readyz", body, status=503)
    presence = announce(floor.system.store, "emulator")
    said = [json.loads(line) for line in run("doctor", "--json").stdout.splitlines()]
    presence.release()

    told = [(check["name"].strip(), check["state"], check["told"]) for check in said[-6:]]
    assert told[0][:2] == ("server", "wrong")
    assert "the artists cannot be started" in told[0][2]
    webhooks = told.pop(1)
    assert webhooks[:2] == ("webhooks", "warning")
    assert "sending, 3 to be told, the next at 2026-11-22T10:00:30.000Z; 2 tried in vain" in webhooks[2]
    assert webhooks[2].endswith("it answered 500")
    assert told[1] == ("artists", "wrong", "cannot be started; 5 starts in a row failed: OSError: no space")
    assert told[2] == ("renderers", "ok", "process 4711 on 10.0.0.7, making 2, 3 attempts wait")
    why = "it needs 4 CPUs, and the largest node has 2"
    assert told[3] == ("renderers", "warning", f"pending for 12 s: {why}")
    assert told[4][:2] == ("Director", "warning")
    assert "KeyError: 'scenes'" in told[4][2]


def test_a_server_that_cannot_be_found_is_no_fault(
    run: Run, floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REELOG_URL", "http://127.0.0.1:1")
    presence = announce(floor.system.store, "emulator")
    found = checked(run)["server"]
    presence.release()
    assert found["state"] == "ok"
    assert "REELOG_URL" in found["told"]


def test_a_job_that_is_set_aside_is_named_with_the_way_on(run: Run, floor: Floor) -> None:
    job_id = floor.filming.submit()
    floor.system.studio.recorder.insert_events([StoredEvent(job_id, 2, "job.from_the_future", b"{}")])
    floor.settle()

    found = checked(run)["read models"]
    shown = run("show", str(job_id))
    watched = run("show", str(job_id), "--at", "99")

    assert found["state"] == "warning"
    assert str(job_id) in found["told"]
    assert "event 2 (job.from_the_future)" in found["told"]
    assert "reelog rebuild" in found["hint"]
    assert "set aside at event 2 (job.from_the_future)" in shown.stdout
    assert "--at is 99, and the log ends at 2" in watched.output


def test_a_bucket_is_tried_and_nothing_stays_in_it(run: Run, s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    url = s3.bucket()
    for name, value in {**s3.variables, "REELOG_BLOBS": url}.items():
        monkeypatch.setenv(name, value)

    found = checked(run)["blob store"]

    assert found["state"] == "ok"
    assert f"{url}: writes, conditional writes, reads and deletes" in found["told"]
    assert s3.keys(url) == []


@pytest.mark.parametrize(
    ("when", "status", "code", "told", "hint"),
    [
        ("list-type", 403, "InvalidAccessKeyId", "does not know the key", "AWS_ACCESS_KEY_ID"),
        ("PUT", 403, "AccessDenied", "not allowed", "rights"),
        ("PUT", 501, "NotImplemented", "conditional writes", "If-None-Match"),
        ("PUT", 503, "SlowDown", "overloaded", "own status"),
        ("DELETE", 403, "AccessDenied", "not allowed", "rights"),
    ],
)
def test_what_is_wrong_with_a_bucket_is_told_with_its_setting(
    run: Run, s3: S3, monkeypatch: pytest.MonkeyPatch, when: str, status: int, code: str, told: str, hint: str
) -> None:
    url = s3.bucket()
    with proxy_before(s3) as (proxy, far):
        for name, value in {**far.variables, "REELOG_BLOBS": url}.items():
            monkeypatch.setenv(name, value)
        proxy.always(Refused(status, code), when)

        found = checked(run, exit_code=2)["blob store"]
        asked = [line for line in proxy.seen if line.startswith("PUT")]

    assert len(asked) <= 2, "a diagnosis asks once, where work would go on asking for a minute"
    assert found["state"] == "wrong"
    assert told in found["told"]
    assert hint in found["hint"]


def test_what_does_not_answer_is_waited_for_no_longer_than_is_told(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor_checks, "LIMIT_S", 0.2)
    for name in ("event_store", "blob_store"):
        monkeypatch.setattr(doctor_checks, name, lambda _: threading.Event().wait(60))

    found = checked(run, exit_code=2)

    for name in ("event store", "blob store"):
        assert (found[name]["state"], found[name]["told"]) == ("wrong", "no answer within 0.2 s")
    assert "server" not in found, "and the others were looked at all the same"
    assert found["key"]["state"] == "warning"


@pytest.mark.slow
def test_a_silent_bucket_is_told_within_the_limit(run: Run, s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    url, held = s3.bucket(), Held()
    with proxy_before(s3) as (proxy, far):
        for name, value in {**far.variables, "REELOG_BLOBS": url}.items():
            monkeypatch.setenv(name, value)
        proxy.always(held, "PUT")
        began = time.monotonic()
        found = checked(run, exit_code=2)["blob store"]
        took = time.monotonic() - began
        held.go.set()
    assert took < doctor_checks.LIMIT_S + 10, "with all the rest that is looked at"
    assert found["state"] == "wrong"


def test_a_store_that_writes_over_what_is_there_is_found_out(
    run: Run, s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some that speak S3 pass over If-None-Match."""
    for name, value in {**s3.variables, "REELOG_BLOBS": s3.bucket()}.items():
        monkeypatch.setenv(name, value)
    put = obstore.put
    monkeypatch.setattr(
        obstore, "put", lambda *given, **options: put(*given, **(options | {"mode": "overwrite"}))
    )

    found = checked(run, exit_code=2)["blob store"]

    assert "overwritten by a conditional write" in found["told"]


def test_a_command_that_cannot_open_the_bucket_says_which_setting_is_wrong(
    run: Run, s3: S3, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = {
        **s3.variables,
        "REELOG_BLOBS": "s3://no-such-bucket",
        "REELOG_GEMINI_BASE_URL": "http://127.0.0.1:9",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "reelog-data").mkdir()
    (tmp_path / "reelog-data" / "events.sqlite3").touch()

    done = run("ls")

    assert done.exit_code == 2
    assert "REELOG_BLOBS: s3://no-such-bucket: there is no such bucket" in done.stderr
    assert "make it, or name another" in done.stderr
