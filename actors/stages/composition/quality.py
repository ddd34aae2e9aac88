"""Whether what was made counts: a defect of it is a failed composition with everything that was found."""

from collections.abc import Iterable, Mapping
from typing import Any

from actors.media.findings import Finding
from domain.failures import AttemptFailedError, Code, Failure

FINDINGS_TOLD = 20


def accept(findings: Iterable[Finding], measured: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The remarks among what was found, as they are recorded.

    AttemptFailedError ``quality_check_failed`` tells of what is wrong.
    """
    found = list(findings)
    defects = [finding for finding in found if not finding.remark]
    if not defects:
        return [finding.to_dict() for finding in found[:FINDINGS_TOLD]]
    told = "; ".join(f.message if f.at_s is None else f"{f.message} (at {f.at_s:.1f} s)" for f in defects[:3])
    more = f"; and {len(defects) - 3} more" if len(defects) > 3 else ""  # noqa: PLR2004 - as told
    details = {"findings": [defect.to_dict() for defect in defects[:FINDINGS_TOLD]], "measured": {**measured}}
    raise AttemptFailedError(Failure.of(Code.QUALITY_CHECK_FAILED, told + more, details=details))
