"""Makes a ScriptAnalysis from the words of the script.

Nothing here understands a story. It splits, counts, looks words up and describes what it found, so that the
demo's film is about the script that was given; where the words name nothing that can be drawn, it chooses
images that suit the mood and were not used yet, as an illustrator would.
"""

import re
from collections import Counter
from collections.abc import Collection
from typing import Any

from actors.emulator.vocabulary.matching import hour_of, mood_of, ranked, weather_of
from actors.emulator.vocabulary.subjects import ROLES, SUBJECTS, WORLDS
from actors.emulator.writing import language as languages
from actors.emulator.writing.characters import Cast, find_cast
from actors.emulator.writing.prompt_parser import Material
from actors.emulator.writing.scenes import beats, group
from actors.emulator.writing.sentences import content_words, numbered, split
from actors.emulator.writing.titles import title_of

PALETTES = {
    "hopeful": ["#f6c667", "#f2a65a", "#3f6b8c", "#1d2f4f", "#fdf3df"],
    "serene": ["#9cc5c1", "#5d8f99", "#f1e3c6", "#2f4f5f", "#dfece8"],
    "joyful": ["#ffcf56", "#ff7f51", "#4fb3bf", "#27476e", "#fff4e0"],
    "tense": ["#c8553d", "#28323f", "#64737f", "#10151c", "#d9c5a0"],
    "melancholic": ["#6f8197", "#3b4a5e", "#b9b4a7", "#1e2733", "#dcd8cf"],
    "mysterious": ["#4b3f72", "#1f2041", "#7a9e9f", "#119da4", "#c9d6df"],
    "epic": ["#e4a853", "#a63d40", "#2b3a67", "#0e1428", "#f4e4c1"],
    "tender": ["#f2b5a7", "#e07a5f", "#81b29a", "#3d405b", "#f9efe3"],
    "energetic": ["#ff2e88", "#22d3ee", "#6d28d9", "#0b1026", "#f8fafc"],
    "reflective": ["#d9b382", "#7d8ca3", "#46556b", "#232b3a", "#efe6d8"],
}
EVOCATIVE = {
    "hopeful": (
        "hills",
        "balloons",
        "bridge",
        "field",
        "sea",
        "mountains",
        "garden",
        "stars",
        "towers",
        "river",
    ),
    "serene": ("lake", "river", "hills", "garden", "sea", "stars", "forest", "mountains", "field", "island"),
    "joyful": (
        "balloons",
        "garden",
        "market",
        "island",
        "field",
        "stage",
        "table",
        "hills",
        "village",
        "lake",
    ),
    "tense": (
        "street",
        "sea",
        "bridge",
        "desert",
        "train",
        "mountains",
        "forest",
        "skyline",
        "castle",
        "workshop",
    ),
    "melancholic": (
        "lake",
        "street",
        "train",
        "bridge",
        "village",
        "forest",
        "sea",
        "table",
        "stars",
        "field",
    ),
    "mysterious": (
        "forest",
        "stars",
        "castle",
        "planet",
        "library",
        "underwater",
        "lighthouse",
        "street",
        "desert",
        "bridge",
    ),
    "epic": ("mountains", "planet", "rocket", "castle", "ship", "stars", "desert", "towers", "bridge", "sea"),
    "tender": (
        "table",
        "village",
        "garden",
        "campfire",
        "hills",
        "stars",
        "library",
        "lake",
        "train",
        "market",
    ),
    "energetic": (
        "skyline",
        "network",
        "towers",
        "stage",
        "rocket",
        "train",
        "bridge",
        "street",
        "market",
        "workspace",
    ),
    "reflective": (
        "hills",
        "library",
        "lake",
        "bridge",
        "stars",
        "table",
        "train",
        "river",
        "sea",
        "workshop",
    ),
}
LIGHT = {
    "dawn": "first light of sunrise",
    "day": "clear daylight",
    "dusk": "warm light of dusk",
    "night": "deep blue night",
}
HOUR_OF_MOOD = {
    "hopeful": "dawn",
    "serene": "dawn",
    "joyful": "day",
    "tense": "night",
    "melancholic": "dusk",
    "mysterious": "night",
    "epic": "dusk",
    "tender": "dusk",
    "energetic": "night",
    "reflective": "dusk",
}
RESTLESS = frozenset({"tense", "energetic"})
THEME_OF_MOOD = {
    "hopeful": "hope",
    "serene": "peace",
    "joyful": "joy",
    "tense": "danger",
    "melancholic": "loss",
    "mysterious": "the unknown",
    "epic": "courage",
    "tender": "love",
    "energetic": "drive",
    "reflective": "reflection",
}


