"""How many pixels a shot has for an aspect ratio and a resolution."""

LANDSCAPE = {"360p": (640, 360), "720p": (1280, 720), "1080p": (1920, 1080), "4k": (3840, 2160)}


def pixels(ratio: str, resolution: str) -> tuple[int, int]:
    """Width and height; ``ratio`` is 16:9 or 9:16."""
    width, height = LANDSCAPE[resolution]
    return (width, height) if ratio == "16:9" else (height, width)
