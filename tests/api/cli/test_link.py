"""``link`` as a person types it, against a real server."""

import json
from urllib.request import urlopen

import pytest

from domain.asset import AssetKey
from tests.api.cli.conftest import Run
from tests.api.cli.test_revise import Made, made, system

pytestmark = pytest.mark.slow
__all__ = ["made", "system"]


def test_a_link_is_printed_and_opens(run: Run, made: Made) -> None:
    filming, job_id, url = made
    done = run("link", "latest/video", "--url", url)
    assert done.exit_code == 0, done.output
    assert done.stderr.startswith("Good until ")
    image = AssetKey.parse("image:1").id_in(job_id)
    more = ("--revision", "1", "--expires-in", "60", "--download", "--json")
    told = json.loads(run("link", str(image), *more, "--url", url).stdout)
    assert (told["asset_id"], told["revision"]) == (str(image), 1)
    asset = filming.studio.find_asset(job_id, AssetKey.parse("image:1"))
    assert asset is not None
    assert asset.product is not None
    with urlopen(told["url"]) as answer:  # noqa: S310 - the test's own server
        assert answer.headers["ETag"] == f'"{asset.product.digest}"'
        assert answer.headers["Content-Disposition"].startswith("attachment; ")
    with urlopen(done.stdout.strip()) as answer:  # noqa: S310 - as above
        assert answer.status == 200


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("latest/image:9",), "There is no asset"),
        (("video",), "JOB/KIND"),
        (("latest/video", "--expires-in", "604801"), "604800"),
        (("latest/video", "--revision", "7"), "revision 7"),
    ],
)
def test_what_is_wrong_is_said(run: Run, made: Made, arguments: tuple[str, ...], told: str) -> None:
    result = run("link", *arguments, "--url", made[2])
    assert result.exit_code == 2, result.output
    assert told in result.stderr
