"""What is signed with a key that a person may have thought of: with one that is slow to make from it.

A link or a cookie shows everybody who holds it a text and its signature. Signed with the key itself, whoever
has one could try words for that key as fast as they can hash, and no server would hear of it.
"""

import functools
import hashlib
from typing import Final

SCRYPT: Final = {"n": 2**14, "r": 8, "p": 1}
"""16 MB and some twentieth of a second for each guess; computed once in a process."""


@functools.lru_cache(maxsize=32)
def stretched_key(secret: bytes, purpose: str) -> bytes:
    """The same on every server that has the secret; another one for each purpose."""
    return hashlib.scrypt(secret, salt=f"reelog {purpose}".encode(), dklen=32, **SCRYPT)
