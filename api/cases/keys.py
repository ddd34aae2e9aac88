"""Keys: the administrator gives them, each with what it is for, and takes them back.

A key is shown once, when it is given. What is kept of it is its digest, which tells nothing of it.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_urlsafe
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from api.cases.budgets import settled, today
from api.cases.errors import Faults, Refusal
from api.cases.validation import validated
from api.composition import System
from domain.callers import LOCAL
from domain.key import Caller, Key, Scope
from domain.request import Request
from projections.wire import encode, iso

NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_PREFIX = "reelog_"
"""So that a person, and who looks for secrets in a repository, sees what it is."""
_KEY = re.compile(f"{_PREFIX}[A-Za-z0-9_-]{{43}}")
MOST_KEPT = 1000
"""Each is a line in /metrics, and all are looked through in memory."""
MOST_A_MINUTE = 1_000_000

NOT_ASKED_FOR = (
    "Keys count where REELOG_API_KEY is set: a server without it lets in whoever reaches it, with any key or "
    "none."
)


def _a_name(name: str) -> str:
    if not re.fullmatch(NAME, name):
        raise ValueError(
            "write up to 64 letters (a to z), digits, dots, dashes and underscores, a letter or digit first"
        )
    return name


class NewKey(Request):
    """A key as it is asked for."""

    name: Annotated[str, AfterValidator(_a_name)] = Field(
        json_schema_extra={"pattern": f"^{NAME}$"},
        description="Whose it is: the caller of all that is asked with it, for ever. Up to 64 letters, "
        "digits, dots, dashes and underscores, a letter or digit first; no name is given twice",
    )
    scope: Literal["read", "submit", "all"] = Field(
        description="`read` looks; `submit` makes films, too, and changes them; `all` may delete, too, and "
        "have webhooks and batches"
    )
    rate: Annotated[int, Field(ge=1, le=MOST_A_MINUTE)] | None = Field(
        default=None,
        description="Requests a minute, beyond which it is refused for a while; null is no limit",
    )
    usd_per_day: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = Field(
        default=None,
        description="What its jobs may cost a day (UTC). Each gets at most what is left as its max_cost_usd, "
        "with what unfinished ones may still cost counted; null is no limit",
    )


@dataclass(frozen=True)
class AddKeyRequest:
    """``value`` is the JSON of a new key, as it came."""

    value: Any


def digest_of(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def is_key(text: str) -> bool:
    """Whether it has the form of one."""
    return _KEY.fullmatch(text) is not None


def add_key(system: System, request: AddKeyRequest) -> bytes:
    """A new key, with the secret in ``key``, as JSON. Faults, and refusal ``key_exists``. Blocks."""
    asked = validated(request.value, NewKey)
    if asked.name.casefold() == LOCAL:
        message = f"{asked.name} is the administrator's; choose another name"
        raise Faults.of_one("invalid_submission", "/name", message)
    if len(system.keys.all()) >= MOST_KEPT:
        message = f"{MOST_KEPT:,} keys were given, and no more can be"
        raise Faults.of_one("invalid_submission", "/name", message)
    secret = f"{_PREFIX}{token_urlsafe(32)}"
    key = system.keys.add(
        asked.name,
        Scope(asked.scope),
        digest_of(secret),
        now=system.clock(),
        rate=asked.rate,
        usd_per_day=asked.usd_per_day,
    )
    if key is None:
        raise Refusal("key_exists", f"There was a key {asked.name} before; choose another name.")
    notice = None if system.settings.api_key else NOT_ASKED_FOR
    return encode(_page(system, key) | {"key": secret, "notice": notice})


def list_keys(system: System, limit: int) -> tuple[list[bytes], bool]:
    """Every key that was given, by name, revoked or not, each as JSON; and whether there are more. Blocks."""
    keys = sorted(system.keys.all(), key=lambda key: key.name.casefold())
    return [encode(_page(system, key)) for key in keys[:limit]], len(keys) > limit


def get_key(system: System, name: str) -> bytes:
    """A key as JSON. Refusal ``key_not_found``. Blocks."""
    return encode(_page(system, _require(system, name)))


def revoke_key(system: System, name: str) -> bytes:
    """Let nobody in with it any more; its jobs go on, its webhooks end. Refusal ``key_not_found``. Blocks.

    Asked again, it ends what a server that died between the two left.
    """
    key, now = _require(system, name), system.clock()
    revoked = system.keys.revoke(name, now=now)
    system.webhooks.endpoints.remove_all(key.name, now=now)
    return encode(_page(system, revoked))


def who_am_i(system: System, caller: Caller) -> bytes:
    """The caller's own key as JSON, with what is left of its budget. Blocks."""
    if caller.is_administrator:
        return encode(
            {
                "name": caller.name,
                "scope": caller.scope.value,
                "rate": None,
                "usd_per_day": None,
                "spent_today_usd": None,
                "reserved_usd": None,
                "left_today_usd": None,
                "created_at": None,
                "revoked_at": None,
                "links": {"self": "/v1/key"},
            }
        )
    return get_key(system, caller.name)


def _require(system: System, name: str) -> Key:
    key = system.keys.find(name)
    if key is None:
        raise Refusal("key_not_found", f"There is no key {name[:100]!r}.")
    return key


def _page(system: System, key: Key) -> dict[str, Any]:
    has_budget = key.usd_per_day is not None
    if has_budget:
        key = settled(system, system.keys.copy_of(key))
    day = today(system)
    return {
        "name": key.name,
        "scope": key.scope.value,
        "rate": key.rate,
        "usd_per_day": key.usd_per_day,
        "spent_today_usd": round(key.spent_usd(day), 6) if has_budget else None,
        "reserved_usd": round(key.reserved_usd, 6) if has_budget else None,
        "left_today_usd": key.left_usd(day),
        "created_at": iso(key.created_on),
        "revoked_at": iso(key.revoked_at),
        "links": {"self": f"/v1/keys/{key.name}"},
    }
