"""Assets of a job, or one, with provenance: what each is made from, by whom, in which attempts."""

from dataclasses import dataclass
from uuid import UUID

from api.cases.errors import Refusal
from api.cases.jobs import require_job
from api.composition import System


@dataclass(frozen=True)
class ListAssetsRequest:
    """``all_revisions``: with every revision of each, not only the latest."""

    job_id: UUID
    all_revisions: bool = False


def list_assets(system: System, request: ListAssetsRequest) -> list[bytes]:
    """A job's assets as JSON. Refusals ``job_not_found`` and ``job_set_aside``. Blocks."""
    require_job(system, request.job_id)
    if not request.all_revisions:
        return system.readers.assets(request.job_id)
    return [_with_revisions(*found) for found in system.readers.assets_with_revisions(request.job_id)]


@dataclass(frozen=True)
class GetAssetRequest:
    asset_id: UUID
    all_revisions: bool = False


def get_asset(system: System, request: GetAssetRequest) -> bytes:
    """An asset as JSON. Refusal ``asset_not_found``. Blocks."""
    body, revisions = find_asset(system, request.asset_id)
    return _with_revisions(body, revisions) if request.all_revisions else body


def find_asset(system: System, asset_id: UUID) -> tuple[bytes, bytes]:
    """An asset with its latest revision, and the list of all its revisions. Refusal ``asset_not_found``."""
    found = system.readers.asset(asset_id)
    if found is None:
        raise Refusal("asset_not_found", f"There is no asset {asset_id}.")
    return found


def _with_revisions(body: bytes, revisions: bytes) -> bytes:
    return body[:-1] + b',"revisions":' + revisions + b"}"
