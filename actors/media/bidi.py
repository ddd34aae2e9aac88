"""In which order a line of both directions is seen: Unicode's bidirectional algorithm (UAX #9).

Levels are found for the whole line before it is divided by font, because a space, a bracket or a full stop
takes its place from what surrounds it. FriBidi was rejected: Pillow's wheels bring no copy of it, so it would
be whatever version the machine has, or none. Libraries from the package index give the reordered text
without its levels, and what is drawn with several fonts needs the levels.

The names of rules in comments are those of UAX #9; the tests hold it to Unicode's own examples.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

Item = TypeVar("Item")

_LANGUAGES: Final = frozenset({"ar", "ckb", "dv", "fa", "he", "iw", "ks", "ps", "sd", "ug", "ur", "yi"})
_SCRIPTS: Final = frozenset({"arab", "hebr", "thaa"})
"""Written from right to left."""

_DEEPEST: Final = 125
_MOST_BRACKETS: Final = 63
_ISOLATES: Final = frozenset({"LRI", "RLI", "FSI"})
_EMBEDDINGS: Final = frozenset({"LRE", "RLE", "LRO", "RLO"})
_REMOVED: Final = _EMBEDDINGS | {"PDF", "BN"}
"""What rule X9 takes out of consideration."""
_NEUTRAL: Final = _ISOLATES | {"B", "S", "WS", "ON", "PDI"}
_RIGHTWARD: Final = frozenset({"L", "EN", "ES", "ET", "CS", "NSM", "BN", "B", "S", "WS", "ON"})
_SAME_BRACKET: Final = {0x2329: 0x3008, 0x232A: 0x3009}
"""Brackets that are canonically equivalent to others."""


def levels(text: str, base: int) -> list[int]:
    """The embedding level of each character; even ones run from left to right. The line has ``base``."""
    kinds = [_kind(character) for character in text]
    if not base and _RIGHTWARD.issuperset(kinds):
        return [0] * len(text)
    found, resolved = _explicit(kinds, base)
    for sequence in _sequences(kinds, found):
        _resolve(text, kinds, resolved, found, sequence, base)
    for place, kind in enumerate(resolved):  # rules I1 and I2
        if kinds[place] in _REMOVED:
            found[place] = found[place - 1] if place else base
        elif found[place] % 2:
            found[place] += kind != "R"
        else:
            found[place] += {"R": 1, "AN": 2, "EN": 2}.get(kind, 0)
    trailing = True  # rule L1
    for place in reversed(range(len(text))):
        kind = kinds[place]
        trailing = kind in {"B", "S"} or (trailing and kind in _REMOVED | _ISOLATES | {"WS", "PDI"})
        if trailing:
            found[place] = base
    return found


def in_visual_order(items: Sequence[Item], levels: Sequence[int]) -> list[Item]:
    """The items from left to right as they are seen (rule L2); each has one level."""
    order = list(range(len(items)))
    for level in range(max(levels, default=0), 0, -1):
        start = 0
        while start < len(order):
            end = start
            while end < len(order) and levels[order[end]] >= level:
                end += 1
            order[start:end] = order[start:end][::-1]
            start = end + 1
    return [items[place] for place in order]


def base_level(text: str, language: str = "") -> int:
    """The level of a text in that language: a name that it begins with does not turn it round.

    Where the text has letters that run as the language does, so does the text; else the first letter with a
    direction decides (rules P2, P3), and the language where there is none. An unknown language has no say.
    """
    primary, *subtags = language.replace("_", "-").casefold().split("-")
    level = int(primary in _LANGUAGES or not _SCRIPTS.isdisjoint(subtags))
    own = {"R", "AL"} if level else {"L"}
    if primary not in {"", "und"} and any(_kind(character) in own for character in text):
        return level
    first = first_strong(text)
    return level if first is None else first


def first_strong(text: str) -> int | None:
    """The level that the first letter with a direction gives (rules P2, P3); None where there is none."""
    return _first_strong([_kind(character) for character in text])


def _first_strong(kinds: Iterable[str]) -> int | None:
    isolated = 0
    for kind in kinds:
        if kind in _ISOLATES:
            isolated += 1
        elif kind == "PDI":
            isolated = max(0, isolated - 1)
        elif not isolated and kind in {"L", "R", "AL"}:
            return int(kind != "L")
    return None


def _kind(character: str) -> str:
    """Its bidirectional class; of what the Unicode tables of this Python do not know, an emoji is neutral."""
    return unicodedata.bidirectional(character) or (
        "ON" if "\U0001f000" <= character <= "\U0001faff" else "L"
    )


# ---- rules X1 to X10: levels that are asked for ------------------------------------------------------


def _explicit(  # noqa: C901, PLR0912 - one rule for each kind, as UAX #9 tells them
    kinds: list[str], base: int
) -> tuple[list[int], list[str]]:
    """Levels by embeddings, overrides and isolates; and the classes that overrides leave."""
    found, resolved = [], []
    stack: list[tuple[int, str, bool]] = [(base, "", False)]  # level, override, whether an isolate
    beyond_isolates = beyond_embeddings = valid_isolates = 0
    for place, kind in enumerate(kinds):
        level, override, _ = stack[-1]
        if kind in _ISOLATES or kind in _EMBEDDINGS:
            right = kind in {"RLI", "RLE", "RLO"}
            if kind == "FSI":
                right = _first_strong(_inside(kinds, place)) == 1
            following = level + 1 + (level % 2 == right)
            isolate = kind in _ISOLATES
            found.append(level)
            resolved.append(override or kind if isolate else kind)
            if following <= _DEEPEST and not beyond_isolates and not beyond_embeddings:
                valid_isolates += isolate
                forced = {"LRO": "L", "RLO": "R"}.get(kind, "")
                stack.append((following, forced, isolate))
            elif isolate:
                beyond_isolates += 1
            elif not beyond_isolates:
                beyond_embeddings += 1
            continue
        if kind == "PDI":
            if beyond_isolates:
                beyond_isolates -= 1
            elif valid_isolates:
                beyond_embeddings = 0
                while not stack.pop()[2]:
                    pass
                valid_isolates -= 1
            level, override, _ = stack[-1]
        elif kind == "PDF":
            if not beyond_isolates and beyond_embeddings:
                beyond_embeddings -= 1
            elif not beyond_isolates and not stack[-1][2] and len(stack) > 1:
                stack.pop()
        elif kind == "B":
            level, override = base, ""
        found.append(level)
        resolved.append(override or kind if kind != "BN" else kind)
    return found, resolved


def _inside(kinds: list[str], initiator: int) -> list[str]:
    """What stands between an isolate's initiator and its end."""
    depth = 1
    for place in range(initiator + 1, len(kinds)):
        depth += (kinds[place] in _ISOLATES) - (kinds[place] == "PDI")
        if not depth:
            return kinds[initiator + 1 : place]
    return kinds[initiator + 1 :]


