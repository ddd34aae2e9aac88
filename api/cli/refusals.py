"""What a case refuses, as the error and exit code that the same refusal by a server would be."""

import contextlib
from collections.abc import Iterator

from api.cases.errors import Refusal, refusal_of
from api.cli.errors import CliError, InputError, UnreachableError
from api.cli.options import field_message

_NOT_NOW = {"behind", "content_damaged", "queue_full", "store_unavailable", "unavailable"}
"""Nothing that was typed is wrong."""


@contextlib.contextmanager
def refusals_as_errors() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        raise error_of(refusal) from None


def error_of(refusal: Refusal) -> CliError:
    if refusal.code in _NOT_NOW:
        return UnreachableError(refusal.detail, refusal.hint)
    faults = [field_message(fault.pointer, fault.message) for fault in refusal.errors]
    return InputError.of_all(faults or [refusal.detail])
