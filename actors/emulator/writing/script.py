"""Writes a script on a topic: plain sentences around the topic's own words, as many as are asked for.

Nothing here knows a fact. The sentences say what can be said of anything, and name things that can be drawn,
so that the demo's film looks like one about the topic; the same prompt always gives the same script.
"""

import re
from typing import Any

from actors.emulator.vocabulary.word_patterns import words as listed
from actors.emulator.writing.language import STOP_SETS, detect
from actors.emulator.writing.prompt_parser import Material
from actors.emulator.writing.sentences import content_words, count_words

USUAL_SENTENCES = 11
"""A minute."""
A_PARAGRAPH = 4
A_BREATH = 12
"""Words of a sentence that is nothing else."""
TOPIC_WORDS = 5
"""Of a longer topic these are named."""
LONGEST_TOPIC = 40

_QUESTIONS = frozenset(
    listed("why how what who when where which warum wie pourquoi comment cómo perché waarom")
)
_OPENING, _CLOSING = "opening", "closing"
_SENTENCES: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "en": (
        {
            _OPENING: "Imagine {topic}, on a quiet morning by the sea.",
            _CLOSING: "So look twice, and let {topic} surprise you.",
            "source": "An encyclopaedia, under “{topic}”",
        },
        (
            "Long before anybody wrote it down, people watched the sky and wondered about {word}.",
            "Look closely at {word}, and you will see how much of it is still hidden.",
            "In a small village by the river, an old woman tells of {word} every evening.",
            "Some say that {word} and {other} belong together, as the sea belongs to the shore.",
            "At first light, when the streets are empty, {word} shows what it is made of.",
            "Nobody learns of {word} in a day; it takes patience and good questions.",
            "A traveller once crossed the mountains to find out what {word} means to others.",
            "What seems simple from afar turns out, up close, to be a forest of {word}.",
            "In a library of the old city, a single page explains {word} with one drawing.",
            "Children ask about {word} first, and their questions are often the best ones.",
            "Under the stars {word} looks smaller, and yet it touches every one of us.",
            "Today we know more of {word} than ever, and still the next question waits.",
        ),
    ),
    "de": (
        {
            _OPENING: "Denk an {topic}, an einem stillen Morgen am Meer.",
            _CLOSING: "Sieh zweimal hin, und {topic} wird dich überraschen.",
            "source": "Ein Lexikon, unter „{topic}“",
        },
        (
            "Lange bevor es jemand aufschrieb, sahen die Menschen in den Himmel und dachten an {word}.",
            "Wer genau auf {word} achtet, der sieht, wie viel davon noch im Verborgenen liegt.",
            "In einem kleinen Dorf am Fluss erzählt eine alte Frau jeden Abend von {word}.",
            "Manche sagen, dass {word} und {other} zusammengehören wie das Meer und die Küste.",
            "Am frühen Morgen, wenn die Straßen leer sind, sieht {word} ganz anders aus.",
            "Niemand versteht {word} an einem Tag; es braucht Geduld und die richtigen Fragen.",
        ),
    ),
    "fr": (
        {
            _OPENING: "Imaginez {topic}, un matin calme au bord de la mer.",
            _CLOSING: "Regardez deux fois : {topic} est plein de merveilles.",
            "source": "Une encyclopédie, à l’article « {topic} »",
        },
        (
            "Bien avant les livres, les gens regardaient le ciel et pensaient à {word}.",
            "Regardez bien {word}, et vous verrez tout ce qui est encore caché dans la forêt.",
            "Dans un petit village sur la rivière, une femme parle de {word} le soir.",
            "On dit que {word} et {other} vont ensemble, comme la mer et le rivage.",
            "Le matin, quand les rues sont vides, {word} se montre sous un autre jour.",
            "Personne ne comprend {word} en un jour ; il faut de la patience.",
        ),
    ),
    "es": (
        {
            _OPENING: "Imagina {topic}, una mañana tranquila junto al mar.",
            _CLOSING: "Mira dos veces: {topic} está lleno de sorpresas.",
            "source": "Una enciclopedia, en el artículo «{topic}»",
        },
        (
            "Mucho antes de los libros, la gente miraba el cielo y se preguntaba por {word}.",
            "Mira bien {word}, y verás todo lo que hay todavía escondido en el bosque.",
            "En un pequeño pueblo junto al río, una mujer habla de {word} cada noche.",
            "Se dice que {word} y {other} van juntos, como el mar y la costa.",
            "Por la mañana, cuando las calles están vacías, {word} se muestra de otra manera.",
            "Nadie comprende {word} en un día; hace falta paciencia y buenas preguntas.",
        ),
    ),
    "it": (
        {
            _OPENING: "Immagina {topic}, una mattina tranquilla in riva al mare.",
            _CLOSING: "Guarda due volte: {topic} è pieno di sorprese.",
            "source": "Un’enciclopedia, alla voce «{topic}»",
        },
        (
            "Molto prima dei libri, la gente guardava il cielo e si chiedeva che cosa sia {word}.",
            "Guarda bene {word}, e vedrai quanto è ancora nascosto nella foresta.",
            "In un piccolo villaggio sul fiume, una vecchia signora parla di {word} ogni sera.",
            "Si dice che {word} e {other} vadano insieme, come il mare e la riva.",
            "La mattina, quando le strade sono vuote, {word} si mostra in un altro modo.",
            "Nessuno capisce {word} in un giorno; ci vogliono pazienza e buone domande.",
        ),
    ),
    "pt": (
        {
            _OPENING: "Imagine {topic}, numa manhã calma à beira do mar.",
            _CLOSING: "Olhe duas vezes: {topic} está cheio de surpresas.",
            "source": "Uma enciclopédia, no artigo «{topic}»",
        },
        (
            "Muito antes dos livros, as pessoas olhavam para o céu e pensavam em {word}.",
            "Olhe bem para {word}, e verá tudo o que ainda está escondido na floresta.",
            "Numa pequena aldeia junto ao rio, uma velha senhora fala de {word} todas as noites.",
            "Dizem que {word} e {other} andam juntos, como o mar e a costa.",
            "De manhã, quando as ruas estão vazias, {word} mostra-se de outra maneira.",
            "Ninguém compreende {word} num dia; é preciso paciência e boas perguntas.",
        ),
    ),
    "nl": (
        {
            _OPENING: "Denk aan {topic}, op een stille ochtend aan zee.",
            _CLOSING: "Kijk twee keer: {topic} is vol van wonderen.",
            "source": "Een encyclopedie, onder “{topic}”",
        },
        (
            "Lang voor er boeken waren dachten de mensen onder de hemel aan {word}.",
            "Kijk goed naar {word}, en je ziet hoe veel er nog in het bos verborgen is.",
            "In een klein dorp aan de rivier vertelt een oude vrouw elke avond over {word}.",
            "Men zegt dat {word} en {other} bij elkaar horen, zoals de zee bij de kust.",
            "In de ochtend, als de straten leeg zijn, ziet {word} er anders uit.",
            "Niemand begrijpt {word} in een dag; het vraagt geduld en goede vragen.",
        ),
    ),
}


