"""Makes the page's text face: the letters of Latin scripts, in one weight and optical size, as two files.

``python -m tests.api.web.page.face PACKAGE`` writes them into ``api/web/static/fonts``. PACKAGE is the
unpacked npm package ``@fontsource-variable/source-serif-4`` (5.3.1 was taken); the module ``brotli`` must be
installed beside fontTools. The second file has the letters that Western European languages do without: a
browser asks for it when one is on the page. The licence reserves the name Source for unchanged versions, so
these have another one.
"""

import argparse
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from api.web.pages import STATIC

NAME = "Reelog Serif"
WEIGHT, OPTICAL_SIZE = 400, 20
PUNCTUATION = "‐–—‘’‚“”„•…‹›€←↑→↓−×ıŒœ"
PARTS = {
    "latin": ({*range(0x20, 0x7F), *range(0xA0, 0x100), *map(ord, PUNCTUATION)}, "reelog-serif.woff2"),
    "latin-ext": ({*range(0x100, 0x180)} - {*map(ord, PUNCTUATION)}, "reelog-serif-extended.woff2"),
}
FEATURES = ["kern", "liga", "locl", "ccmp", "mark", "lnum", "tnum"]
NAMES = {1: NAME, 3: f"{NAME} Regular", 4: NAME, 6: NAME.replace(" ", ""), 16: NAME}
COPYRIGHT, LICENCE, LICENCE_URL = 0, 13, 14


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.api.web.page.face", description=__doc__)
    parser.add_argument("package", type=Path, help="the folder that the npm package was unpacked into")
    package: Path = parser.parse_args().package
    for part, (characters, name) in PARTS.items():
        font = TTFont(package / "files" / f"source-serif-4-{part}-opsz-normal.woff2")
        font = instancer.instantiateVariableFont(font, {"wght": WEIGHT, "opsz": OPTICAL_SIZE})
        options = subset.Options(
            hinting=False, layout_features=FEATURES, name_IDs=[*NAMES, COPYRIGHT, LICENCE, LICENCE_URL]
        )
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=characters)
        subsetter.subset(font)
        for number, text in NAMES.items():
            font["name"].setName(text, number, 3, 1, 0x409)
        font.flavor = "woff2"
        font.save(STATIC / "fonts" / name)
        of_whom = font["name"].getDebugName(COPYRIGHT)
    licence = (package / "LICENSE").read_text(encoding="utf-8").partition("This Font Software")
    about = f"{NAME} is a subset of Source Serif 4.\n{of_whom}\n\n"
    (STATIC / "fonts" / "OFL.txt").write_text(about + "".join(licence[1:]), encoding="utf-8")


if __name__ == "__main__":
    main()
