"""What the machine cannot do now and may do later: a full disk, a database that is away, locked or read-only.

Never a reason to give anything up: whoever meets it waits and tries again, and says what he waits for.
"""

from eventsourcing.persistence import InterfaceError, InternalError, OperationalError

from actors.blobs.errors import BlobStoreUnavailableError

TRANSIENT_ERRORS = (OperationalError, InterfaceError, InternalError, BlobStoreUnavailableError, OSError)
"""The stores name all they meet, as kinds of ``OperationalError``, and so is a conflict that does not end.

The library's other two are what its own code may still raise, ``OSError`` comes from lock files.
"""