def analyse(material: Material) -> dict[str, Any]:
    """An analysis as a JSON object; scenes are ranges of sentences, in order, all of them, with their words.

    Each scene has ``first`` and ``last``, the numbers of its sentences, and ``narration``, what they say; so
    has each of its ``beats``, which are its pictures.
    """
    text, sentences = numbered(material.numbered)
    if not sentences:
        text, sentences = split(material.script)
    if not sentences:
        text, sentences = split("Nothing is said.")
    language = material.language or languages.detect(text)
    slices = [text[s.start : s.end] for s in sentences]
    named = [next(iter(ranked(piece)), None) for piece in slices]
    ranges = group(sentences, named, material.max_scenes, material.scene_count)
    beats_of = beats(sentences, named, ranges, material.max_images)

    def words(span: tuple[int, int]) -> str:
        return text[sentences[span[0]].start : sentences[span[1]].end]

    narrations = [words(span) for spans in beats_of for span in spans]
    mood = mood_of(text) or "reflective"
    cast = find_cast(text, language, ROLES)
    subjects = choose_subjects(narrations, mood)
    setting = SUBJECTS[Counter(named_subjects(narrations) or subjects).most_common(1)[0][0]].setting
    hours = Counter(found for piece in slices if (found := hour_of(piece)))
    # One lamp-lit sentence does not make a night of the whole film.
    hour = next((name for name, n in hours.most_common(1) if n > 1), HOUR_OF_MOOD[mood])
    chosen = iter(subjects)
    scenes = [
        _scene(words(span), [(words(beat), beat, next(chosen)) for beat in spans], mood, hour, cast, language)
        for span, spans in zip(ranges, beats_of, strict=True)
    ]
    for scene, (first, last) in zip(scenes, ranges, strict=True):
        scene |= {"first": first + 1, "last": last + 1}
    opening = [sentences[first].opens_paragraph for first, _ in ranges]
    for scene, following, opens in zip(scenes, scenes[1:], opening[1:], strict=False):
        scene["transition"] = _transition(scene["mood"], following["mood"], opens_paragraph=opens)
    return {
        "title": title_of(text, slices, language),
        "language": language,
        "themes": _themes(text, language, mood),
        "mood": mood,
        "setting": f"{setting[0].upper()}{setting[1:]}, {LIGHT[hour]}",
        "palette": PALETTES[mood],
        "characters": [{"name": name, "look": look} for name, look in cast.looks.items()],
        "scenes": scenes,
    }


def by_number(analysis: dict[str, Any]) -> dict[str, Any]:
    """The same with the characters of each picture as places in the list of characters, counted from 1."""
    places = {character["name"]: place for place, character in enumerate(analysis["characters"], 1)}

    def numbered(seen: dict[str, Any]) -> dict[str, Any]:
        return {**seen, "characters": [places[name] for name in seen["characters"] if name in places]}

    scenes = [
        {**numbered(scene), "beats": [numbered(beat) for beat in scene["beats"]]}
        for scene in analysis["scenes"]
    ]
    return {**analysis, "scenes": scenes}


def _transition(mood: str, following: str, *, opens_paragraph: bool) -> str:
    """Through black where a paragraph brings another mood; a cut where the next scene is in a hurry."""
    if mood == following:
        return "crossfade"
    return "cut" if following in RESTLESS else "fade" if opens_paragraph else "crossfade"


