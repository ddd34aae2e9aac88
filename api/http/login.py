"""The key for people: typed once into a plain form, kept by the browser as a cookie that no script can read.

The cookie holds no key: it is an expiry and a random name, signed with the key, so it outlives a restart and
ends when the key is changed. No session is stored but those that were ended before their time: whoever signs
out is out, with every copy of the cookie. ``SameSite=Strict`` keeps other sites from using it. Programs send
``Authorization: Bearer`` instead.

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
from urllib.parse import parse_qs

from anyio import to_thread
from pydantic import SecretStr
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Scope

from api.cases.errors import FieldError
from api.http.accept import preferred
from api.http.limits import Guesses, caller_of
from api.http.problems import Problem

COOKIE = "reelog_session"
SIGNED_IN = "reelog_signed_in"
"""Tells the page, whose scripts cannot see the other one, that there is somebody to sign out."""
VALID_S = 7 * 24 * 3600
ADMITTED = "reelog.admitted"
"""In the scope of a request: whether it may see what needs the key."""
MOST_FIELDS = 10
FORM = "application/x-www-form-urlencoded"
logger = logging.getLogger(__name__)

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="reelog"'}

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sign in to Reelog</title>
<link rel="icon" href="/static/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/base.css">
<link rel="stylesheet" href="/docs.css">
</head>
<body>
<header class="site"><span class="mark"><span class="dot" aria-hidden="true"></span>Reelog</span></header>
<main class="page login">
<h1>Sign in</h1>
<form method="post">
{said}<p><label for="key">Key</label>
<input id="key" name="key" type="password" autocomplete="current-password" required autofocus{invalid}></p>
<p><button class="primary">Sign in</button></p>
<p class="soft">The key is what the server was started with, in REELOG_API_KEY.</p>
</form>
</main>
</body>
</html>
"""
_WRONG = '<p id="wrong" class="wrong" role="alert">That is not the key of this server.</p>\n'
_INVALID = ' aria-invalid="true" aria-describedby="wrong"'
_TOO_MANY = (
    '<p id="wrong" class="wrong" role="alert">Too many wrong keys came from here. '
    "Try again in {wait_s} seconds.</p>\n"
)


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


def wants_html(headers: Headers) -> bool:
    """Whether it is a person's browser that asks."""
    return preferred(headers, ("application/json", "application/problem+json", "text/html")) == "text/html"


async def form(request: Request) -> Response:
    """GET /login."""
    if request.scope[ADMITTED]:
        return RedirectResponse("/", 303, {"Cache-Control": "no-store"})
    return _page(200)


async def log_in(request: Request) -> Response:
    """POST /login."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise Problem("unsupported_media_type", f"Send the form as {FORM}.", headers={"Accept-Post": FORM})
    text = (await request.body()).decode("utf-8", "replace")
    try:
        fields = parse_qs(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        message = f"the form has more than {MOST_FIELDS} fields; send key alone"
        raise Problem("invalid_submission", message, errors=[FieldError("", message)]) from None
    if "key" not in fields:
        message = "key is missing and must be given"
        raise Problem("invalid_submission", message, errors=[FieldError("/key", message)])
    door: Door = request.app.state.door
    key = door.key
    wait_s = math.ceil(door.wait_s(request.scope)) if key.is_set else 0
    if wait_s:
        if wants_html(request.headers):
            return _page(429, said=_TOO_MANY.format(wait_s=wait_s), headers={"Retry-After": str(wait_s)})
        raise too_many_keys(wait_s)
    if key.is_set and not door.opens(fields["key"][0], request.scope):
        if wants_html(request.headers):
            return _page(401, said=_WRONG, invalid=_INVALID, headers=CHALLENGE)
        raise Problem("not_authenticated", "That is not the key of this server.", headers=CHALLENGE)
    response = RedirectResponse("/", 303, {"Cache-Control": "no-store"})
    if key.is_set:
        for name, value in ((COOKIE, key.cookie(time.time())), (SIGNED_IN, "1")):
            response.set_cookie(
                name,
                value,
                max_age=VALID_S,
                secure=request.url.scheme == "https",
                httponly=name == COOKIE,
                samesite="strict",
            )
    return response


async def log_out(request: Request) -> Response:
    """POST /logout."""
    door: Door = request.app.state.door
    await to_thread.run_sync(door.key.end, request.headers)
    response = RedirectResponse("/login", 303, {"Cache-Control": "no-store"})
    secure = request.url.scheme == "https"
    for name in (COOKIE, SIGNED_IN):
        response.delete_cookie(name, secure=secure, httponly=name == COOKIE, samesite="strict")
    return response


def too_many_keys(wait_s: float) -> Problem:
    return Problem(
        "rate_limited",
        "Too many wrong keys have come from this address, or to this server.",
        headers={"Retry-After": str(math.ceil(wait_s))},
    )


def _page(
    status: int, *, said: str = "", invalid: str = "", headers: Mapping[str, str] | None = None
) -> Response:
    # Without an action the form goes to its own address, whose fragment (the view) the redirect then keeps.
    sent = {"Cache-Control": "no-store", **(headers or {})}
    return Response(_PAGE.format(said=said, invalid=invalid), status, sent, "text/html")