def _sequences(kinds: list[str], found: list[int]) -> list[list[int]]:
    """Isolating run sequences: places of one level that are neighbours but for isolates between them."""
    closing: dict[int, int] = {}
    opened: list[int] = []
    runs: list[list[int]] = []
    for place, kind in enumerate(kinds):
        if kind in _REMOVED:
            continue
        if kind in _ISOLATES:
            opened.append(place)
        elif kind == "PDI" and opened:
            closing[opened.pop()] = place
        elif kind == "B":
            opened.clear()
        if runs and found[runs[-1][-1]] == found[place]:
            runs[-1].append(place)
        else:
            runs.append([place])
    begins = {run[0]: run for run in runs}
    continued = set(closing.values())
    sequences = []
    for run in runs:
        if run[0] in continued:
            continue
        sequence = list(run)
        while sequence[-1] in closing:
            sequence += begins[closing[sequence[-1]]]
        sequences.append(sequence)
    return sequences


# ---- rules W1 to N2: what weak and neutral characters follow -----------------------------------------


def _resolve(
    text: str, kinds: list[str], resolved: list[str], found: list[int], sequence: list[int], base: int
) -> None:
    """Resolve the classes of one sequence in place: afterwards each is L, R, EN or AN."""
    level = found[sequence[0]]
    before = next((n for n in range(sequence[0] - 1, -1, -1) if kinds[n] not in _REMOVED), None)
    after = next((n for n in range(sequence[-1] + 1, len(kinds)) if kinds[n] not in _REMOVED), None)
    if kinds[sequence[-1]] in _ISOLATES:
        after = None
    start = _direction(max(level, base if before is None else found[before]))
    end = _direction(max(level, base if after is None else found[after]))
    weak = _weak([resolved[place] for place in sequence], start)
    own = _direction(level)
    _brackets([text[place] for place in sequence], [kinds[place] for place in sequence], weak, start, own)
    _neutrals(weak, start, end, own)
    for place, kind in zip(sequence, weak, strict=True):
        resolved[place] = kind


