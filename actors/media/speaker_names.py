"""Who speaks, in captions: one begins with each speaker's words, and the first of them with the name."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

from actors.media.beats import count_letters
from actors.media.words import TimedWord, Word

Line = tuple[str | None, str]
"""A speaker's name and words; nobody is named for the narrator's."""


def named(timed: Sequence[TimedWord], lines: Sequence[Line]) -> Iterator[TimedWord]:
    """The words of a scene of these lines, with the name of each speaker before the first one."""
    ends = list(accumulate(count_letters(words) for _, words in lines))
    at, line = 0, -1
    for word in timed:
        begun = next((number for number, end in enumerate(ends) if at < end), len(lines) - 1)
        speaker = lines[begun][0] if lines else None
        begins = begun != line
        if begins and speaker is not None:
            name = Word(
                f"{speaker}:", spaced=True, opens=word.word.opens or line >= 0, speaker=speaker, name=True
            )
            yield TimedWord(name, word.start_s, word.start_s)
            yield replace(word, word=replace(word.word, spaced=True, opens=False, speaker=speaker))
        else:
            opens = word.word.opens or (begins and line >= 0)
            yield replace(word, word=replace(word.word, opens=opens, speaker=speaker))
        line = begun
        at += count_letters(word.word.text)
