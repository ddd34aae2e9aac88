"""A link or a cookie gives nobody a quick way to try words for the key that signed it."""

import hmac
import time
from hashlib import sha256
from pathlib import Path

from pydantic import SecretStr

from api.configuration.link_keys import link_keys
from api.configuration.stretched_key import SCRYPT, stretched_key
from api.http.authentication import AdministratorKey

KEY = SecretStr("correct horse battery")


def test_nothing_is_signed_with_a_key_that_a_person_may_have_thought_of(tmp_path: Path) -> None:
    word = KEY.get_secret_value().encode()
    assert word not in link_keys((), KEY, tmp_path)
    assert word not in link_keys((KEY,), None, tmp_path)

    session, _, signature = AdministratorKey(KEY).cookie(time.time()).rpartition(".")
    assert signature != hmac.new(word, f"reelog session {session}".encode(), sha256).hexdigest()


def test_every_server_with_the_key_makes_the_same_of_it_for_one_purpose_alone() -> None:
    made = stretched_key(b"secret", "link")
    stretched_key.cache_clear()
    assert stretched_key(b"secret", "link") == made
    assert stretched_key(b"secret", "session") != made
    assert SCRYPT["n"] * SCRYPT["r"] * 128 >= 16 * 2**20, "what a guess costs, in bytes of memory"
