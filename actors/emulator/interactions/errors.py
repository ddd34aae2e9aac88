"""Errors of the Interactions API: a code in words, and no status.

``not_found``, ``too_many_requests`` and ``gateway_timeout`` were seen on the wire; the other codes are named
after their google.rpc statuses. Google's gateways before it still answer in google.rpc's form, as where the
key is refused.
"""

from actors.emulator.errors import GoogleError, Refused

CODES = {
    "INVALID_ARGUMENT": "invalid_request",
    "FAILED_PRECONDITION": "failed_precondition",
    "PERMISSION_DENIED": "permission_denied",
    "NOT_FOUND": "not_found",
    "ABORTED": "aborted",
    "RESOURCE_EXHAUSTED": "too_many_requests",
    "INTERNAL": "internal_error",
    "UNAVAILABLE": "service_unavailable",
    "DEADLINE_EXCEEDED": "gateway_timeout",
}


def error(http: int, code: str, message: str) -> GoogleError:
    return GoogleError(http, {"error": {"code": code, "message": message}})


def invalid(message: str) -> Refused:
    return Refused(error(400, "invalid_request", message))


def missing(what: str) -> Refused:
    return Refused(error(404, "not_found", f"{what} not found."))


def in_words(rpc: GoogleError) -> GoogleError:
    """A google.rpc error in this API's own form."""
    body = rpc.body[0] if isinstance(rpc.body, list) else rpc.body
    told = body["error"]
    return error(rpc.http, CODES.get(told["status"], "unknown"), told["message"])
