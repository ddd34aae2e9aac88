"""``python -m tests.moving_picture FILM.mp4 PICTURE.webp FROM[-TO] …``: the README's moving picture.

Some seconds of a film as one animated picture: ``reelog demo --motion`` makes the film that it is taken from.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import av
from PIL import Image

WIDTH, FRAMES_A_SECOND, QUALITY = 480, 12, 45
SECONDS = 2.0
"""Of a part whose end is not said."""


def frames(film: Path, start: float, end: float) -> Iterator[Image.Image]:
    with av.open(str(film)) as opened:
        video = opened.streams.video[0]
        assert video.average_rate is not None
        every = round(float(video.average_rate) / FRAMES_A_SECOND)
        for number, frame in enumerate(opened.decode(video)):
            if frame.time >= end:
                return
            if frame.time >= start and number % every == 0:
                yield frame.to_image(width=WIDTH, height=round(WIDTH * frame.height / frame.width))


def part(text: str) -> tuple[float, float]:
    start, _, end = text.partition("-")
    return float(start), float(end) if end else float(start) + SECONDS


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.moving_picture", description=__doc__)
    parser.add_argument("film", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("parts", type=part, nargs="+", metavar="FROM[-TO]", help="seconds of the film")
    asked = parser.parse_args()
    first, *rest = [frame for start, end in asked.parts for frame in frames(asked.film, start, end)]
    first.save(
        asked.picture,
        save_all=True,
        append_images=rest,
        duration=1000 // FRAMES_A_SECOND,
        loop=0,
        quality=QUALITY,
        method=6,
    )


if __name__ == "__main__":
    main()
