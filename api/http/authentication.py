"""Who is let in: the key that programs send, and the cookie that a browser has instead of it.

The cookie holds no key: it is an expiry and a random name, signed with the key, so it outlives a restart and
ends when the key is changed. No session is stored but those that were ended before their time: whoever signs
out is out, with every copy of the cookie. ``SameSite=Strict`` keeps other sites from using it. The form that
hands it out is ``api/web/login.py``.

Wrong keys are counted apart from other requests, by address and over all, and nobody is told whether a key is
right while there have been too many: neither here nor by any other answer that a right key would change.
"""

import hmac
import logging
import math
import time
from collections.abc import Mapping
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from secrets import token_hex

from pydantic import SecretStr
from starlette.types import Scope

from api.http.limits import Guesses, caller_of
from api.http.problems import Problem

COOKIE = "reelog_session"
VALID_S = 7 * 24 * 3600
ADMITTED = "reelog.admitted"
"""In the scope of a request: whether it may see what needs the key."""
logger = logging.getLogger(__name__)

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="reelog"'}


class EndedSessions:
    """Sessions that were ended before their time, in a file beside the events: a line for each.

    Servers on one data folder know of each other's. A session can be ended only with its cookie, so whoever
    has no key makes this no longer; what has expired goes when a server starts.
    """

    def __init__(self, file: Path, now_s: float) -> None:
        self._file = file
        self._names: set[str] = set()
        self._size = 0
        lines = file.read_text("ascii", "replace").splitlines() if file.exists() else []
        kept = [
            line for line in lines if line.partition(" ")[0].isdecimal() and float(line.split()[0]) > now_s
        ]
        if len(kept) < len(lines):
            beside = file.with_suffix(".new")
            beside.write_text("".join(f"{line}\n" for line in kept), "ascii")
            beside.replace(file)

    def __contains__(self, name: str) -> bool:
        self._read()
        return name in self._names

    def add(self, name: str, expires: str) -> None:
        self._names.add(name)
        try:
            with self._file.open("a", encoding="ascii") as file:
                file.write(f"{expires} {name}\n")
        except OSError as error:
            logger.warning("a session that was ended is known to this server only: %s", error)

    def _read(self) -> None:
        try:
            size = self._file.stat().st_size
        except OSError:
            return
        if size != self._size:
            self._names |= {
                line.partition(" ")[2] for line in self._file.read_text("ascii", "replace").splitlines()
            }
            self._size = size


class Key:
    """What a caller must show; None: nothing is asked for."""

    def __init__(self, secret: SecretStr | None, ended: EndedSessions | None = None) -> None:
        self._secret = None if secret is None else secret.get_secret_value().encode()
        self._ended = ended

    @property
    def is_set(self) -> bool:
        return self._secret is not None

    def opens(self, key: str) -> bool:
        return self._secret is not None and hmac.compare_digest(key.encode(), self._secret)

    def knows(self, headers: Mapping[str, str]) -> bool:
        """Whether no key is asked for, or a cookie is there that was made with it, and is still good."""
        return self._secret is None or self._is_good(_cookie(headers))

    def cookie(self, now_s: float) -> str:
        session = f"{int(now_s) + VALID_S}.{token_hex(16)}"
        return f"{session}.{self._signature(session)}"

    def end(self, headers: Mapping[str, str]) -> None:
        """Let the cookie in these headers, if it is good, let nobody in any more."""
        cookie = _cookie(headers)
        if self._secret is not None and self._ended is not None and self._is_good(cookie):
            expires, name, _ = cookie.split(".")
            self._ended.add(name, expires)

    def _is_good(self, cookie: str) -> bool:
        session, _, signature = cookie.rpartition(".")
        expires, _, name = session.partition(".")
        if not (expires.isascii() and expires.isdecimal() and float(expires) > time.time()):
            return False
        if not hmac.compare_digest(signature.encode(), self._signature(session).encode()):
            return False
        return self._ended is None or name not in self._ended

    def _signature(self, session: str) -> str:
        assert self._secret is not None
        return hmac.new(self._secret, f"reelog session {session}".encode(), sha256).hexdigest()


def bearer(headers: Mapping[str, str]) -> str | None:
    """The key that a program sends."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None


class Door:
    """Lets callers in; holds back whoever guesses."""

    def __init__(self, key: Key, guesses: Guesses) -> None:
        self.key = key
        self._guesses = guesses

    def wait_s(self, scope: Scope) -> float:
        """How long until this caller may try a key again; 0 is now."""
        return self._guesses.wait_s(caller_of(scope))

    def opens(self, key: str, scope: Scope) -> bool:
        """Whether the key is right; for a caller who may try one."""
        right = self.key.opens(key)
        self._guesses.note(caller_of(scope), right=right)
        return right

    def admits(self, scope: Scope, headers: Mapping[str, str]) -> bool:
        """Whether a request may see what needs the key; False, too, for who must wait."""
        sent = bearer(headers) if self.key.is_set else None
        if sent is None:
            return self.key.knows(headers)
        return not self.wait_s(scope) and self.opens(sent, scope)


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
