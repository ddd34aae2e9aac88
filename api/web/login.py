"""Where a person types the key: a plain form, whose answer is a cookie that no script can read."""

import math
import time
from collections.abc import Mapping
from urllib.parse import parse_qs

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.cases.errors import FieldError
from api.http.accept import wants_html
from api.http.authentication import CHALLENGE, COOKIE, VALID_S, Door, too_many_keys
from api.http.callers import CALLER
from api.http.problems import Problem
from api.web.frame import html_page
from domain.key import ADMINISTRATOR

SIGNED_IN = "reelog_signed_in"
"""Tells the page, whose scripts cannot see the other one, that there is somebody to sign out."""
MOST_FIELDS = 10
FORM = "application/x-www-form-urlencoded"

_MAIN = """<h1>Sign in</h1>
<form method="post">
{alert}<p><label for="key">Key</label>
<input id="key" name="key" type="password" autocomplete="current-password" required autofocus{invalid}></p>
<p><button class="primary">Sign in</button></p>
<p class="soft">The key that the administrator gave you, or what the server was started with, in
REELOG_API_KEY.</p>
</form>"""
_WRONG = '<p id="wrong" class="wrong" role="alert">That is no key of this server.</p>\n'
_TOO_MANY = (
    '<p id="wrong" class="wrong" role="alert">Too many wrong keys came from here. '
    "Try again in {wait_s} seconds.</p>\n"
)
_INVALID = ' aria-invalid="true" aria-describedby="wrong"'


async def form(request: Request) -> Response:
    """GET /login."""
    if request.scope[CALLER] is not None:
        return RedirectResponse("/", 303, {"Cache-Control": "no-store"})
    return _form(200)


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
            return _form(429, alert=_TOO_MANY.format(wait_s=wait_s), headers={"Retry-After": str(wait_s)})
        raise too_many_keys(wait_s)
    caller = await door.opens(fields["key"][0], request.scope) if key.is_set else ADMINISTRATOR
    if caller is None:
        if wants_html(request.headers):
            return _form(401, alert=_WRONG, invalid=_INVALID, headers=CHALLENGE)
        raise Problem("not_authenticated", "That is no key of this server.", headers=CHALLENGE)
    response = RedirectResponse("/", 303, {"Cache-Control": "no-store"})
    if key.is_set:
        for name, value in ((COOKIE, key.cookie(time.time(), caller.name)), (SIGNED_IN, "1")):
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


def _form(
    status: int, *, alert: str = "", invalid: str = "", headers: Mapping[str, str] | None = None
) -> Response:
    # Without an action the form goes to its own address, whose fragment (the view) the redirect then keeps.
    main = _MAIN.format(alert=alert, invalid=invalid)
    return html_page("Sign in to Reelog", main, kind="login", status=status, headers=headers)
