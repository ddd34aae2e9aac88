"""Links: signed addresses of an asset's bytes, good for a while, for whoever has one.

Nothing is kept of a link: what it gives, and until when, stands in its address, and a signature over all of
that says that it was made here. Whoever may see the asset may make one. One that was made with a key ends
with that key; whose it was the address does not tell, so the key's name is signed and not written: it can
only be the administrator's or that of whoever the asset's job belongs to.
"""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from pydantic import Field

from api.cases.content import ContentRequest, find_content
from api.cases.errors import SOON_S, Refusal
from api.composition import System
from api.configuration.link_keys import link_keys
from domain.callers import LOCAL
from domain.request import Request
from projections.wire import encode, iso

HOUR_S = 3600
LONGEST_S = 7 * 24 * HOUR_S
"""As long as those of object stores."""
MOST_REVISIONS = 1_000_000


class NewLink(Request):
    """A link as it is asked for."""

    expires_in_s: Annotated[int, Field(ge=1, le=LONGEST_S)] = Field(
        default=HOUR_S, description="For how many seconds it is good, at most a week"
    )
    revision: Annotated[int, Field(ge=1, le=MOST_REVISIONS)] | None = Field(
        default=None,
        description="Always the bytes of this revision; null gives those of the latest whenever it is used",
    )
    download: bool = Field(
        default=False, description="To be kept as a file named after the film, not shown by the browser"
    )


@dataclass(frozen=True)
class LinkRequest:
    asset_id: UUID
    caller: str
    asked: NewLink


@dataclass(frozen=True)
class SignedLink:
    """The parts of an address, as they stand in it: what has been changed may be anything."""

    asset_id: str
    revision: str
    download: str
    expires: str
    signature: str = ""

    def signed_by(self, key: bytes, caller: str) -> str:
        parts = (caller, self.asset_id, self.revision, self.download, self.expires)
        text = "\n".join(("reelog link", *parts))
        return hmac.new(key, text.encode(errors="replace"), sha256).hexdigest()


@dataclass(frozen=True)
class NewAddress:
    """``path`` begins with ``/``, as the server is called by many names."""

    path: str
    expires_at: datetime
    revision: int | None
    media_type: str
    asset_id: UUID

    def to_json(self, url: str) -> bytes:
        return encode(
            {
                "url": url,
                "expires_at": iso(self.expires_at),
                "asset_id": str(self.asset_id),
                "revision": self.revision,
                "media_type": self.media_type,
            }
        )


def make_link(system: System, request: LinkRequest) -> NewAddress:
    """Sign an address of what is there. Refusals as for its content. Blocks."""
    asked = request.asked
    made = find_content(system, ContentRequest(request.asset_id, asked.revision))
    expires = int(system.clock().timestamp()) + asked.expires_in_s
    link = SignedLink(
        str(request.asset_id), str(asked.revision or ""), "1" if asked.download else "", str(expires)
    )
    signature = link.signed_by(_keys(system)[0], request.caller)
    given = {
        "revision": link.revision, "download": link.download, "expires": link.expires, "signature": signature
    }  # fmt: skip
    query = urlencode({name: value for name, value in given.items() if value})
    return NewAddress(
        f"/links/{link.asset_id}?{query}",
        datetime.fromtimestamp(expires, UTC),
        asked.revision,
        made.media_type,
        request.asset_id,
    )


@dataclass(frozen=True)
class Linked:
    """What a link gives, and for how many seconds more."""

    content: ContentRequest
    download: bool
    good_for_s: int


def open_link(system: System, link: SignedLink) -> Linked:
    """What a link is of. Refusals ``link_invalid``, ``link_expired``. Blocks."""
    caller = _signer(system, link)
    if caller is None:
        raise Refusal("link_invalid", "The address is not as it was made here; ask for a new one.")
    good_for_s = int(link.expires) - system.clock().timestamp()
    if good_for_s <= 0:
        ended = iso(datetime.fromtimestamp(int(link.expires), UTC))
        raise Refusal("link_expired", f"It was good until {ended}.")
    if caller != LOCAL:
        system.keys.catch_up()
        if not system.keys.is_good(caller):
            raise Refusal("link_expired", "The key that it was made with has been revoked.")
    content = ContentRequest(UUID(link.asset_id), int(link.revision) if link.revision else None)
    return Linked(content, bool(link.download), max(1, int(good_for_s)))


def _signer(system: System, link: SignedLink) -> str | None:
    """Whose link it is; None where it was not made here."""
    callers = [LOCAL] if (owner := _owner(system, link.asset_id)) is None else [LOCAL, owner]
    shown = link.signature.encode(errors="replace")
    for caller in callers:
        for key in _keys(system):
            if hmac.compare_digest(link.signed_by(key, caller).encode(), shown):
                return caller
    return None


def _owner(system: System, asset_id: str) -> str | None:
    try:
        return system.owners.of(UUID(asset_id))
    except ValueError:
        return None


def _keys(system: System) -> tuple[bytes, ...]:
    settings = system.settings
    try:
        return link_keys(settings.link_keys, settings.api_key, settings.data_dir)
    except OSError as error:
        detail = f"No key to sign with can be kept ({error.strerror}); REELOG_LINK_KEY gives one."
        raise Refusal("unavailable", detail, retry_after_s=SOON_S) from error
