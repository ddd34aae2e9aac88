"""What an exception means for the attempt that met it."""

import errno

from actors.blobs.errors import BlobError, BlobStoreUnavailableError
from actors.work.stage import unforeseen
from domain.failures import AttemptFailedError, Code, Failure


def failure_of_exception(error: BaseException, *, may_have_been_billed: bool) -> Failure:
    """What an exception means. Where a provider may have been asked, nobody knows that it cost nothing."""
    if isinstance(error, AttemptFailedError):
        return error.failure
    if isinstance(error, BlobError):
        return blob_failure(error)
    if _is_full(error):
        # What a stage writes goes into the folder where finished assets go, too.
        message = f"the disk of temporary files and blobs is full: {error}"
        hint = "make room on the disk, then retry the job: what is made is kept"
        full = Failure.of(Code.BLOB_STORE_FULL, message, hint=hint)
        return full.within(may_have_been_billed=may_have_been_billed)
    return unforeseen(error, may_have_been_billed=may_have_been_billed)


def blob_failure(error: BlobError) -> Failure:
    """What an asset store's trouble means for the attempt that met it."""
    if not isinstance(error, BlobStoreUnavailableError):
        return Failure.of(Code.BLOB_MISSING, error.reason, hint=error.hint)
    code = Code.BLOB_STORE_FULL if _is_full(error.__cause__) else Code.BLOB_STORE_UNAVAILABLE
    return Failure.of(code, error.reason, hint=error.hint)


def _is_full(error: BaseException | None) -> bool:
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
