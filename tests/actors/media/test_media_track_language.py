"""Three letters for every language that a script may be in."""

import pytest

from actors.media.track_language import _LETTERS, track_language
from actors.stages.checks.languages import _KNOWN


@pytest.mark.parametrize(
    ("tag", "letters"),
    [
        ("en", "eng"), ("EN-us", "eng"), ("pt-BR", "por"), ("pt_BR", "por"), ("zh-Hans", "zho"),
        ("zh-Hant-TW", "zho"),
        ("yue-Hant", "zho"), ("cmn", "zho"), ("de-CH-1996", "deu"), ("fr", "fra"), ("nb", "nob"),
        ("no", "nor"),
        ("iw", "heb"), ("fil-PH", "fil"), ("haw", "haw"), ("el", "ell"), ("cs", "ces"), ("sr-Latn", "srp"),
        ("x-private", "und"), ("i-klingon", "und"), ("qq", "und"), ("", "und"), ("und", "und"),
    ],
)  # fmt: skip
def test_a_tag_becomes_the_letters_that_mp4_wants(tag: str, letters: str) -> None:
    assert track_language(tag) == letters


def test_every_language_that_a_script_is_known_in_has_its_letters() -> None:
    assert all(track_language(known) != "und" for known in _KNOWN)
    assert all(len(letters) == 3 and letters.isascii() and letters.islower() for letters in _LETTERS.values())
    assert len([tag for tag in _LETTERS if len(tag) == 2]) >= 183
