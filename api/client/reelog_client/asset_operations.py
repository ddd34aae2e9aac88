"""The operations of assets and of files: what was made, and what people bring."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote
from uuid import UUID

from reelog_client.any_operations import AnyOperations, Json
from reelog_client.documents import AssetDocument, FileDocument, JobDocument, LinkDocument
from reelog_client.errors import ConfigurationError, UnknownAssetError
from reelog_client.exchange import UPLOAD_TIMEOUT_S, Flow, Request
from reelog_client.kept_operations import given
from reelog_client.retries import ask


class AssetOperations(AnyOperations):
    """Flows of each operation; an ``asset`` of a job is its name, such as ``image:2``, or its id."""

    def list_assets(self, job_id: str | UUID, /, *, revisions: bool = False) -> Flow[list[AssetDocument]]:
        """A job's assets, in the order in which a film comes about."""
        asked = {"revisions": "all" if revisions else None}
        page = yield from ask(Request("GET", f"/v1/jobs/{job_id}/assets", asked), self.patience)
        found: list[AssetDocument] = page["data"]
        return found

    def get_asset(self, asset_id: str | UUID, *, revisions: bool = False) -> Flow[AssetDocument]:
        """An asset, with its provenance."""
        asked = {"revisions": "all" if revisions else None}
        return ask(Request("GET", f"/v1/assets/{asset_id}", asked), self.patience)

    def asset_content(self, asset_id: str | UUID, *, revision: int | None = None) -> Flow[bytes]:
        """An asset's bytes, whole; ``download`` brings a film's files without holding them."""
        return self.content_of(f"/v1/assets/{asset_id}/content", query={"revision": revision})

    def add_link(
        self,
        asset_id: str | UUID,
        *,
        expires_in_s: int | None = None,
        revision: int | None = None,
        download: bool = False,
    ) -> Flow[LinkDocument]:
        """A signed address of an asset's bytes, good for an hour or as told, for whoever has it."""
        body = given(expires_in_s=expires_in_s, revision=revision, download=download)
        request = Request("POST", f"/v1/assets/{asset_id}/link", body=body)
        return ask(request, self.patience, repeatable=True)

    def link(
        self,
        job_id: str | UUID,
        /,
        asset: str,
        *,
        expires_in_s: int | None = None,
        revision: int | None = None,
        download: bool = False,
    ) -> Flow[LinkDocument]:
        """The same of an asset of a job by its name, such as ``video`` or ``image:2``."""
        asset_id = yield from self._asset_id(job_id, asset)
        link = self.add_link(asset_id, expires_in_s=expires_in_s, revision=revision, download=download)
        return (yield from link)

    def regenerate(
        self,
        job_id: str | UUID,
        /,
        asset: str,
        *,
        prompt: str | None = None,
        idempotency_key: str | None = None,
    ) -> Flow[JobDocument]:
        """Make an asset (``image:2``, or its id) again, and what depends on it."""
        asset_id = yield from self._asset_id(job_id, asset)
        path = f"/v1/assets/{asset_id}/regenerate"
        job: JobDocument = yield from self._begin("POST", path, given(prompt=prompt), idempotency_key)
        return job

    def preview_regenerate(
        self, job_id: str | UUID, /, asset: str, *, prompt: str | None = None
    ) -> Flow[Json]:
        """What would be made again, and its price."""
        asset_id = yield from self._asset_id(job_id, asset)
        body = {**given(prompt=prompt), "dry_run": True}
        request = Request("POST", f"/v1/assets/{asset_id}/regenerate", body=body)
        preview: Json = yield from ask(request, self.patience, repeatable=True)
        return preview

    def provide(
        self,
        job_id: str | UUID,
        /,
        asset: str,
        file: str | Path | bytes | None = None,
        *,
        text: str | None = None,
        idempotency_key: str | None = None,
    ) -> Flow[JobDocument]:
        """Put a file of your own (a path, bytes, or the digest of one that was sent) in an asset's place."""
        asset_id = yield from self._asset_id(job_id, asset)
        digest = file
        if file is not None and not (isinstance(file, str) and file.startswith("sha256:")):
            digest = (yield from self.add_file(file))["digest"]
        body = given(file=digest, text=text)
        job: JobDocument = yield from self._begin("PUT", f"/v1/assets/{asset_id}", body, idempotency_key)
        return job

    def add_file(self, file: str | Path | bytes) -> Flow[FileDocument]:
        """Send a picture, a clip, a voice-over or a song; its ``digest`` is what submissions name."""
        content = Path(file) if isinstance(file, str) else file
        if isinstance(content, Path) and not content.is_file():
            raise ConfigurationError(f"{str(content)!r} is no file")
        # The same bytes are the same file, however often they are sent.
        request = Request("POST", "/v1/files", file=content, timeout_s=UPLOAD_TIMEOUT_S)
        return ask(request, self.patience, repeatable=True)

    def get_file(self, digest: str) -> Flow[FileDocument]:
        """A file that was sent."""
        return ask(Request("GET", f"/v1/files/{quote(digest)}"), self.patience)

    def file_content(self, digest: str) -> Flow[bytes]:
        """The bytes of a file that was sent, as they are kept."""
        return self.content_of(f"/v1/files/{quote(digest)}/content")

    def _asset_id(self, job_id: str | UUID, /, name: str) -> Flow[str]:
        try:
            return str(UUID(name))
        except ValueError:
            pass
        ids = {asset["name"]: asset["id"] for asset in (yield from self.list_assets(job_id))}
        if name not in ids:
            raise UnknownAssetError(f"job {job_id} has no asset {name!r}; it has {', '.join(ids)}")
        return ids[name]
