"""How many pixels a picture has for an aspect ratio and a size, as the real service answers."""

ONE_K = {
    "1:1": (1024, 1024),
    "2:3": (832, 1248),
    "3:2": (1248, 832),
    "3:4": (864, 1184),
    "4:3": (1184, 864),
    "4:5": (896, 1152),
    "5:4": (1152, 896),
    "9:16": (768, 1344),
    "16:9": (1344, 768),
    "21:9": (1536, 672),
    "1:4": (512, 2048),
    "4:1": (2048, 512),
    "1:8": (384, 3072),
    "8:1": (3072, 384),
}
FACTOR = {"1K": 1, "2K": 2, "4K": 4}


def pixels(ratio: str, size: str) -> tuple[int, int]:
    """Width and height; ``ratio`` and ``size`` are ones that the model offers."""
    width, height = ONE_K[ratio]
    return width * FACTOR[size], height * FACTOR[size]
