"""The key for people: typed once into a plain form, kept by the browser as a cookie that no script can read.

The cookie holds no key and no session is stored: it is an expiry signed with the key, so it outlives a
restart and ends when the key is changed. ``SameSite=Strict`` keeps other sites from using it. Programs send
``Authorization: Bearer`` instead.
"""

import hmac
import re
import time
from collections.abc import Mapping
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.problems import FieldError, Problem

COOKIE = "reelog_session"
SIGNED_IN = "reelog_signed_in"
"""Tells the page, whose scripts cannot see the other one, that there is somebody to sign out."""
VALID_S = 30 * 24 * 3600
FORM = "application/x-www-form-urlencoded"
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


class Key:
    """What a caller must show; None: nothing is asked for."""

    def __init__(self, secret: SecretStr | None) -> None:
        self._secret = None if secret is None else secret.get_secret_value().encode()

    @property
    def is_set(self) -> bool:
        return self._secret is not None

    def opens(self, key: str) -> bool:
        return self._secret is not None and hmac.compare_digest(key.encode(), self._secret)

    def admits(self, headers: Mapping[str, str]) -> bool:
        """Whether these headers bring the key, or a cookie made with it that has not expired."""
        if self._secret is None:
            return True
        scheme, _, key = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self.opens(key.strip())
        return self._is_ours(_cookie(headers))

    def cookie(self, now_s: float) -> str:
        expires = str(int(now_s) + VALID_S)
        return f"{expires}.{self._signature(expires)}"

    def _is_ours(self, cookie: str) -> bool:
        expires, _, signature = cookie.partition(".")
        if not (expires.isascii() and expires.isdecimal() and float(expires) > time.time()):
            return False
        return hmac.compare_digest(signature.encode(), self._signature(expires).encode())

    def _signature(self, expires: str) -> str:
        assert self._secret is not None
        return hmac.new(self._secret, f"reelog session until {expires}".encode(), sha256).hexdigest()


def _cookie(headers: Mapping[str, str]) -> str:
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def wants_html(headers: Mapping[str, str]) -> bool:
    """Whether a page is liked better than JSON, as browsers say and programs do not (RFC 9110, 12.5.1)."""
    liked: dict[str, float] = {}
    for part in headers.get("accept", "").lower().split(","):
        kind, *parameters = (word.strip() for word in part.split(";"))
        weight = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        liked[kind] = float(weight) if re.fullmatch(r"[01](\.\d{0,3})?", weight) else 0.0

    def weight_of(kind: str) -> float:
        family = f"{kind.partition('/')[0]}/*"
        return next((liked[name] for name in (kind, family, "*/*") if name in liked), 0.0)

    return weight_of("text/html") > max(
        weight_of("application/json"), liked.get("application/problem+json", 0)
    )


async def form(request: Request) -> Response:
    """GET /login."""
    key: Key = request.app.state.key
    if key.admits(request.headers):
        return RedirectResponse("/", 303, {"Cache-Control": "no-store"})
    return _page(200)


async def log_in(request: Request) -> Response:
    """POST /login."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise Problem("unsupported_media_type", f"Send the form as {FORM}.", headers={"Accept-Post": FORM})
    fields = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
    if "key" not in fields:
        message = "key is missing and must be given"
        raise Problem("invalid_submission", message, errors=[FieldError("/key", message)])
    key: Key = request.app.state.key
    if key.is_set and not key.opens(fields["key"][0]):
        if wants_html(request.headers):
            return _page(401, said=_WRONG, invalid=' aria-invalid="true" aria-describedby="wrong"')
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


async def log_out(_: Request) -> Response:
    """POST /logout."""
    response = RedirectResponse("/login", 303, {"Cache-Control": "no-store"})
    for name in (COOKIE, SIGNED_IN):
        response.delete_cookie(name, httponly=name == COOKIE, samesite="strict")
    return response


def _page(status: int, *, said: str = "", invalid: str = "") -> Response:
    # Without an action the form goes to its own address, whose fragment (the view) the redirect then keeps.
    headers = {"Cache-Control": "no-store", **(CHALLENGE if status != 200 else {})}  # noqa: PLR2004
    return Response(_PAGE.format(said=said, invalid=invalid), status, headers, "text/html")
