"""The headers that every answer carries, errors that nobody foresaw included."""

from starlette.datastructures import MutableHeaders

SECURITY_HEADERS = {
    # No inline script anywhere: the page is ES modules. Pictures and film come from here or from memory.
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # With no-referrer, browsers send "Origin: null" with forms, and the login would be refused.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def add_headers(headers: MutableHeaders, request_id: str | None, films_from: str | None = None) -> None:
    """``films_from``: where else than from here a page may have films, as scheme and host."""
    if films_from is not None:
        policy = SECURITY_HEADERS["Content-Security-Policy"]
        headers["Content-Security-Policy"] = policy.replace(
            "media-src 'self'", f"media-src 'self' {films_from}"
        )
    if request_id is not None:
        headers["X-Request-Id"] = request_id
    for name, value in SECURITY_HEADERS.items():
        headers.setdefault(name, value)
