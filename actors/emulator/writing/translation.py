"""Words in another language, part by part: no translation, but text in that language's own words and letters.

The emulator understands nothing. It puts words of the language in the place of words, one for one, always the
same for the same, and keeps sentences, figures and names where they stand; so that a demo looks and sounds
like a film in the language, and nobody takes it for more. Languages without a list here get their letters
from a related one, or the old words read backwards.
"""

import re
from typing import Any
from zlib import crc32

from actors.emulator.writing.language import STOP_SETS, is_unspaced
from actors.emulator.writing.prompt_parser import Material

_WORDS: dict[str, str] = {
    "ar": "البحر الليل الضوء الطريق القلب السماء المدينة الريح النهر الصباح الحجر الباب الزمن "
    "الشجرة الصوت العالم الحلم الجبل القمر الأرض يمضي يرى يعود يسمع يبقى ينظر جديد هادئ "
    "بعيد صغير",
    "he": "הים הלילה האור הדרך הלב השמיים העיר הרוח הנהר הבוקר האבן הדלת הזמן העץ הקול העולם "
    "החלום ההר הירח הארץ הולך רואה חוזר שומע נשאר מביט חדש שקט רחוק קטן",
    "fa": "دریا شب نور راه دل آسمان شهر باد رود صبح سنگ در زمان درخت صدا جهان رؤیا کوه ماه "
    "زمین می‌رود می‌بیند برمی‌گردد می‌شنود می‌ماند تازه آرام دور کوچک پنجره",
    "ja": "海 夜 光 道 心 空 町 風 川 朝 石 扉 時 木 声 世界 夢 山 月 大地 歩く 見る 帰る 聞く "
    "残る 新しい 静かな 遠い 小さな 窓",
    "zh": "大海 夜晚 光芒 道路 心灵 天空 城市 微风 河流 清晨 石头 大门 时间 树木 声音 世界 "
    "梦想 高山 月亮 大地 走过 看见 归来 听见 留下 崭新 安静 遥远 小小 窗前",
    "ko": "바다 밤 빛 길 마음 하늘 도시 바람 강 아침 돌 문 시간 나무 소리 세계 꿈 산 달 땅 "
    "걷는다 본다 돌아온다 듣는다 남는다 새로운 고요한 먼 작은 창문",
    "ru": "море ночь свет дорога сердце небо город ветер река утро камень дверь время дерево "
    "голос мир мечта гора луна земля идёт видит возвращается слышит остаётся новый тихий "
    "далёкий малый окно",
    "uk": "море ніч світло дорога серце небо місто вітер річка ранок камінь двері час дерево "
    "голос світ мрія гора місяць земля іде бачить вертається чує лишається новий тихий "
    "далекий малий вікно",
    "el": "θάλασσα νύχτα φως δρόμος καρδιά ουρανός πόλη άνεμος ποτάμι πρωί πέτρα πόρτα χρόνος "
    "δέντρο φωνή κόσμος όνειρο βουνό φεγγάρι γη πηγαίνει βλέπει γυρίζει ακούει μένει νέο "
    "ήσυχο μακρινό μικρό παράθυρο",
    "hi": "समुद्र रात रोशनी रास्ता दिल आकाश शहर हवा नदी सुबह पत्थर दरवाज़ा समय पेड़ आवाज़ "
    "दुनिया सपना पहाड़ चाँद धरती चलता देखता लौटता सुनता रहता नया शांत दूर छोटा खिड़की",
    "bn": "সমুদ্র রাত আলো পথ হৃদয় আকাশ শহর বাতাস নদী সকাল পাথর দরজা সময় গাছ শব্দ পৃথিবী "
    "স্বপ্ন পাহাড় চাঁদ মাটি যায় দেখে ফেরে শোনে থাকে নতুন শান্ত দূর ছোট জানালা",
    "ta": "கடல் இரவு ஒளி வழி இதயம் வானம் நகரம் காற்று ஆறு காலை கல் கதவு நேரம் மரம் குரல் உலகம் "
    "கனவு மலை நிலா நிலம் செல்கிறது பார்க்கிறது திரும்புகிறது கேட்கிறது புதிய அமைதி தூரம் "
    "சிறிய",
    "th": "ทะเล กลางคืน แสง ถนน หัวใจ ท้องฟ้า เมือง ลม แม่น้ำ เช้า หิน ประตู เวลา ต้นไม้ เสียง "
    "โลก ความฝัน ภูเขา ดวงจันทร์ แผ่นดิน เดิน เห็น กลับ ได้ยิน ใหม่ เงียบ ไกล เล็ก",
    "de": "Meer Nacht Licht Weg Herz Himmel Stadt Wind Fluss Morgen Stein Tür Zeit Baum Stimme "
    "Welt Traum Berg Mond Erde geht sieht kehrt hört bleibt neu still fern klein Fenster",
    "fr": "mer nuit lumière chemin cœur ciel ville vent rivière matin pierre porte temps arbre "
    "voix monde rêve montagne lune terre marche voit revient écoute reste nouveau calme "
    "lointain petit fenêtre",
    "es": "mar noche luz camino corazón cielo ciudad viento río mañana piedra puerta tiempo "
    "árbol voz mundo sueño montaña luna tierra camina mira vuelve escucha queda nuevo "
    "tranquilo lejano pequeño ventana",
    "it": "mare notte luce strada cuore cielo città vento fiume mattina pietra porta tempo "
    "albero voce mondo sogno monte luna terra cammina vede torna ascolta resta nuovo "
    "calmo lontano piccolo finestra",
    "pt": "mar noite luz caminho coração céu cidade vento rio manhã pedra porta tempo árvore "
    "voz mundo sonho montanha lua terra anda vê volta escuta fica novo calmo distante "
    "pequeno janela",
    "nl": "zee nacht licht weg hart hemel stad wind rivier ochtend steen deur tijd boom stem "
    "wereld droom berg maan aarde gaat ziet keert hoort blijft nieuw stil ver klein "
    "venster",
    "en": "sea night light road heart sky city wind river morning stone door time tree voice "
    "world dream mountain moon earth walks sees returns hears stays new quiet distant "
    "small window",
}
_RELATED = {
    "ur": "fa",
    "ps": "fa",
    "yi": "he",
    "be": "uk",
    "bg": "ru",
    "sr": "ru",
    "mr": "hi",
    "ne": "hi",
    "yue": "zh",
}
_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_NUMBERED = re.compile(r"^\s*(\d+)\.(\d+)(?: \([^)\n]*\))? (.*\S)\s*$", re.MULTILINE)
_SIGNS = {"ar": (",;?", "،؛؟"), "ja": (",.?!;:", "、。？！、、"), "zh": (",.?!;:", "，。？！；：")}
_SIGNS |= {"fa": _SIGNS["ar"], "ur": _SIGNS["ar"], "yue": _SIGNS["zh"]}
_SHORT = 3


