"""A webhook as it is asked for: where to, and of what; alone, or for one job in its submission."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from domain.request import Request
from domain.webhook import DEFAULT_EVENTS, JobEventType

LONGEST_URL = 2048
_LARGEST_PORT = 65_535


def _callable(url: str) -> str:
    """Whether it is a well-formed address; whether it may be called is seen where it would be called."""
    what = "write an address such as https://example.org/hook"
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError(f"it has characters that no address has; {what}")
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise ValueError(f"it is no address; {what}") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise ValueError(f"it is no address of the web; {what}")
    if port is not None and not 0 < port <= _LARGEST_PORT:
        raise ValueError(f"it has no port that exists; {what}")
    if parts.username is not None or parts.password is not None:
        raise ValueError("leave name and password out; signatures say who sends")
    if parts.fragment:
        raise ValueError("leave out what follows #; it is never sent")
    return url


def _each_once(events: list[JobEventType]) -> list[JobEventType]:
    return list(dict.fromkeys(events))


Url = Annotated[str, Field(min_length=1, max_length=LONGEST_URL), AfterValidator(_callable)]
Events = Annotated[list[JobEventType], Field(min_length=1), AfterValidator(_each_once)]


class WebhookRequest(Request):
    """Where events are sent to, signed."""

    url: Url = Field(
        description="https; http and private addresses only where REELOG_WEBHOOK_NETWORKS names them"
    )
    events: Events = Field(
        default_factory=lambda: list(DEFAULT_EVENTS), description="The types of events that are sent"
    )


class WebhookChange(Request):
    """What is left out stays as it is."""

    url: Url | None = Field(default=None, description="As for a new one")
    events: Events | None = Field(default=None, description="As for a new one")
    enabled: bool | None = Field(
        default=None, description="false: nothing is sent, and what waits is dropped; true: sent from now on"
    )
