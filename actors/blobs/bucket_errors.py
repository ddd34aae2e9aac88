"""What an object store answers, as an error that says which setting is wrong and what would do.

Stores say what they mean in a code (S3, Google's XML and Azure alike), and with a status alone where there is
no body to say it in. Neither their words nor ours hold a key.
"""

import contextlib
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from obstore.exceptions import BaseError

from actors.blobs.errors import BlobStoreUnavailableError

_CODE: Final = re.compile(r"<Code>(\w+)</Code>")
_STATUS: Final = re.compile(r"status code: (\d{3})")


class _Meaning(NamedTuple):
    reason: str
    hint: str


class _Cloud(NamedTuple):
    keys: str
    endpoint: str


_CLOUDS: Final = {
    "s3": _Cloud(
        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this machine a role",
        "AWS_ENDPOINT_URL",
    ),
    "gs": _Cloud("GOOGLE_APPLICATION_CREDENTIALS, or give this machine a service account", "GOOGLE_BASE_URL"),
    "az": _Cloud(
        "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY, or give this machine an identity",
        "AZURE_STORAGE_ENDPOINT",
    ),
}
_CLOCK: Final = _Meaning(
    "this machine's clock is wrong", "set the clock (NTP): what is minutes off is refused"
)
_GONE: Final = _Meaning("there is no such bucket", "make it, or name another in REELOG_BLOBS")
_REGION: Final = _Meaning("the bucket is in another region", "name its region in AWS_REGION")
_RIGHTS: Final = _Meaning(
    "this is not allowed",
    "give the key or role the rights to list the bucket, and to read, write and delete in it",
)
_BUSY: Final = _Meaning(
    "the store is overloaded or out of order", "it is tried again; look at the store's own status"
)
_UNCONDITIONAL: Final = _Meaning(
    "the store does not know conditional writes",
    "use one that does (If-None-Match), or a newer version of it",
)
_CODES: Final = {
    "InvalidAccessKeyId": _Meaning(
        "the store does not know the key in AWS_ACCESS_KEY_ID", "set AWS_ACCESS_KEY_ID to one of its keys"
    ),
    "SignatureDoesNotMatch": _Meaning(
        "the secret is not that of the key", "set AWS_SECRET_ACCESS_KEY to the secret of AWS_ACCESS_KEY_ID"
    ),
    "ExpiredToken": _Meaning(
        "the session has expired", "set a new AWS_SESSION_TOKEN with its keys, or use a role"
    ),
    "InvalidToken": _Meaning("the session is not valid", "set AWS_SESSION_TOKEN anew, or unset it"),
    "AuthenticationFailed": _Meaning(
        "the store does not take the key",
        "set AZURE_STORAGE_ACCOUNT_KEY, and see that this machine's clock is right",
    ),
    "RequestTimeTooSkewed": _CLOCK,
    "RequestExpired": _CLOCK,
    "NoSuchBucket": _GONE,
    "ContainerNotFound": _GONE,
    "PermanentRedirect": _REGION,
    "AuthorizationHeaderMalformed": _REGION,
    "IllegalLocationConstraintException": _REGION,
    "NotImplemented": _UNCONDITIONAL,
    "QuotaExceeded": _Meaning("the quota is used up", "make room, then retry the job: what is made is kept"),
}
_STATUSES: Final = {
    "301": _REGION,
    "401": _RIGHTS,
    "403": _RIGHTS,
    "501": _UNCONDITIONAL,
    "5": _BUSY,
    "429": _BUSY,
}
"""By the whole status, or its first digit."""
_ROLES: Final = re.compile(r"169\.254\.1|/latest/api/token|metadata\.google|/metadata/identity|GCPCredential")
"""The machine's own service of roles: it is asked where no key is set."""
_UNUSABLE: Final = re.compile(
    r"[Cc]redential error|DecodeKey|SAS query|service account|Missing (Secret)?Access(Key)?"
)
_WORDS: Final = (
    (re.compile("redirect without LOCATION"), *_REGION),
    (re.compile("Account must be specified"), "no account is named", "set AZURE_STORAGE_ACCOUNT_NAME"),
    (_UNUSABLE, "the key cannot be used ({said})", "set {keys}"),
    (
        re.compile("[Tt]imed ?[Oo]ut|Timeout"),
        "the store does not answer in time",
        "look at it and the network",
    ),
    (
        re.compile("Connect|dns error"),
        "the store cannot be reached",
        "look at the network, and at {endpoint}",
    ),
    (re.compile("HTTP error|body"), "the connection broke off", "it is tried again; look at the network"),
)


@contextlib.contextmanager
def typed_errors(url: str) -> Iterator[None]:
    """Turn what a store or its library says into an error that says what to do; no other comes out.

    Answers that are no errors (nothing there, something there already) are caught further inside.
    """
    try:
        yield
    except (BaseError, OSError, ValueError) as error:
        meaning = _meaning(url.partition(":")[0], str(error))
        raise BlobStoreUnavailableError(f"{url}: {meaning.reason}", meaning.hint) from error


def is_bucket_gone(error: BaseException) -> bool:
    """Whether it is not one key that is missing, but all of the store."""
    return any(_CODES.get(code) is _GONE for code in _CODE.findall(str(error)))


def _meaning(scheme: str, text: str) -> _Meaning:
    cloud = _CLOUDS[scheme]
    for code in _CODE.findall(text):
        if code in _CODES:
            return _CODES[code]
    # Roles come before statuses: what another service answers says nothing of the store.
    if _ROLES.search(text):
        return _Meaning("there is no key, and this machine has no role that gives one", f"set {cloud.keys}")
    said = text.partition("\n")[0].rpartition("Generic ")[2][:300] or "it failed without a word"
    answered = _STATUS.search(text)
    if answered:
        meaning = _STATUSES.get(answered[1]) or _STATUSES.get(answered[1][0])
        return meaning or _Meaning(said, f"look at REELOG_BLOBS and at {cloud.endpoint}")
    for words, reason, hint in _WORDS:
        if words.search(text):
            return _Meaning(reason.format(said=said), hint.format(**cloud._asdict()))
    return _Meaning(said, f"look at REELOG_BLOBS and at {cloud.endpoint}")
