"""Error answers as Google sends them, word for word where a recording or public report exists.

Each function returns ``(HTTP status, JSON body)``. They are data, not exceptions: the emulator's checks and
its scripted faults both send them, and the product's reader is judged by how it takes them.
"""

from typing import Any, NamedTuple

from starlette.exceptions import HTTPException

TYPE = "type.googleapis.com/google.rpc."
SERVICE = "generativelanguage.googleapis.com"
LIMITS = "https://ai.google.dev/gemini-api/docs/rate-limits"


class GoogleError(NamedTuple):
    """One error answer: its HTTP status and its whole JSON body (sometimes a list of one)."""

    http: int
    body: Any


class Refused(HTTPException):
    """Ends the handling of a request with one of Google's error answers."""

    def __init__(self, error: GoogleError) -> None:
        super().__init__(error.http)
        self.error = error


def error(code: int, status: str, message: str, details: list[dict[str, Any]] | None = None) -> GoogleError:
    body: dict[str, Any] = {"code": code, "message": message, "status": status}
    if details is not None:
        body["details"] = details
    return GoogleError(code, {"error": body})


def invalid(message: str, details: list[dict[str, Any]] | None = None) -> GoogleError:
    return error(400, "INVALID_ARGUMENT", message, details)


def violations(found: list[tuple[str, str]]) -> GoogleError:
    """400 for unknown fields or ill-typed values: ``(path, description)`` each; the root has no path."""
    fields = [{"field": path, "description": text} if path else {"description": text} for path, text in found]
    message = "\n".join(text for _, text in found)
    return invalid(message, [{"@type": f"{TYPE}BadRequest", "fieldViolations": fields}])


def key_missing() -> GoogleError:
    return error(
        403,
        "PERMISSION_DENIED",
        "Method doesn't allow unregistered callers (callers without established identity). "
        "Please use API Key or other form of API consumer identity to call this API.",
    )


def _key_refused(message: str) -> GoogleError:
    return invalid(
        message,
        [
            {
                "@type": f"{TYPE}ErrorInfo",
                "reason": "API_KEY_INVALID",
                "domain": "googleapis.com",
                "metadata": {"service": SERVICE},
            },
            {"@type": f"{TYPE}LocalizedMessage", "locale": "en-US", "message": message},
        ],
    )


def key_invalid() -> GoogleError:
    return _key_refused("API key not valid. Please pass a valid API key.")


def key_expired() -> GoogleError:
    return _key_refused("API key expired. Please renew the API key.")


def key_deleted() -> GoogleError:
    """The recorded details element has no ``@type``."""
    return invalid(
        "API Key not found. Please pass a valid API key.",
        [{"reason": "API_KEY_INVALID", "domain": "googleapis.com"}],
    )


def key_leaked() -> GoogleError:
    return error(403, "PERMISSION_DENIED", "Your API key was reported as leaked. Please use another API key.")


def project_denied() -> GoogleError:
    return error(403, "PERMISSION_DENIED", "Your project has been denied access. Please contact support.")


def api_disabled() -> GoogleError:
    link = f"https://console.developers.google.com/apis/api/{SERVICE}/overview?project=123456789012"
    return error(
        403,
        "PERMISSION_DENIED",
        "Generative Language API has not been used in project 123456789012 before or it is disabled. "
        f"Enable it by visiting {link} then retry. If you enabled this API recently, wait a few minutes for "
        "the action to propagate to our systems and retry.",
        [
            {
                "@type": f"{TYPE}Help",
                "links": [{"description": "Google developers console API activation", "url": link}],
            },
            {
                "@type": f"{TYPE}ErrorInfo",
                "reason": "SERVICE_DISABLED",
                "domain": "googleapis.com",
                "metadata": {"consumer": "projects/123456789012", "service": SERVICE},
            },
        ],
    )


def consumer_suspended(key: str) -> GoogleError:
    """The real message echoes the caller's key: whoever logs it must scrub it."""
    message = f"Permission denied: Consumer 'api_key:{key}' has been suspended."
    return error(
        403,
        "PERMISSION_DENIED",
        message,
        [
            {
                "@type": f"{TYPE}ErrorInfo",
                "reason": "CONSUMER_SUSPENDED",
                "domain": "googleapis.com",
                "metadata": {
                    "consumer": "projects/123456789012",
                    "service": SERVICE,
                    "containerInfo": f"api_key:{key}",
                },
            },
            {"@type": f"{TYPE}LocalizedMessage", "locale": "en-US", "message": message},
        ],
    )


