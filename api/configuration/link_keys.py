"""What links to assets are signed with: one key makes them, and all that are known are taken.

REELOG_LINK_KEY holds them, the newest first, so that a key can be changed without an end to the links that
are out. Where it is not set the administrator's key serves, so that these links end with that; and where
there is none, so that whoever reaches the server may have everything from it, one that is made here and kept
beside the events.
"""

from pathlib import Path

from pydantic import SecretStr

from api.configuration.key_file import kept_key
from api.configuration.stretched_key import stretched_key

SHORTEST = 16
FILE = "link-key"


def read_link_keys(text: str) -> tuple[SecretStr, ...]:
    """``NEW`` or ``NEW, OLD``; ValueError says what would do, and nothing of what was written."""
    keys = text.replace(",", " ").split()
    if any(len(key) < SHORTEST for key in keys):
        raise ValueError(
            f"a key in it has less than {SHORTEST} characters: write one as `openssl rand -hex 32` does, and "
            "behind a comma the one before, for as long as links made with it are to be good"
        )
    return tuple(map(SecretStr, keys))


def link_keys(given: tuple[SecretStr, ...], api_key: SecretStr | None, folder: Path) -> tuple[bytes, ...]:
    """The keys that count; the first one signs. OSError where one must be made and cannot be kept."""
    known = given or (() if api_key is None else (api_key,))
    if known:
        return tuple(stretched_key(key.get_secret_value().encode(), "link") for key in known)
    return (kept_key(folder / FILE).encode(),)
