"""Files of one's own, sent to a site under test, and what became of them."""

from pathlib import Path
from uuid import UUID

from domain.asset import Asset, AssetKey
from tests.api.conftest import Site


def sent(site: Site, path: Path) -> str:
    answer = site.client.post("/v1/files", content=path.read_bytes())
    assert answer.status_code in (200, 201), answer.text
    digest: str = answer.json()["digest"]
    return digest


def asset_of(site: Site, job_id: UUID, name: str) -> Asset:
    asset = site.system.studio.find_asset(job_id, AssetKey.parse(name))
    assert asset is not None
    return asset


def topics(site: Site, job_id: UUID) -> list[str]:
    events = site.client.get(f"/v1/jobs/{job_id}/events?limit=1000").json()["data"]
    return [event["type"] for event in events]
