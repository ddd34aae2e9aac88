"""Signatures that the library of Standard Webhooks takes, by secrets that are nowhere."""

import stat
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from api.webhooks.signing import SigningKey, SigningKeyError, key_file, signed_headers
from domain.webhook import Endpoint

KEY = SigningKey("k" * 32)
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
JOB = UUID(int=7)


def endpoint(number: int = 1, job: UUID | None = None, caller: str = "local") -> Endpoint:
    return Endpoint.create(
        UUID(int=number),
        caller,
        "https://example.org/x",
        ["job.completed"],
        now=NOW,
        key=KEY.fingerprint,
        job_id=job,
    )


def test_what_is_signed_is_verified_by_another_library_and_nothing_else_is() -> None:
    secret, body = KEY.secret_of(endpoint()), '{"naïve":"脚本"}'.encode()
    # The other library refuses what is older than five minutes, and knows no clock but the machine's.
    headers = signed_headers([secret], "msg", int(time.time()), body)
    assert Webhook(secret).verify(body, headers) == {"naïve": "脚本"}
    for changed in (body + b" ", body.replace(b"na", b"Na")):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(changed, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body, headers | {"webhook-id": "other"})
    with pytest.raises(WebhookVerificationError):
        Webhook(KEY.secret_of(endpoint(2))).verify(body, headers)


def test_each_endpoint_has_a_secret_and_all_jobs_of_a_caller_one() -> None:
    mine, other = KEY.secret_of(endpoint(1)), KEY.secret_of(endpoint(2))
    of_jobs = KEY.secret_of(endpoint(3, JOB))
    assert len({mine, other, of_jobs}) == 3
    assert KEY.secret_of(endpoint(4, UUID(int=8))) == of_jobs
    assert KEY.secret_of(endpoint(4, JOB, "ada")) != of_jobs
    assert SigningKey("other" * 8).secret_of(endpoint(1)) != mine


def test_a_new_secret_signs_beside_the_old_one_for_a_day() -> None:
    one = endpoint()
    before = KEY.secret_of(one)
    one.rotate_secret(KEY.fingerprint, now=NOW)
    after = KEY.secret_of(one)
    assert KEY.secrets_at(one, NOW) == [after, before]
    assert KEY.secrets_at(one, NOW + timedelta(days=1)) == [after]


def test_another_key_of_the_server_signs_nothing_wrongly() -> None:
    with pytest.raises(SigningKeyError, match="REELOG_WEBHOOK_KEY"):
        SigningKey("other" * 8).secrets_at(endpoint(), NOW)


def test_a_key_is_made_once_and_only_this_user_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "webhook-key"
    made = key_file(file)
    assert key_file(file) == made
    assert len(made.text) == 64
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]
    assert made.text not in repr(made)
