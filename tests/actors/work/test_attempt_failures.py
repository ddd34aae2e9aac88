"""What exceptions mean for an attempt."""

import errno
import os

import pytest

from actors.work.attempt_failures import failure_of_exception


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("billed", [True, False])
def test_a_disk_that_is_full_is_told_as_such_wherever_it_is_met(number: int, billed: bool) -> None:
    error = OSError(number, os.strerror(number))
    failure = failure_of_exception(error, may_have_been_billed=billed)
    assert (failure.code, failure.may_have_been_billed) == ("blob_store_full", billed)
    assert "make room" in (failure.hint or "")
    assert (
        failure_of_exception(OSError(errno.EIO, "no"), may_have_been_billed=billed).code == "internal_error"
    )
