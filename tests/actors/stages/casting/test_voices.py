"""Which voice each character has: by what it is, the same whenever it is asked, nobody else's."""

import pytest

from actors.gemini.voices import VOICE_SOUNDS, VOICES
from actors.stages.casting.voices import choose_voices, voices_of_film
from domain.script import AudioPlan
from domain.sound_direction import Age, Gender, SpeakingPart
from tests.actors.staging import audio_plan


def part(name: str, gender: Gender = "female", age: Age = "adult") -> SpeakingPart:
    return SpeakingPart(speaker=name, gender=gender, age=age)


def plan(narrator: str, **cast: str) -> AudioPlan:
    members = [{"speaker": name, "voice": voice} for name, voice in cast.items()]
    return AudioPlan.model_validate(audio_plan().model_dump() | {"voice": narrator, "cast": members})


@pytest.mark.parametrize("gender", ["female", "male"])
@pytest.mark.parametrize(
    ("age", "sounds"), [("child", "young"), ("young", "young"), ("adult", "adult"), ("old", "old")]
)
def test_a_voice_is_of_the_characters_gender_and_age(gender: Gender, age: Age, sounds: str) -> None:
    voice = VOICE_SOUNDS[choose_voices([part("Mara", gender, age)], {})["Mara"]]
    assert (voice.gender, voice.age) == (gender, sounds)


def test_no_two_have_one_voice_while_there_are_free_ones_and_a_wrong_age_is_better_than_a_wrong_gender() -> (
    None
):
    women = sum(sound.gender == "female" for sound in VOICE_SOUNDS.values())
    crowd = choose_voices([part(f"Woman {n}", age="old") for n in range(women)], {})
    assert len(set(crowd.values())) == women
    assert {VOICE_SOUNDS[voice].gender for voice in crowd.values()} == {"female"}
    everybody = choose_voices([part(f"Somebody {n}") for n in range(len(VOICES) + 3)], {})
    assert set(everybody.values()) == set(VOICES)


def test_another_character_leaves_the_others_their_voices() -> None:
    mara, keeper = part("Mara", age="child"), part("The keeper", "male", "old")
    before = choose_voices([mara, keeper], {})
    after = choose_voices([mara, part("A sailor", "male", "young"), keeper], {})
    assert before == choose_voices([mara, keeper], {})
    assert {name: after[name] for name in before} == before


def test_a_given_voice_is_the_characters_and_nobody_elses() -> None:
    own = choose_voices([part("Mara"), part("Ingrid")], {})
    chosen = choose_voices([part("Mara"), part("Ingrid")], {"ingrid": own["Mara"]})
    assert chosen["Ingrid"] == own["Mara"] != chosen["Mara"]
    assert choose_voices([part("MARA")], {"mara": "voice_designed1"})["MARA"] == "voice_designed1"


def test_the_authors_voices_go_before_the_plans_and_who_loses_one_gets_one_like_it() -> None:
    planned = plan("Kore", MARA="Leda", KEEPER="Algenib")
    assert voices_of_film(planned, None, {}) == ("Kore", {"MARA": "Leda", "KEEPER": "Algenib"})
    told_by, cast = voices_of_film(planned, "Leda", {})
    assert (told_by, cast["KEEPER"]) == ("Leda", "Algenib")
    assert cast["MARA"] not in {"Leda", "Algenib"}
    assert VOICE_SOUNDS[cast["MARA"]][1:] == VOICE_SOUNDS["Leda"][1:]
    told_by, cast = voices_of_film(planned, None, {"mara": "Kore"})
    assert cast["MARA"] == "Kore" != told_by
    assert VOICE_SOUNDS[told_by].gender == "female"
    told_by, cast = voices_of_film(planned, "voice_mine", {"keeper": "voice_his"})
    assert (told_by, cast) == ("voice_mine", {"MARA": "Leda", "KEEPER": "voice_his"})


def test_a_plan_in_which_voices_did_not_suffice_stays_as_it_is() -> None:
    many = {f"C{n}": voice for n, voice in enumerate([*VOICES, "Kore"])}
    assert voices_of_film(plan("Puck", **many), "Puck", {})[1] == many
