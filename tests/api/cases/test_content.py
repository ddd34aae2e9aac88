"""Assets and their bytes: by id and what the record names, and by nothing else.

Seen to fail where any blob of the store may be had by its digest, and where a revision is not looked at.
"""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from api.cases.assets import GetAssetRequest, ListAssetsRequest, get_asset, list_assets
from api.cases.content import BlobRequest, ContentRequest, blob, content, content_bytes
from api.cases.errors import Refusal
from domain.asset import AssetKey
from domain.store import JobNotFoundError
from tests.api.cases.conftest import Studio


def code_of(refused: pytest.ExceptionInfo[Refusal]) -> str:
    return refused.value.code


def test_assets_come_with_their_latest_revision_or_with_all(studio: Studio) -> None:
    job_id = studio.completed()
    image = AssetKey.parse("image:1").id_in(job_id)

    latest = list_assets(studio.system, ListAssetsRequest(job_id))
    all_of_them = list_assets(studio.system, ListAssetsRequest(job_id, all_revisions=True))
    one = json.loads(get_asset(studio.system, GetAssetRequest(image, all_revisions=True)))

    assert get_asset(studio.system, GetAssetRequest(image)) in latest
    assert [json.loads(item)["name"] for item in latest] == [json.loads(i)["name"] for i in all_of_them]
    assert [revision["revision"] for revision in one["revisions"]] == [1]
    assert one in map(json.loads, all_of_them)


def test_bytes_are_those_of_the_revision_that_is_asked_for(studio: Studio) -> None:
    job_id = studio.completed()
    image = AssetKey.parse("image:1").id_in(job_id)
    music = AssetKey.parse("music").id_in(job_id)

    found = content(studio.system, ContentRequest(image, 1))

    assert found == content(studio.system, ContentRequest(image))
    assert found.path.read_bytes() == studio.content(AssetKey.parse("image:1"), 1)[0]
    assert content_bytes(studio.system, ContentRequest(image, 1)) == found.path.read_bytes()
    assert found.media_type == "image/png"
    assert content(studio.system, ContentRequest(music, form="midi")).path.read_bytes() == b"MThd"
    with pytest.raises(Refusal) as unmade:
        content(studio.system, ContentRequest(image, 2))
    with pytest.raises(Refusal) as formless:
        content(studio.system, ContentRequest(image, form="midi"))
    assert [code_of(refused) for refused in (unmade, formless)] == ["content_not_found"] * 2


def test_only_what_the_record_of_the_asset_names_is_handed_out(studio: Studio) -> None:
    job_id = studio.completed()
    image, other = (AssetKey.parse(name).id_in(job_id) for name in ("image:1", "image:2"))
    prompt = json.loads(get_asset(studio.system, GetAssetRequest(image)))["recipe"]["prompt_digest"]

    path = blob(studio.system, BlobRequest(image, prompt))

    assert path.read_bytes() == studio.system.blobs.get(prompt)
    with pytest.raises(Refusal) as strange:
        blob(studio.system, BlobRequest(other, prompt))
    assert code_of(strange) == "content_not_found"


def test_what_is_missing_or_damaged_is_refused_as_such(studio: Studio) -> None:
    job_id = studio.completed()
    image = AssetKey.parse("image:1").id_in(job_id)
    Path(content(studio.system, ContentRequest(image)).path).unlink()

    with pytest.raises(Refusal) as damaged:
        content(studio.system, ContentRequest(image))
    with pytest.raises(Refusal) as nowhere:
        get_asset(studio.system, GetAssetRequest(uuid4()))
    with pytest.raises(JobNotFoundError):
        list_assets(studio.system, ListAssetsRequest(uuid4()))

    assert [code_of(refused) for refused in (damaged, nowhere)] == ["content_damaged", "asset_not_found"]
