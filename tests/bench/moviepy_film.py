"""The bench's film as MoviePy makes it, run by an interpreter that has MoviePy and nothing of ours.

MoviePy needs an older Pillow than Reelog, so the two cannot share an environment. What to make comes as JSON
on standard input (see ``tests/bench/render.py``), what it took goes as JSON to standard output.
"""

import json
import resource
import sys
import time
from typing import Any


def main() -> None:
    from moviepy import CompositeVideoClip, ImageClip, vfx  # noqa: PLC0415 - only this interpreter has it

    film: dict[str, Any] = json.load(sys.stdin)
    begun = time.perf_counter()
    width, height = film["size"]

    def scene(told: dict[str, Any]) -> Any:
        wide = ImageClip(told["picture"]).resized(1 / told["view"]).with_duration(told["seconds"])
        spare = wide.w - width

        def place(t: float) -> tuple[float, float]:
            at = min(1.0, t / told["seconds"])
            eased = 0.5 * at + 0.5 * at * at * (3 - 2 * at)
            way = (eased - 0.5) * told["sign"]
            return -spare / 2 - way * spare, (height - wide.h) / 2

        return CompositeVideoClip([wide.with_position(place)], size=(width, height))

    first, second = (scene(told) for told in film["scenes"])
    crossfade = film["crossfade"]
    second = second.with_start(first.duration - crossfade).with_effects([vfx.CrossFadeIn(crossfade)])
    caption = film["caption"]
    words = ImageClip(caption["drawing"]).with_start(caption["start"]).with_duration(caption["seconds"])
    CompositeVideoClip([first, second, words], size=(width, height)).write_videofile(
        film["target"],
        fps=film["fps"],
        codec="libx264",
        preset=film["preset"],
        audio=False,
        threads=film["threads"],
        ffmpeg_params=["-crf", str(film["crf"]), "-pix_fmt", "yuv420p"],
        logger=None,
    )
    took = time.perf_counter() - begun
    peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    json.dump({"took": took, "peak_mb": sum(peaks) / 1024}, sys.stdout)


if __name__ == "__main__":
    main()
