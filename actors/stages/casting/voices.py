"""Which voice each character has: by what it is and how old, the same one whenever it is asked.

A character's favourites follow from its gender, its age and its name alone, so that a plan made anew, a
fork or a character more leaves the others their voices, but where two want the same: the first has it then.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256

from actors.gemini.voices import VOICE_SOUNDS, VOICES
from actors.work.stage import Brief
from domain.given_scenes import CastMember
from domain.script import AudioPlan, ScriptAnalysis
from domain.script_forms.dialogue import is_narrator
from domain.sound_direction import SpeakingPart
from domain.spoken_lines import cast_of

_AGES = ("child", "young", "adult", "old")


def characters_of(brief: Brief, analysis: ScriptAnalysis, *, quoted: bool) -> tuple[str, ...]:
    """Who may have a voice beside the narrator's: whom the script names as speakers, then who is ``quoted``.

    Whoever is called alike, in capitals or not, is the same.
    """
    known = list(cast_of(brief.reading))
    if quoted:
        names = {name.casefold() for name in known}
        others = (*(c.name for c in analysis.characters), *(m.name.strip() for m in brief.given.cast))
        known += (name for name in others if name.casefold() not in names)
    first = {name.casefold(): name for name in reversed(known) if not is_narrator(name)}
    return tuple(reversed(first.values()))


def given_voices(cast: Iterable[CastMember]) -> dict[str, str]:
    """The voices that the author gives, by the character's name in small letters."""
    return {member.name.strip().casefold(): member.voice for member in cast if member.voice}


def choose_voices(parts: Sequence[SpeakingPart], given: Mapping[str, str]) -> dict[str, str]:
    """A prebuilt voice for each part, none twice while there are free ones, none that is ``given``."""
    chosen: dict[str, str] = {}
    for part in parts:
        by_author = given.get(part.speaker.casefold())
        chosen[part.speaker] = by_author or _best(part, {*chosen.values(), *given.values()})
    return chosen


def voices_of_film(
    plan: AudioPlan, narrator: str | None, given: Mapping[str, str]
) -> tuple[str, dict[str, str]]:
    """The narrator's voice and each character's; those that the author names go before the plan's.

    Who would have somebody else's thereby has another that is like it.
    """
    found = {m.speaker: given[m.speaker.casefold()] for m in plan.cast if m.speaker.casefold() in given}
    planned = {member.voice for member in plan.cast}
    for member in plan.cast:
        if member.speaker in found:
            continue
        taken = {*found.values(), *([narrator] if narrator else ())}
        unlike = member.voice in taken and len(taken | planned) < len(VOICES)
        found[member.speaker] = _other_voice(member.voice, taken | planned) if unlike else member.voice
    told_by = narrator or plan.voice
    if narrator is None and told_by in found.values():
        told_by = _other_voice(told_by, found.values())
    return told_by, found


def _other_voice(voice: str, taken: Collection[str]) -> str:
    """The free prebuilt voice that is most like this one."""
    sound = VOICE_SOUNDS.get(voice)
    if sound is None:
        return _best(SpeakingPart(speaker=voice, gender="neither", age="adult"), taken)
    return _best(SpeakingPart(speaker=voice, gender=sound.gender, age=sound.age), taken)


def _best(part: SpeakingPart, taken: Collection[str]) -> str:
    free = [voice for voice in VOICES if voice not in taken] or list(VOICES)
    return min(free, key=lambda voice: (_unlike(part, voice), _lot(part.speaker, voice)))


def _unlike(part: SpeakingPart, voice: str) -> int:
    """A wrong gender is worse than any wrong age."""
    sound = VOICE_SOUNDS[voice]
    years = abs(_AGES.index(part.age) - _AGES.index(sound.age))
    return years + len(_AGES) * (part.gender not in ("neither", sound.gender))


def _lot(speaker: str, voice: str) -> str:
    return sha256(f"{speaker.casefold()} {voice}".encode()).hexdigest()