def written_script(given: Material) -> dict[str, Any]:
    """A script on the topic of a prompt, and where its facts are said to be from."""
    about = given.topic or given.script.strip()
    language = (given.language or detect(about)).split("-", maxsplit=1)[0].lower()
    topic, words = _named(about), _words(about)
    count = given.sentence_count or USUAL_SENTENCES
    if language not in _SENTENCES:
        return _in_its_own_words(topic, words, count)
    frame, middle = _SENTENCES[language]
    sentences = [frame[_OPENING].format(topic=topic)]
    for n in range(count - 2):
        turn = n // len(middle)
        word, other = words[(n + turn) % len(words)], words[(n + turn + 1) % len(words)]
        sentences.append(middle[n % len(middle)].format(word=word, other=other))
    if count > 1:
        sentences.append(frame[_CLOSING].format(topic=topic))
    sources = [{"fact": sentences[min(1, count - 1)], "source": frame["source"].format(topic=topic)}]
    return {"paragraphs": _paragraphs(sentences), "sources": sources}


def _in_its_own_words(topic: str, words: list[str], count: int) -> dict[str, Any]:
    """In a language of which no sentence is known here: the topic's words, turned about."""
    turned = [words[n % len(words) :] + words[: n % len(words)] for n in range(count)]
    sentences = [f"{', '.join(_for_a_breath(turn))}.".capitalize() for turn in turned]
    return {"paragraphs": _paragraphs(sentences), "sources": [{"fact": topic, "source": topic}]}


def _for_a_breath(words: list[str]) -> list[str]:
    """These words, again and again, for about five seconds."""
    taken: list[str] = []
    while sum(count_words(word) for word in taken) < A_BREATH:
        taken.append(words[len(taken) % len(words)])
    return taken


def _paragraphs(sentences: list[str]) -> list[str]:
    return [
        " ".join(sentences[start : start + A_PARAGRAPH]) for start in range(0, len(sentences), A_PARAGRAPH)
    ]


def _named(about: str) -> str:
    """The topic in few words: its first clause, without what ends it."""
    clause = re.split(r"[.!?\n:;。！？]", about.strip(), maxsplit=1)[0].strip() or about.strip()
    topic = " ".join(clause.split()[:TOPIC_WORDS])[:LONGEST_TOPIC].strip(" ,")
    # It comes to stand inside a sentence.
    begins = topic.split(maxsplit=1)[0].lower() if topic else ""
    return (
        topic[:1].lower() + topic[1:]
        if begins in STOP_SETS.get(detect(about), frozenset()) | _QUESTIONS
        else topic
    )


def _words(about: str) -> list[str]:
    """What it is about, word by word; each once."""
    found = dict.fromkeys(content_words(about, detect(about)))
    return [word for word in found if word not in _QUESTIONS][:12] or [_named(about)]
