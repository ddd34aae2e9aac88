"""What a file is by its first bytes, whatever it is called.

Only formats that are named here are ever opened, each by its own reader: a library that may choose for itself
also reads playlists, which fetch other files and addresses.
"""

from dataclasses import dataclass

from actors.files.refusals import FileRefusedError, unsupported

ENOUGH_BYTES = 16
"""So many tell the format."""


@dataclass(frozen=True)
class FileFormat:
    """``reader`` is what opens it: the name of Pillow's plugin, or of FFmpeg's demuxer."""

    name: str
    reader: str
    is_image: bool = False


PNG = FileFormat("PNG", "PNG", is_image=True)
JPEG = FileFormat("JPEG", "JPEG", is_image=True)
WEBP = FileFormat("WebP", "WEBP", is_image=True)
AVIF = FileFormat("AVIF", "AVIF", is_image=True)
MP4 = FileFormat("MP4", "mov")
MATROSKA = FileFormat("Matroska", "matroska")
AVI = FileFormat("AVI", "avi")
WAV = FileFormat("WAV", "wav")
AIFF = FileFormat("AIFF", "aiff")
FLAC = FileFormat("FLAC", "flac")
OGG = FileFormat("Ogg", "ogg")
MP3 = FileFormat("MP3", "mp3")
AAC = FileFormat("AAC", "aac")

TAKEN = (
    "taken are PNG, JPEG, WebP and AVIF pictures; MP4, QuickTime, Matroska, WebM and AVI clips; "
    "WAV, AIFF, FLAC, Ogg, MP3, AAC and M4A sound"
)

_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"\x1a\x45\xdf\xa3", MATROSKA),
    (b"fLaC", FLAC),
    (b"OggS", OGG),
    (b"ID3", MP3),
)
_RIFF = {b"WAVE": WAV, b"WEBP": WEBP, b"AVI ": AVI}
_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"}
_BRANDS = {b"avif": AVIF, b"avis": AVIF}
_SYNC, _LAYER, _NO_LAYER = b"\xff\xe0", 0xF6, 0xF0
"""How frames of MPEG sound begin; AAC has no layer."""
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_STRANGERS = (
    (b"GIF8", "a GIF; save a still as PNG, or a moving one as MP4"),
    (b"BM", "a BMP; save it as PNG"),
    (b"II*\x00", "a TIFF; save it as PNG"),
    (b"MM\x00*", "a TIFF; save it as PNG"),
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"#EXTM3U", "a playlist"),
    (b"<", "a text such as SVG, HTML or XML"),
)


def format_of(beginning: bytes) -> FileFormat:
    """The format of what begins so. FileRefusedError ``unsupported`` names what it seems to be."""
    for magic, found in _BEGINNINGS:
        if beginning.startswith(magic):
            return found
    if beginning[:4] == b"RIFF" and beginning[8:12] in _RIFF:
        return _RIFF[beginning[8:12]]
    if beginning[:4] == b"FORM" and beginning[8:12] in (b"AIFF", b"AIFC"):
        return AIFF
    if beginning[4:8] in _BOXES:
        brand = beginning[8:12] if beginning[4:8] == b"ftyp" else b""
        if brand in _HEIC:
            raise unsupported("It is a HEIC picture, which is not read here: save it as JPEG or PNG")
        return _BRANDS.get(brand, MP4)
    if len(beginning) > 1 and beginning[0] == _SYNC[0] and beginning[1] & _SYNC[1] == _SYNC[1]:
        return AAC if beginning[1] & _LAYER == _NO_LAYER else MP3
    raise _stranger(beginning)


def _stranger(beginning: bytes) -> FileRefusedError:
    if not beginning:
        return unsupported("It has no bytes")
    for magic, name in _STRANGERS:
        if beginning.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(magic):
            return unsupported(f"It is {name}; {TAKEN}")
    return unsupported(f"Nobody here knows its format; {TAKEN}")