def translation(given: Material) -> dict[str, Any]:
    """The document: every part that the material lists, title and names."""
    language = (given.language or "en").split("-", maxsplit=1)[0].lower()
    names = [name for name in given.names if name]
    kept = {word.lower() for name in names for word in _WORD.findall(name) if word[:1].isupper()}
    return {
        "title": _in(given.title or "", language, kept) or "…",
        "names": [{"name": name, "written": name} for name in names],
        "parts": [
            {"scene": int(scene), "part": int(part), "text": _in(text, language, kept)}
            for scene, part, text in _NUMBERED.findall(given.parts or "")
        ],
    }


def _in(text: str, language: str, kept: set[str]) -> str:
    known = _WORDS.get(language) or _WORDS.get(_RELATED.get(language, ""), "")
    words, small = known.split(), sorted(STOP_SETS.get(language, ()))

    def other(found: re.Match[str]) -> str:
        word = found[0]
        if word.lower() in kept and word[:1].isupper():
            return word
        number = crc32(word.lower().encode())
        if len(word) <= _SHORT and small and not is_unspaced(language):
            said = small[number % len(small)]
        else:
            said = words[number % len(words)] if words else word[::-1].lower()
        opens = not text[: found.start()].rstrip() or text[: found.start()].rstrip()[-1] in ".!?…"
        return said[:1].upper() + said[1:] if opens else said

    if is_unspaced(language):
        text = text.replace('"', "")  # they have quotation marks of their own
    written = _WORD.sub(other, text).translate(str.maketrans(*_SIGNS.get(language, ("", ""))))
    return re.sub(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])", "", written) if is_unspaced(language) else written