def model_not_found(model: str, version: str, method: str) -> GoogleError:
    return error(
        404,
        "NOT_FOUND",
        f"models/{model} is not found for API version {version}, or is not supported for {method}. Call "
        "ModelService.ListModels to see the list of available models and their supported methods.",
    )


def path_not_found() -> GoogleError:
    return error(404, "NOT_FOUND", "Requested entity was not found.")


def quota(
    model: str,
    retry_after_s: float | None,
    *,
    metric: str,
    quota_id: str,
    limit: int,
) -> GoogleError:
    """429 with Help, QuotaFailure and, where a delay is given, RetryInfo (whole seconds, as recorded)."""
    details: list[dict[str, Any]] = [
        {
            "@type": f"{TYPE}Help",
            "links": [{"description": "Learn more about Gemini API quotas", "url": LIMITS}],
        },
        {
            "@type": f"{TYPE}QuotaFailure",
            "violations": [
                {
                    "quotaMetric": f"{SERVICE}/{metric}",
                    "quotaId": quota_id,
                    "quotaDimensions": {"location": "global", "model": model},
                    "quotaValue": str(limit),
                }
            ],
        },
    ]
    message = (
        f"{QUOTA_MESSAGE}\n* Quota exceeded for metric: {SERVICE}/{metric}, limit: {limit}, model: {model}"
    )
    if retry_after_s is not None:
        message += f"\nPlease retry in {retry_after_s:.9f}s."
        details.append({"@type": f"{TYPE}RetryInfo", "retryDelay": f"{retry_after_s:g}s"})
    return error(429, "RESOURCE_EXHAUSTED", message, details)


QUOTA_MESSAGE = (
    "You exceeded your current quota, please check your plan and billing details. For more information "
    "on this "
    f"error, head to: {LIMITS}. To monitor your current usage, head to: https://ai.dev/rate-limit. "
)


def quota_help_only() -> GoogleError:
    return error(
        429,
        "RESOURCE_EXHAUSTED",
        QUOTA_MESSAGE,
        [
            {
                "@type": f"{TYPE}Help",
                "links": [{"description": "Learn more about Gemini API quotas", "url": LIMITS}],
            }
        ],
    )


def quota_bare() -> GoogleError:
    return error(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota).")


def credits_depleted() -> GoogleError:
    return error(
        429,
        "RESOURCE_EXHAUSTED",
        "Your prepayment credits are depleted. Please go to AI Studio at https://ai.studio/projects to "
        "manage your project and billing.",
    )


def spending_cap() -> GoogleError:
    return error(
        429,
        "RESOURCE_EXHAUSTED",
        "Your project has exceeded its monthly spending cap. Please go to AI Studio at "
        "https://ai.studio/projects to manage your project and billing.",
    )


def tts_wrote() -> GoogleError:
    """A speech model that began to write: it depends on the draw, not on the text."""
    return invalid(
        "Model tried to generate text, but it should only be used for TTS. Please make sure your prompt "
        "clearly asks for speech."
    )


def aborted() -> GoogleError:
    """A status for which Reelog has no name: nothing is known of it but what it says."""
    return error(409, "ABORTED", "The operation was aborted.")


def deadline_expired() -> GoogleError:
    return error(504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete.")


def internal() -> GoogleError:
    return error(
        500,
        "INTERNAL",
        "An internal error has occurred. Please retry or report in "
        "https://developers.generativeai.google/guide/troubleshooting",
    )


def high_demand() -> GoogleError:
    return error(
        503,
        "UNAVAILABLE",
        "This model is currently experiencing high demand. Spikes in demand are usually temporary. "
        "Please try again later.",
    )


def overloaded() -> GoogleError:
    return error(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")


def location_unsupported() -> GoogleError:
    return error(400, "FAILED_PRECONDITION", "User location is not supported for the API use.")


def modalities(asked: list[str], model: str, accepted: list[str]) -> GoogleError:
    lines = "".join(f"* {combination}\n" for combination in accepted)
    return invalid(
        f"The requested combination of response modalities ({', '.join(asked)}) is not supported by the "
        "model. "
        f"models/{model} accepts the following combination of response modalities:\n{lines}"
    )


def in_list(one: GoogleError) -> GoogleError:
    """The same error as the one-element list that some of Google's front ends send."""
    return GoogleError(one.http, [one.body])
