"""What is kept is made once, and does not grow for ever."""

from actors.media.kept import Kept


def test_what_is_kept_is_made_once_and_stays_within_bounds() -> None:
    kept: Kept[int, bytes] = Kept(100, len)
    first = kept.get(1, lambda: b"x" * 30)
    assert kept.get(1, lambda: b"other") is first
    for key in (2, 3, 4):
        kept.get(1, lambda: b"other")  # asked for again and again, it stays
        kept.get(key, lambda: bytes(30))
        assert 0 < kept.bytes <= 100
    assert kept.get(1, lambda: b"other") is first
    assert kept.get(2, lambda: b"again") == b"again", "it went when others came"


def test_what_is_larger_than_all_that_may_be_kept_is_given_all_the_same() -> None:
    kept: Kept[str, bytes] = Kept(10, len)
    assert kept.get("large", lambda: bytes(11)) == bytes(11)
    assert kept.bytes == 0
