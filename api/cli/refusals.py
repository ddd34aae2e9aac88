"""What is refused, as the error that a command ends with: the same whether a store refuses or a server."""

import contextlib
from collections.abc import Iterator, Sequence

from api.cases.errors import FieldError, refusal_of
from api.cli.errors import CliError, InputError, UnreachableError
from api.cli.options import field_message

_NOT_BY_INPUT = frozenset(
    {"behind", "content_damaged", "draining", "queue_full", "store_unavailable", "unavailable"}
)
"""Nothing is wrong with what was typed; a server answers these with a status of its own fault."""


def error_of(code: str, detail: str, errors: Sequence[FieldError] = (), *, where: str) -> CliError:
    """The error for a refusal; ``where`` names the store or server that was asked."""
    if code == "job_not_found":
        return InputError(
            f"JOB: {detail[:1].lower()}{detail[1:].removesuffix('.')} in {where}",
            "`reelog ls` lists them. --url asks a server, REELOG_DATA_DIR names another folder.",
        )
    if code == "job_set_aside":
        return UnreachableError(detail, "Update Reelog, or run `reelog rebuild` once the cause is mended.")
    if code in _NOT_BY_INPUT:
        return UnreachableError(
            f"the store in {where} cannot do it now: {detail}", "`reelog doctor` says more."
        )
    return InputError.of_all([field_message(e.pointer, e.message) for e in errors] or [detail])


@contextlib.contextmanager
def refusals(where: str) -> Iterator[None]:
    """Raise what a case refuses as the error of a command."""
    try:
        yield
    except CliError:
        raise
    except Exception as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        raise error_of(refusal.code, refusal.detail, refusal.errors, where=where) from None
