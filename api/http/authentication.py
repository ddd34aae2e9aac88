"""Who is let in: the key that programs send, and the cookie that a browser has instead of it.

REELOG_API_KEY is the administrator's; where it is set, the keys that were added count as well, and nobody
without one is let in. Those are found by the digest of what is sent, in memory: no secret is compared.

The cookie holds no key: it is an expiry, a random name and the name of a key that was added, signed with the
administrator's, so it outlives a restart and ends when that is changed or the key revoked. No session is
stored but those that were ended before their time, in the log: whoever signs out is out with every copy of
the cookie, at once here and within a second at every other server of the store.
``SameSite=Strict`` keeps other sites from using it. The form that hands it out is ``api/web/login.py``.

Wrong keys are counted apart from other requests, by address and over all, and nobody is told whether a key is
right while there have been too many: neither here nor by any other answer that a right key would change.
"""

import hmac
import math
import time
from collections.abc import Mapping
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from secrets import token_hex

from anyio import to_thread
from pydantic import SecretStr
from starlette.types import Scope

from api.cases.keys import digest_of, is_key
from api.configuration.stretched_key import stretched_key
from api.http.limits import Guesses, KeyRates, address_of
from api.http.problems import Problem
from domain.callers import LOCAL
from domain.key import ADMINISTRATOR, Caller
from domain.store import Keys, Sessions

COOKIE = "reelog_session"
VALID_S = 7 * 24 * 3600

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="reelog"'}


class AdministratorKey:
    """What the administrator must show, and what signs all sessions; None: nothing is asked for."""

    def __init__(self, secret: SecretStr | None, sessions: Sessions | None = None) -> None:
        self._secret = None if secret is None else secret.get_secret_value().encode()
        self._sessions = sessions

    @property
    def is_set(self) -> bool:
        return self._secret is not None

    def opens(self, key: str) -> bool:
        return self._secret is not None and hmac.compare_digest(key.encode(), self._secret)

    def session(self, headers: Mapping[str, str]) -> str | None:
        """Whose cookie is there, where one is that was made here and is still good."""
        cookie = _cookie(headers)
        if self._secret is None or not self._is_good(cookie):
            return None
        _, _, *named, _ = cookie.split(".")
        return bytes.fromhex(named[0]).decode() if named else LOCAL

    def cookie(self, now_s: float, caller: str = LOCAL) -> str:
        """For whoever has shown the key of this caller."""
        session = f"{int(now_s) + VALID_S}.{token_hex(16)}"
        if caller != LOCAL:
            session += f".{caller.encode().hex()}"
        return f"{session}.{self._signature(session)}"

    def end(self, headers: Mapping[str, str]) -> None:
        """Let the cookie in these headers, if it is good, let nobody in any more. The store's errors."""
        cookie = _cookie(headers)
        if self._secret is not None and self._sessions is not None and self._is_good(cookie):
            expires, name, *_ = cookie.split(".")
            self._sessions.end(name, int(expires))

    def _is_good(self, cookie: str) -> bool:
        session, _, signature = cookie.rpartition(".")
        expires, _, rest = session.partition(".")
        name = rest.partition(".")[0]
        if not (expires.isascii() and expires.isdecimal() and float(expires) > time.time()):
            return False
        if not hmac.compare_digest(signature.encode(), self._signature(session).encode()):
            return False
        return self._sessions is None or not self._sessions.is_ended(name)

    def _signature(self, session: str) -> str:
        assert self._secret is not None
        key = stretched_key(self._secret, "session")
        return hmac.new(key, f"reelog session {session}".encode(), sha256).hexdigest()


def bearer(headers: Mapping[str, str]) -> str | None:
    """The key that a program sends."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None


class Door:
    """Lets callers in; holds back whoever guesses, and whoever asks more often than their key may."""

    def __init__(
        self, key: AdministratorKey, guesses: Guesses, keys: Keys, rates: KeyRates | None = None
    ) -> None:
        self.key = key
        self._guesses = guesses
        self._keys = keys
        self._rates = rates or KeyRates()

    def wait_s(self, scope: Scope) -> float:
        """How long until this caller may try a key again; 0 is now."""
        return self._guesses.wait_s(address_of(scope))

    async def opens(self, key: str, scope: Scope) -> Caller | None:
        """Whose key it is, for a caller who may try one; None where it is a wrong one."""
        caller = ADMINISTRATOR if self.key.opens(key) else self._holder_of(key)
        if caller is None and is_key(key):
            # It may have been given by another process a moment ago.
            await to_thread.run_sync(self._keys.catch_up)
            caller = self._holder_of(key)
        self._guesses.note(address_of(scope), right=caller is not None)
        return caller

    def _holder_of(self, key: str) -> Caller | None:
        found = self._keys.with_digest(digest_of(key)) if is_key(key) else None
        return None if found is None else found.caller

    async def admit(self, scope: Scope, headers: Mapping[str, str]) -> Caller | None:
        """Who asks; None, too, for who must wait."""
        if not self.key.is_set:
            return ADMINISTRATOR
        sent = bearer(headers)
        if sent is not None:
            return None if self.wait_s(scope) else await self.opens(sent, scope)
        name = self.key.session(headers)
        if name is None or name == LOCAL:
            return None if name is None else ADMINISTRATOR
        found = self._keys.known(name)
        return found.caller if found is not None and found.is_good else None

    def too_often_s(self, caller: Caller) -> float:
        """The seconds that a caller must wait whose key has a rate; 0 where it need not."""
        found = None if caller.is_administrator else self._keys.known(caller.name)
        return 0.0 if found is None else self._rates.take(found.name, found.rate)


def _cookie(headers: Mapping[str, str]) -> str:
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def too_many_keys(wait_s: float) -> Problem:
    return Problem(
        "rate_limited",
        "Too many wrong keys have come from this address, or to this server.",
        headers={"Retry-After": str(math.ceil(wait_s))},
    )
