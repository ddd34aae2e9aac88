"""The words that tell mood, hour and weather, of several languages side by side."""

from collections.abc import Mapping

MOODS: Mapping[str, str] = {
    "hopeful": "hope hopeful future dawn sunrise begin beginning new imagine inspire "
    "inspires tomorrow "
    "promise light bright rise welcome create "
    "creativity possible esperanza futuro amanecer espoir avenir aube hoffnung zukunft "
    "speranza 希望 未来 "
    "أمل आशा надежда",
    "serene": "serene calm quiet peaceful peace gentle silence soft slow rest tranquil "
    "clear tranquilo "
    "paz paisible calme ruhig stille "
    "sereno 静か 平和 安静 هدوء शांत тихо",
    "joyful": "joy joyful happy laugh laughed laughter celebrate dance play smile fun "
    "bright alegría "
    "feliz joie heureux freude glücklich gioia 喜び "
    "快乐 فرح खुशी радость",
    "tense": "storm danger fear dark war fight run escape alarm threat lost crash scream "
    "battle tormenta "
    "peligro miedo tempête danger peur sturm "
    "gefahr angst tempesta 嵐 危険 恐怖 عاصفة خطر तूफान буря страх",
    "melancholic": "alone lonely loss sad tears grief goodbye empty old forgotten gone "
    "fade grey rain "
    "solo triste adiós seul triste adieu allein "
    "traurig einsam solitudine 悲しい 孤独 悲伤 حزن उदास грусть",
    "mysterious": "mystery mysterious secret hidden strange shadow whisper unknown fog "
    "mist ancient "
    "ghost misterio secreto mystère secret geheimnis "
    "mistero 謎 秘密 神秘 سر रहस्य тайна",
    "epic": "great vast mighty hero heroes kingdom thunder rocket launch universe history "
    "conquer summit "
    "courage brave grande héroe immense héros "
    "eroe 英雄 伟大 بطل वीर герой",
    "tender": "love heart mother father child children family home warm hand friend friends kind "
    "grandmother amor corazón madre amour coeur mère liebe "
    "herz mutter amore 愛 心 母 爱 حب प्यार माँ любовь",
    "energetic": "fast speed energy vibrant city neon race power dynamic drive electric "
    "pulse rapid "
    "energía vitesse énergie energie schnell velocità "
    "スピード 速度 سرعة गति скорость",
}

HOURS: Mapping[str, str] = {
    "dawn": "dawn sunrise morning daybreak early amanecer mañana aube matin morgen alba "
    "manhã 朝 夜明け 日の出 早晨 黎明 فجر صباح בוקר שחר "
    "सुबह утро",
    "day": "day noon midday bright daylight sunny afternoon día jour giorno dia "
    "昼 太陽 白天 太阳 نهار יום दिन день",
    "dusk": "dusk sunset evening twilight atardecer tarde crépuscule soir abend dämmerung "
    "tramonto sera "
    "夕 夕暮れ 黄昏 غروب مساء ערב शाम вечер закат",
    "night": "night midnight dark stars moon moonlight neon noche nuit nacht notte "
    "noite 夜 晚 ليل לילה रात ночь",
}

WEATHERS: Mapping[str, str] = {
    "rain": "rain rainy raining storm stormy thunder lluvia pluie regen pioggia chuva 雨 嵐 مطر बारिश дождь",
    "snow": "snow snowy winter ice frozen nieve neige schnee neve 雪 冬 ثلج बर्फ снег",
    "mist": "mist misty fog foggy haze hazy niebla brume brouillard nebel nebbia névoa 霧 "
    "雾 ضباب कोहरा туман",
}
