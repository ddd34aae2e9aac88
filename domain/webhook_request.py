"""A webhook as it is asked for: where to, and of what; alone, or for one job in its submission."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from domain.request import Request
from domain.webhook import DEFAULT_EVENTS, JobEventType

LONGEST_URL = 2048
_LARGEST_PORT = 65_535
_URL = re.compile(
    r"https?://(?P<user>[^/?#@]*@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:(?P<port>[0-9]{1,9}))?"
    r"([/?][^#]*)?(?P<fragment>#.*)?"
)


def _callable(url: str) -> str:
    """Whether it is a well-formed address; whether it may be called is seen where it would be called."""
    what = "write an address such as https://example.org/hook"
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError(f"it has characters that no address has; {what}")
    parts = _URL.fullmatch(url)
    if parts is None:
        raise ValueError(f"it is no address of the web; {what}")
    if parts["user"]:
        raise ValueError("leave name and password out; signatures say who sends")
    if parts["port"] and not 0 < int(parts["port"]) <= _LARGEST_PORT:
        raise ValueError(f"it has no port that exists; {what}")
    if parts["fragment"]:
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
