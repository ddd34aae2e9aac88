"""The whole prompt of a picture: the style with its medium first, the scene, then who is seen in it."""

from collections.abc import Sequence

from domain.script import Character, Frame, ScriptAnalysis, Storyboard


def frame_prompt(style: str, scene: str, seen: Sequence[Character]) -> str:
    parts = [style, f"Scene: {scene}"]
    if seen:
        looks = (sentence(f"{character.name} is {character.look}") for character in seen)
        parts.append(f"Characters: {' '.join(looks)}")
    return "\n\n".join(parts)


def edited_frame(storyboard: Storyboard, analysis: ScriptAnalysis, scene: int, beat: int) -> Frame:
    """The frame of a picture of which a person edited what is seen.

    It is the storyboard's where that was written from these very words, else the words with its style.
    """
    shown = analysis.scene(scene).pictures[beat - 1]
    frame = next((one for one in storyboard.frames if (one.scene, one.beat) == (scene, beat)), None)
    if frame is not None and frame.visual == shown.visual:
        return frame
    listed = {name.casefold() for name in shown.characters}
    seen = [character for character in analysis.characters if character.name.casefold() in listed]
    said = sentence(shown.visual)
    return Frame(
        scene=scene,
        beat=beat,
        prompt=frame_prompt(storyboard.style, said, seen),
        characters=[character.name for character in seen],
        motion=said,
        visual=shown.visual,
    )


def sentence(text: str) -> str:
    """As a sentence, to be followed by another one."""
    text = text.strip()
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "…")) else f"{text.rstrip(',;:')}."
