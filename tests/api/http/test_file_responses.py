"""Names of files that are kept, for every browser and whatever script a title is written in."""

from email.message import Message

import pytest

from api.http.file_responses import attachment


def names(filename: str) -> tuple[str, str]:
    """The name as an old program reads it, and as any other does."""
    header = attachment(filename)["Content-Disposition"]
    assert header.isascii()
    plain = header.partition('filename="')[2].partition('"')[0]
    message = Message()
    message["Content-Disposition"] = header.replace(f'filename="{plain}"; ', "")
    return plain, message.get_filename() or ""


@pytest.mark.parametrize(
    ("filename", "plain"),
    [
        ("The-Boat.mp4", "The-Boat.mp4"),
        ("Über-das-Meer.mp4", "Uber-das-Meer.mp4"),
        ("灯台.mp4", "film.mp4"),
        ("灯台-image-2.png", "image-2.png"),
        ('a"b\\c;d\r\n.txt', "a_b_c_d__.txt"),
        ("50%-more.mp4", "50_-more.mp4"),
        ("灯台", "film"),
    ],
)
def test_a_name_is_told_whole_and_in_ascii(filename: str, plain: str) -> None:
    assert names(filename) == (plain, filename)


def test_a_name_that_is_plain_is_told_once() -> None:
    assert attachment("The-Boat.mp4") == {"Content-Disposition": 'attachment; filename="The-Boat.mp4"'}
