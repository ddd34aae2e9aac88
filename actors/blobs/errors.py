"""What goes wrong with stored bytes, whatever kind of store holds them; each says what a person can do."""


class BlobError(Exception):
    """Bytes could not be stored or had; ``hint`` says what a person can do."""

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(f"{reason} ({hint})")
        self.reason = reason
        self.hint = hint


class BlobStoreUnavailableError(BlobError):
    """The store cannot be opened, written or read: disk full, read-only, not allowed, broken."""


class BlobMissingError(BlobError):
    """Nothing is stored under the digest."""

    def __init__(self, digest: str) -> None:
        super().__init__(f"no bytes are stored under {digest}", "restore the blob store from a backup")
        self.digest = digest


class BlobCorruptError(BlobError):
    """What is stored under the digest is not what was put there."""

    def __init__(self, digest: str, found: str) -> None:
        super().__init__(
            f"the bytes under {digest} are damaged: they are {found}",
            "restore this file from a backup, or make the asset again",
        )
        self.digest = digest
        self.found = found
