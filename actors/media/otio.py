"""An edit as OpenTimelineIO: the JSON that editing programs read, in the library's own schemas.

Written here, as the library has no build for every Python that a film is made with; a test has the library
read what is written. All times are whole frames of one rate.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]

Kind = Literal["Video", "Audio", "Caption"]
"""The library knows the first two and takes any; captions have no kind of their own there."""
NAMESPACE = "reelog"
"""Under which metadata of ours stands."""


@dataclass(frozen=True)
class Media:
    """A file beside the timeline, by its relative path; so many frames of it can be shown."""

    path: str
    frames: int


@dataclass(frozen=True)
class Item:
    """``frames`` of the film from ``start``; of its media the frames from ``offset``.

    ``media`` None is text alone, as a caption is. ``speed`` is how fast the media is played.
    """

    name: str
    start: int
    frames: int
    media: Media | None = None
    offset: int = 0
    speed: float = 1.0
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def end(self) -> int:
        return self.start + self.frames


@dataclass(frozen=True)
class Joint:
    """How the item that ends at ``at`` goes over into the next: frames of it before and after that cut."""

    at: int
    before: int
    after: int
    name: str
    dissolves: bool = True


@dataclass(frozen=True)
class Track:
    """Items in order of time, none over another; where there is none there is a gap."""

    name: str
    kind: Kind
    items: Sequence[Item]
    joints: Sequence[Joint] = ()
    enabled: bool = True


@dataclass(frozen=True)
class Chapter:
    name: str
    start: int
    frames: int
    comment: str = ""


def to_otio(
    name: str,
    rate: int,
    tracks: Sequence[Track],
    chapters: Sequence[Chapter] = (),
    metadata: Mapping[str, Any] | None = None,
) -> str:
    """The timeline as JSON. Tracks are told from the lowest up: what is above hides what is below."""
    clock = _Clock(rate)
    timeline = {
        "OTIO_SCHEMA": "Timeline.1",
        "name": name,
        "metadata": {NAMESPACE: dict(metadata or {})},
        "global_start_time": clock.time(0),
        "tracks": {
            "OTIO_SCHEMA": "Stack.1",
            **_common("tracks"),
            "source_range": None,
            "markers": [_marker(chapter, clock) for chapter in chapters],
            "children": [_track(track, clock) for track in tracks],
        },
    }
    return json.dumps(timeline, ensure_ascii=False, indent=1) + "\n"


@dataclass(frozen=True)
class _Clock:
    rate: int

    def time(self, frames: int) -> Json:
        return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(self.rate), "value": float(frames)}

    def range(self, start: int, frames: int) -> Json:
        return {
            "OTIO_SCHEMA": "TimeRange.1",
            "start_time": self.time(start),
            "duration": self.time(frames),
        }


def _common(name: str, metadata: Mapping[str, Any] | None = None, *, enabled: bool = True) -> Json:
    return {
        "name": name,
        "metadata": {NAMESPACE: dict(metadata)} if metadata else {},
        "effects": [],
        "markers": [],
        "enabled": enabled,
    }


def _track(track: Track, clock: _Clock) -> Json:
    joints = {joint.at: joint for joint in track.joints}
    children: list[Json] = []
    at = 0
    for item in track.items:
        if item.start > at:
            children.append(
                {"OTIO_SCHEMA": "Gap.1", **_common(""), "source_range": clock.range(0, item.start - at)}
            )
        children.append(_clip(item, clock))
        at = item.end
        if at in joints:
            children.append(_transition(joints[at], clock))
    return {
        "OTIO_SCHEMA": "Track.1",
        **_common(track.name, enabled=track.enabled),
        "source_range": None,
        "kind": track.kind,
        "children": children,
    }


def _clip(item: Item, clock: _Clock) -> Json:
    clip = {
        "OTIO_SCHEMA": "Clip.2",
        **_common(item.name, item.metadata),
        "source_range": clock.range(item.offset, item.frames),
        "media_references": {"DEFAULT_MEDIA": _reference(item.media, clock)},
        "active_media_reference_key": "DEFAULT_MEDIA",
    }
    if item.speed != 1:
        clip["effects"] = [
            {
                "OTIO_SCHEMA": "LinearTimeWarp.1",
                "name": "speed",
                "metadata": {},
                "effect_name": "LinearTimeWarp",
                "time_scalar": item.speed,
            }
        ]
    return clip


def _reference(media: Media | None, clock: _Clock) -> Json:
    common: Json = {"metadata": {}, "name": "", "available_image_bounds": None}
    if media is None:
        return {"OTIO_SCHEMA": "MissingReference.1", **common, "available_range": None}
    return {
        "OTIO_SCHEMA": "ExternalReference.1",
        **common,
        "available_range": clock.range(0, media.frames),
        "target_url": media.path,
    }


def _transition(joint: Joint, clock: _Clock) -> Json:
    return {
        "OTIO_SCHEMA": "Transition.1",
        "name": joint.name,
        "metadata": {},
        "transition_type": "SMPTE_Dissolve" if joint.dissolves else "Custom_Transition",
        "in_offset": clock.time(joint.before),
        "out_offset": clock.time(joint.after),
    }


def _marker(chapter: Chapter, clock: _Clock) -> Json:
    return {
        "OTIO_SCHEMA": "Marker.2",
        "name": chapter.name,
        "metadata": {},
        "color": "GREEN",
        "comment": chapter.comment,
        "marked_range": clock.range(chapter.start, chapter.frames),
    }