def named_subjects(narrations: list[str]) -> list[str]:
    return [found[0] for narration in narrations if (found := ranked(narration))]


def choose_subjects(narrations: list[str], mood: str) -> list[str]:
    """One subject for each scene, by its words where they name one; no two alike while there is a choice."""
    options = [ranked(narration) for narration in narrations]
    chosen: list[str | None] = [None] * len(narrations)
    used: set[str] = set()
    home: frozenset[str] = frozenset()
    # First everyone's strongest word, so that a scene about the sea is not robbed of it by a guess before it;
    # then what else they name of the same world, so that a lighthouse's tower is no skyscraper.
    for depth in range(3):
        for n, names in enumerate(options):
            at_home = not home or (len(names) > depth and names[depth] in home)
            if chosen[n] is None and len(names) > depth and names[depth] not in used and at_home:
                chosen[n] = names[depth]
                used.add(names[depth])
        home = home or _world_of(used)
    spare = [name for name in dict.fromkeys((*EVOCATIVE[mood], *SUBJECTS)) if name not in used]
    for n, name in enumerate(chosen):
        if name is None:
            beside = [other for other in (chosen[n - 1] if n else None, *chosen[n + 1 : n + 2]) if other]
            near = [each for each in spare if each in home] or [
                each for each in spare if any({each, other} <= world for world in WORLDS for other in beside)
            ]
            pick = next(iter(near or spare), (options[n] or list(SUBJECTS))[0])
            chosen[n] = pick
            spare = [each for each in spare if each != pick]
    return [name for name in chosen if name is not None]


def _world_of(subjects: Collection[str]) -> frozenset[str]:
    """The world that most of the subjects are met in; none where they are of many."""
    world = max(WORLDS, key=lambda names: len(names.intersection(subjects)))
    return world if len(world.intersection(subjects)) * 2 >= max(1, len(subjects)) else frozenset()


def _scene(
    narration: str,
    spans: list[tuple[str, tuple[int, int], str]],
    film_mood: str,
    film_hour: str,
    cast: Cast,
    language: str,
) -> dict[str, Any]:
    hour = hour_of(narration) or film_hour
    pictures = [
        {"first": first + 1, "last": last + 1, **_beat(words, subject, hour, cast, language)}
        for words, (first, last), subject in spans
    ]
    return {
        "narration": narration,
        "visual": pictures[0]["visual"],
        "mood": mood_of(narration) or film_mood,
        "characters": list(dict.fromkeys(name for picture in pictures for name in picture["characters"])),
        "transition": "crossfade",
        "beats": pictures,
    }


def _beat(narration: str, subject: str, scene_hour: str, cast: Cast, language: str) -> dict[str, Any]:
    hour = hour_of(narration) or scene_hour
    weather = weather_of(narration)
    seen = cast.seen_in(narration)
    phrase = SUBJECTS[subject].phrases[0]
    if seen:
        phrase += f", with {' and '.join(seen)} small in the frame"
    # A word that calls for another picture would be drawn in this one's place.
    details = [
        word
        for word in content_words(narration, language)
        if word not in phrase.lower() and set(ranked(word)) <= {subject}
    ]
    visual = f"{phrase[0].upper()}{phrase[1:]}; {LIGHT[hour]}"
    if weather:
        visual += f", {weather}"
    if details and not seen:
        visual += f"; hints of {', '.join(dict.fromkeys(details[:2]))}"
    return {"text": narration, "visual": visual, "characters": seen}


def _themes(text: str, language: str, mood: str) -> list[str]:
    words = Counter(content_words(text, language))
    # Longer words carry more of a text's subject than short ones of the same count.
    order = sorted(words, key=lambda word: (-words[word] * (1 + len(word) / 12), text.lower().find(word)))
    return [THEME_OF_MOOD[mood], *[word for word in order if not re.search(r"\d", word)][:4]]