def _direction(level: int) -> str:
    return "R" if level % 2 else "L"


def _weak(given: list[str], start: str) -> list[str]:  # noqa: C901, PLR0912 - rule after rule
    kinds = list(given)
    for n, kind in enumerate(kinds):  # W1
        if kind == "NSM":
            before = kinds[n - 1] if n else start
            kinds[n] = "ON" if before in _ISOLATES or before == "PDI" else before
    strong = start
    for n, kind in enumerate(kinds):  # W2, W3
        if kind in {"L", "R", "AL"}:
            strong = kind
        elif kind == "EN" and strong == "AL":
            kinds[n] = "AN"
    kinds = ["R" if kind == "AL" else kind for kind in kinds]
    for n in range(1, len(kinds) - 1):  # W4
        around = kinds[n - 1]
        if around == kinds[n + 1] and (
            (kinds[n] == "ES" and around == "EN") or (kinds[n] == "CS" and around in {"EN", "AN"})
        ):
            kinds[n] = around
    n = 0
    while n < len(kinds):  # W5
        last = n
        while last < len(kinds) and kinds[last] == "ET":
            last += 1
        if last > n:
            beside = (n and kinds[n - 1] == "EN") or (last < len(kinds) and kinds[last] == "EN")
            kinds[n:last] = ["EN" if beside else "ON"] * (last - n)
        n = last + 1
    strong = start
    for n, kind in enumerate(kinds):  # W6, W7
        if kind in {"ES", "ET", "CS"}:
            kinds[n] = "ON"
        elif kind in {"L", "R"}:
            strong = kind
        elif kind == "EN" and strong == "L":
            kinds[n] = "L"
    return kinds


def _brackets(text: list[str], given: list[str], kinds: list[str], start: str, own: str) -> None:
    """Rule N0: both brackets of a pair go with what is in them."""
    for opening, closing in _pairs(text, kinds):
        inside = {_strong(kind) for kind in kinds[opening + 1 : closing]} - {""}
        if own in inside:
            chosen = own
        elif inside:
            before = next(filter(None, map(_strong, reversed(kinds[:opening]))), start)
            chosen = before if before in inside else own
        else:
            continue
        for bracket in (opening, closing):
            kinds[bracket] = chosen
            for mark in range(bracket + 1, len(kinds)):
                if given[mark] != "NSM":
                    break
                kinds[mark] = chosen


def _pairs(text: list[str], kinds: list[str]) -> list[tuple[int, int]]:
    """Places of brackets that belong together, by their opening ones (BD16)."""
    from fontTools.unicodedata.Mirrored import MIRRORED  # noqa: PLC0415 - caption files do without

    stack: list[tuple[int, int]] = []
    pairs: list[tuple[int, int]] = []
    for place, character in enumerate(text):
        code = _SAME_BRACKET.get(ord(character), ord(character))
        category = unicodedata.category(character)
        if kinds[place] != "ON" or category not in {"Ps", "Pe"} or ord(character) not in MIRRORED:
            continue
        if category == "Ps":
            if len(stack) == _MOST_BRACKETS:
                return []
            stack.append((_SAME_BRACKET.get(MIRRORED[ord(character)], MIRRORED[ord(character)]), place))
            continue
        for depth in range(len(stack) - 1, -1, -1):
            if stack[depth][0] == code:
                pairs.append((stack[depth][1], place))
                del stack[depth:]
                break
    return sorted(pairs)


def _strong(kind: str) -> str:
    """Numbers count as written from right to left."""
    return {"L": "L", "R": "R", "EN": "R", "AN": "R"}.get(kind, "")


def _neutrals(kinds: list[str], start: str, end: str, own: str) -> None:
    """Rules N1 and N2: as both neighbours go, else as the sequence."""
    n = 0
    while n < len(kinds):
        last = n
        while last < len(kinds) and kinds[last] in _NEUTRAL:
            last += 1
        if last > n:
            before = _strong(kinds[n - 1]) if n else start
            after = _strong(kinds[last]) if last < len(kinds) else end
            kinds[n:last] = [before if before == after else own] * (last - n)
        n = last + 1
