"""A file's format is told by its first bytes, whatever it is called."""

import pytest

from actors.files import formats as f
from actors.files.formats import FileFormat, format_of
from actors.files.refusals import FileRefusedError


@pytest.mark.parametrize(
    ("beginning", "fmt"),
    [
        (b"\x89PNG\r\n\x1a\n", f.PNG),
        (b"\xff\xd8\xff\xe0", f.JPEG),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", f.WEBP),
        (b"\x00\x00\x00\x1cftypavif", f.AVIF),
        (b"\x00\x00\x00\x1cftypisom", f.MP4),
        (b"\x00\x00\x00\x14ftypqt  ", f.MP4),
        (b"\x00\x00\x00\x1cftypM4A ", f.MP4),
        (b"\x00\x00\x00\x08wide\x00\x00\x00\x00", f.MP4),
        (b"\x1a\x45\xdf\xa3", f.MATROSKA),
        (b"RIFF\x00\x00\x00\x00AVI LIST", f.AVI),
        (b"RIFF\xff\xff\xff\xffWAVEfmt ", f.WAV),
        (b"FORM\x00\x00\x00\x00AIFFCOMM", f.AIFF),
        (b"fLaC", f.FLAC),
        (b"OggS", f.OGG),
        (b"ID3\x04", f.MP3),
        (b"\xff\xfb\x90\x00", f.MP3),
        (b"\xff\xf1\x50\x80", f.AAC),
    ],
)
def test_the_beginning_tells(beginning: bytes, fmt: FileFormat) -> None:
    assert format_of(beginning) is fmt


@pytest.mark.parametrize(
    ("beginning", "said"),
    [
        (b"", "no bytes"),
        (b"GIF89a", "GIF; save a still as PNG"),
        (b"\x00\x00\x00\x18ftypheic", "HEIC"),
        (b"%PDF-1.7", "PDF"),
        (b"<svg xmlns", "SVG"),
        (b"\xef\xbb\xbf  <?xml", "SVG"),
        (b"#EXTM3U\n", "playlist"),
        (b"ffconcat version 1.0", "Nobody here knows"),
        (b"PK\x03\x04", "ZIP"),
        (b"MZ\x90\x00", "Nobody here knows"),
        (b"\x00" * 16, "Nobody here knows"),
    ],
)
def test_what_is_not_taken_is_named(beginning: bytes, said: str) -> None:
    with pytest.raises(FileRefusedError, match=said) as refused:
        format_of(beginning)
    assert refused.value.code == "unsupported"
