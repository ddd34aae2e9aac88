"""``webhooks`` as a person types it, against a server."""

import functools
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from standardwebhooks import Webhook

from actors.gemini.catalogue import Catalogue
from api.composition import System, open_system
from api.model_directory import ModelDirectory
from api.settings import load_settings
from tests.api.cli.conftest import Run
from tests.api.planned import PlannedFilming
from tests.api.serving import serving
from tests.projections.filming import Filming
from tests.receiver import Receiver, receiving

pytestmark = pytest.mark.slow


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[System, str]]:
    environ = {"REELOG_WEBHOOK_NETWORKS": "127.0.0.1"}
    settings = load_settings(environ, Path("/nonexistent.env"), DATA_DIR=tmp_path / "served", PORT=0)
    catalogue = functools.partial(Catalogue, None, date(2026, 11, 22))
    opened = open_system(settings, provider="emulator", models=ModelDirectory(catalogue))
    with serving(opened) as url:
        yield opened, url


def test_an_endpoint_is_added_told_looked_at_and_removed(
    run: Run, served: tuple[System, str], receiver: Receiver
) -> None:
    system, url = served
    added = run("webhooks", "add", receiver.url, "--url", url)
    assert added.exit_code == 0, added.output
    webhook, secret = added.stdout.split()
    assert run("webhooks", "ls", "--url", url).stdout.split() == [webhook, "enabled", receiver.url]
    assert f"{webhook}  enabled" in run("webhooks", "show", webhook, "--url", url).stdout
    pinged = run("webhooks", "ping", webhook, "--url", url)
    assert (pinged.exit_code, pinged.stdout.partition(",")[0]) == (0, "answered 204")
    receiver.next()

    Path("script.txt").write_text("A boat sets out at dawn.", encoding="utf-8")
    asked = ("submit", "script.txt", "--webhook", receiver.url, "--url", url)
    submitted = run(*asked)
    assert submitted.exit_code == 0, submitted.output
    job_id = submitted.stdout.strip()
    of_job = submitted.stderr.partition("signed with ")[2].split()[0]
    Filming(system.store, system.blobs).finish(UUID(job_id))
    got = [receiver.next(), receiver.next()]
    by_key = {one.headers["webhook-id"]: one for one in got}
    assert len(by_key) == 2

    follower = system.store.follower(0)
    listed = ["webhooks", "deliveries", webhook, "--json", "--url", url]
    while (one := json.loads(run(*listed).stdout))["status"] != "delivered":
        follower.next_batch(0.05)
    mine = by_key.pop(one["id"])
    Webhook(secret).verify(mine.body, mine.headers)
    [other] = by_key.values()
    Webhook(of_job).verify(other.body, other.headers)
    tried = run("webhooks", "deliveries", webhook, one["id"], "--url", url).stdout
    assert "try 1: it answered 204" in tried
    again = run("webhooks", "redeliver", webhook, one["id"], "--url", url)
    assert (again.exit_code, again.stdout.split()[:1]) == (0, [one["id"]])
    assert receiver.next().headers["webhook-id"] == one["id"]
    while json.loads(run(*listed).stdout)["status"] != "delivered":
        follower.next_batch(0.05)
    follower.close()
    tried = run("webhooks", "deliveries", webhook, one["id"], "--url", url).stdout
    assert "try 1: it answered 204" in tried
    assert "try 1 of turn 2: it answered 204" in tried

    assert " disabled " in run("webhooks", "change", webhook, "--disable", "--url", url).stdout
    assert run("webhooks", "secret", webhook, "--url", url).stdout.startswith("whsec_")
    assert run("webhooks", "rm", webhook, "--url", url).exit_code == 0
    none = run("webhooks", "ls", "--url", url)
    assert none.stderr == "No endpoint is told of all jobs. Add one: reelog webhooks add URL\n"
    gone = run("webhooks", "show", webhook, "--url", url)
    assert (gone.exit_code, "There is no webhook" in gone.stderr) == (2, True)


def test_a_fork_has_an_endpoint_of_its_own(run: Run, served: tuple[System, str], receiver: Receiver) -> None:
    system, url = served
    source = UUID(run("submit", "-", "--url", url, stdin=b"A boat sets out at dawn.").stdout.strip())
    filming = PlannedFilming(system)
    assert filming.finish(source) == "completed"
    forked = run("fork", str(source), "--webhook", receiver.url, "--url", url)
    assert forked.exit_code == 0, forked.output
    secret = forked.stderr.partition("signed with ")[2].split()[0]
    assert filming.finish(UUID(forked.stdout.strip())) == "completed"
    got = receiver.next()
    Webhook(secret).verify(got.body, got.headers)
    assert got.message["data"]["id"] == forked.stdout.strip() != str(source)
    wrong = run("fork", str(source), "--webhook", "https://10.0.0.1/hook", "--dry-run", "--url", url)
    assert (wrong.exit_code, "--webhook: " in wrong.stderr) == (2, True), wrong.output


def test_what_is_wrong_is_said(run: Run, served: tuple[System, str], receiver: Receiver) -> None:
    _, url = served
    refused = run("webhooks", "add", "https://10.0.0.1/hook", "--url", url)
    assert refused.exit_code == 2
    assert "REELOG_WEBHOOK_NETWORKS" in refused.stderr
    Path("script.txt").write_text("A boat.", encoding="utf-8")
    wrong = run("submit", "script.txt", "--webhook", "example.org", "--url", url)
    assert (wrong.exit_code, "--webhook" in wrong.stderr) == (2, True), wrong.output
    receiver.answer = lambda _: 500
    webhook = run("webhooks", "add", receiver.url, "--url", url).stdout.split()[0]
    pinged = run("webhooks", "ping", webhook, "--url", url)
    assert (pinged.exit_code, pinged.stdout.partition(",")[0]) == (1, "it answered 500")
