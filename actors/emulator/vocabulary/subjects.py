"""What can be drawn, and the words that call for it.

Words of several languages stand side by side: a script in Spanish should look as apt as one in English.
"""

from collections.abc import Mapping
from typing import NamedTuple

from actors.emulator.vocabulary.word_patterns import words


class Subject(NamedTuple):
    """Something that can be drawn: the words that call for it, and phrases that describe it."""

    words: str
    phrases: tuple[str, ...]
    setting: str


SUBJECTS: Mapping[str, Subject] = {
    "lighthouse": Subject(
        "lighthouse keeper beacon faro phare leuchtturm farol 灯台 灯塔 منارة מגדלור प्रकाशस्तंभ маяк",
        ("a lighthouse on a rocky headland, its beam sweeping over the sea",),
        "a rocky coast",
    ),
    "sea": Subject(
        "sea ocean wave waves tide surf salt shore coast mar océano ola olas mer océan "
        "vagues meer ozean "
        "wellen mare onda ondas 海 波 "
        "海洋 بحر أمواج ים גלים समुद्र सागर море океан",
        ("the open sea with long rolling waves and a path of light on the water",),
        "the open sea",
    ),
    "ship": Subject(
        "ship ships boat boats sail sails sailor sailors captain harbour harbor fishing "
        "fisherman "
        "fishermen vessel voyage anchor barco "
        "barcos vela marinero bateau voile marin schiff boot segel barca nave navio 船 "
        "سفينة قارب قوارب قواربهم ميناء صياد صيادون صيادين אונייה ספינה סירה סירות נמל जहाज नाव корабль",
        ("a sailing ship under full sail on a wide sea",),
        "a harbour and the sea",
    ),
    "island": Subject(
        "island islands beach palm palms tropical lagoon isla playa palmera île plage "
        "insel strand isola "
        "spiaggia ilha praia 島 岛 "
        "جزيرة شاطئ אי חוף द्वीप остров",
        ("a small island with palms above a turquoise lagoon",),
        "a tropical island",
    ),
    "underwater": Subject(
        "underwater whale whales fish coral reef diver dive deep dolphin submarine ballena "
        "peces coral "
        "baleine poisson wal fische "
        "balena baleia 魚 鯨 鱼 حوت أسماك לווייתן דגים मछली кит",
        ("deep under water, rays of light falling past a great whale",),
        "under the sea",
    ),
    "lake": Subject(
        "lake lakes pond mirror mirrored reflecting reflection lago lac étang weiher "
        "spiegel 湖 池 بحيرة אגם "
        "झील озеро",
        ("a still lake mirroring the hills and the sky",),
        "a quiet lake",
    ),
    "river": Subject(
        "river rivers stream streams brook waterfall canyon flood río ríos cascada rivière "
        "fleuve "
        "cascade fluss bach wasserfall fiume rio "
        "川 河 瀑布 滝 نهر נהר नदी река",
        ("a river winding through a green valley to the horizon",),
        "a river valley",
    ),
    "mountains": Subject(
        "mountain mountains peak peaks summit alpine cliff ridge climb climber vista "
        "vistas montaña "
        "montañas cumbre montagne montagnes "
        "sommet berg berge gipfel montagna montanha 山 جبل جبال הר הרים पहाड़ पर्वत гора горы",
        ("mountain ridges layer behind layer in the haze",),
        "high mountains",
    ),
    "hills": Subject(
        "hill hills meadow meadows valley countryside pasture sheep shepherd landscape "
        "landscapes "
        "rolling colina colinas valle prado "
        "colline vallée pré hügel tal wiese 丘 谷 草原 تلال وادي גבעה גבעות עמק घाटी холм",
        ("rolling hills with a lone tree under a wide sky",),
        "rolling country",
    ),
    "forest": Subject(
        "forest forests wood woods tree trees pine pines path paths trail grove jungle "
        "leaves bosque "
        "árbol árboles sendero forêt arbre "
        "arbres sentier wald baum bäume pfad foresta albero floresta árvore 森 木 林 森林 غابة غابات "
        "أشجار יער עצים "
        "شجرة जंगल "
        "पेड़ वन лес дерево",
        ("a path into a tall forest with shafts of light between the trunks",),
        "a deep forest",
    ),
    "field": Subject(
        "field fields wheat harvest farm farmer farmers grain crop crops corn barley campo "
        "campos trigo "
        "cosecha champ champs blé "
        "récolte ferme feld felder weizen ernte grano campagna colheita 畑 田 麦 农 حقل حقول فلاح "
        "قمح שדה שדות חיטה खेत "
        "किसान поле",
        ("a golden field of wheat moving in the wind",),
        "farmland",
    ),
    "garden": Subject(
        "garden gardens flower flowers blossom blossoms rose roses bloom seed seeds petals "
        "butterfly bee "
        "bees jardín flor flores jardin "
        "fleur fleurs garten blume blumen giardino fiori jardim 花 庭 园 桜 حديقة زهرة زهور "
        "أزهار גן פרח פרחים फूल "
        "बगीचा сад цветы",
        ("a garden full of flowers in bloom",),
        "a garden",
    ),
    "desert": Subject(
        "desert deserts dune dunes sand sands camel caravan oasis pyramid desierto désert "
        "sable wüste "
        "sand deserto sabbia "
        "砂漠 沙漠 صحراء رمال كثبان جمل מדבר חול रेगिस्तान пустыня",
        ("great dunes of sand with knife-sharp crests",),
        "the desert",
    ),
    "village": Subject(
        "village villages cottage house houses home homes town roof roofs chimney snow "
        "snowy winter "
        "grandmother grandfather family pueblo "
        "aldea casa hogar nieve maison neige dorf haus schnee villaggio neve vila 村 家 雪 "
        "قرية بيت بيوت כפר בית בתים שלג गाँव "
        "गांव घर деревня дом снег",
        ("a small village with lit windows and smoke rising from the chimneys",),
        "a village",
    ),
    "castle": Subject(
        "castle king queen knight prince princess dragon kingdom throne tale castillo rey "
        "reina château "
        "roi reine schloss könig burg "
        "castello castelo 城 王 قلعة ملك ملكة טירה מלך מלכה राजा महल замок король",
        ("a castle on a rock above the mist",),
        "a kingdom of old",
    ),
    "skyline": Subject(
        "city cities cityscape cityscapes neon skyline metropolis downtown urban ciudad "
        "ciudades ville "
        "villes stadt städte città cidade "
        "都市 城市 街 مدينة עיר शहर город",
        ("a night skyline with neon signs glowing over the water",),
        "a great city",
    ),
    "towers": Subject(
        "tower towers glass skyscraper skyscrapers building buildings architecture bank "
        "company business "
        "economy torre torres rascacielos "
        "edificio gratte-ciel tour immeuble hochhaus turm gebäude palazzo prédio 塔 ビル 大楼 "
        "برج इमारत "
        "здание башня",
        ("glass towers rising into a bright sky",),
        "a business district",
    ),
    "street": Subject(
        "street streets rain rainy umbrella avenue alley pavement lamps taxi traffic car "
        "cars calle "
        "calles lluvia rue pluie straße strassen "
        "regen strada pioggia rua chuva 雨 通り 道路 شارع مطر רחוב גשם सड़क बारिश улица дождь",
        ("a street in the rain at night, lamps mirrored in the wet pavement",),
        "city streets",
    ),
    "bridge": Subject(
        "bridge bridges span crossing connect connects connected connection together "
        "puente pont brücke "
        "ponte 橋 桥 جسر גשר पुल мост",
        ("a long suspension bridge reaching into the mist",),
        "a great bridge",
    ),
    "train": Subject(
        "train trains railway rail station locomotive track tracks traveller travellers "
        "passengers "
        "journey tren ferrocarril viaje gare "
        "voyage zug bahn bahnhof reise treno viaggio trem viagem 電車 列車 火车 旅 قطار רכבת रेलगाड़ी поезд",
        ("a train crossing the evening country, its windows lit",),
        "a railway",
    ),
    "workspace": Subject(
        "workspace workspaces office offices studio desk desks team teams collaborative "
        "collaborate "
        "collaboration design designers laptop "
        "computer computers meeting work workers school teacher student students classroom "
        "oficina "
        "equipo escuela bureau équipe école "
        "büro arbeit schule ufficio lavoro escritório 仕事 学校 办公室 مكتب مدرسة משרד कार्यालय स्कूल "
        "офис школа",
        ("a bright workspace with long desks and tall windows",),
        "a modern studio",
    ),
    "library": Subject(
        "library book books page pages shelf shelves read reading reader writer write "
        "letter letters "
        "poem history biblioteca libro libros "
        "bibliothèque livre livres bibliothek buch bücher livro 本 図書館 书 图书馆 كتاب كتب "
        "مكتبة ספר ספרים ספרייה "
        "किताब पुस्तक книга",
        ("an old library with tall shelves of books and a warm lamp",),
        "a library",
    ),
    "table": Subject(
        "coffee cup tea bread kitchen breakfast cook cooking food recipe bakery baker café "
        "cafe cocina "
        "cuisine pain küche brot cucina "
        "pane cozinha pão 料理 お茶 咖啡 茶 قهوة خبز مطبخ קפה לחם מטבח चाय रोटी кухня хлеб чай",
        ("a table by a window with a steaming cup in the morning light",),
        "a kitchen",
    ),
    "workshop": Subject(
        "workshop clock clocks watchmaker time hour hours gears craft craftsman tools "
        "machine machines "
        "invention inventor taller reloj tiempo "
        "horloge temps atelier uhr zeit werkstatt orologio tempo relógio 時計 時間 时间 钟 ساعة שעון זמן "
        "وقت घड़ी समय "
        "часы время",
        ("the face and gears of a great clock, brass catching the light",),
        "a clockmaker's workshop",
    ),
    "stage": Subject(
        "music concert stage crowd song songs sing singer dance dancer audience spotlight "
        "theatre "
        "theater guitar piano violin música concierto "
        "canción musique concert scène chanson musik bühne lied musica palco 音楽 舞台 音乐 "
        "موسيقى أغنية מוזיקה שיר संगीत "
        "музыка сцена",
        ("a stage in beams of light before a waiting crowd",),
        "a concert hall",
    ),
    "network": Subject(
        "technology technologies digital data network networks internet algorithm "
        "algorithms code "
        "software future innovation innovative "
        "artificial intelligence robot robots ai science scientist laboratory tecnología "
        "digital datos "
        "futuro technologie numérique données "
        "avenir technologie daten zukunft tecnologia dados 技術 未来 科技 数据 تكنولوجيا مستقبل "
        "טכנולוגיה עתיד "
        "तकनीक भविष्य "
        "технология будущее",
        ("a luminous network of light, nodes and threads reaching over the horizon",),
        "a digital landscape",
    ),
    "rocket": Subject(
        "rocket rockets launch launches spacecraft spaceship astronaut astronauts "
        "countdown engine "
        "engines liftoff cohete nave astronauta "
        "fusée astronaute rakete raumschiff razzo foguete ロケット 宇宙船 火箭 صاروخ טיל רקטה रॉकेट ракета",
        ("a rocket rising on a column of fire",),
        "a launch site",
    ),
    "planet": Subject(
        "planet planets space orbit mars galaxy galaxies earth universe cosmos saturn "
        "jupiter world "
        "worlds planeta espacio universo tierra "
        "planète espace univers terre weltraum erde welt pianeta spazio terra espaço 惑星 宇宙 "
        "地球 星球 كوكب חלל "
        "الفضاء ग्रह अंतरिक्ष पृथ्वी "
        "планета космос",
        ("a ringed planet over a strange horizon",),
        "outer space",
    ),
    "stars": Subject(
        "star stars starlight constellation astronomer telescope milky night moon "
        "moonlight dream dreams "
        "estrella estrellas noche luna sueño "
        "étoile étoiles nuit lune rêve stern sterne nacht mond traum stella notte sogno "
        "estrela noite "
        "lua 星 夜 月 夢 梦 نجوم نجمة ليل قمر כוכבים כוכב לילה ירח "
        "तारे रात चाँद звезда ночь луна",
        ("a sky crowded with stars, the milky way over dark hills",),
        "under the night sky",
    ),
    "balloons": Subject(
        "balloon balloons sky skies cloud clouds flight fly flying wings bird birds wind "
        "air freedom "
        "globo cielo nubes vuelo pájaro ciel nuage "
        "oiseau liberté ballon himmel wolken vogel freiheit cielo nuvole uccello céu nuvem "
        "空 雲 鳥 天空 云 鸟 "
        "سماء طائر طيور שמיים ציפור ציפורים ענן आकाश बादल पक्षी "
        "небо облако птица",
        ("hot-air balloons drifting through high clouds",),
        "high in the air",
    ),
    "campfire": Subject(
        "fire campfire flame flames tent camp storyteller storytellers stories story tell "
        "fuego hoguera "
        "feu feuer lagerfeuer zelt fuoco fogo "
        "火 焚き火 篝火 نار מדורה אש आग костёр огонь",
        ("a campfire with sparks rising among dark trees",),
        "a camp in the wild",
    ),
    "market": Subject(
        "market markets bazaar stalls lantern lanterns festival celebration merchant trade "
        "people "
        "mercado fiesta marché fête markt fest "
        "mercato festa 市場 祭り 市场 سوق تجار توابل שוק רוכלים बाज़ार त्योहार рынок праздник",
        ("a night market under strings of glowing lanterns",),
        "a market square",
    ),
}

WORLDS = tuple(
    frozenset(words(names))
    for names in (
        "lighthouse sea ship island underwater village campfire stars table",
        "hills mountains lake river forest field garden village train campfire castle balloons",
        "skyline towers street bridge market train workspace stage table library",
        "planet stars rocket network desert mountains",
        "network workspace towers library skyline bridge",
        "table library workshop garden village campfire",
    )
)
"""Subjects that are met in one story: a scene that names none gets one of its neighbour's world."""

ROLES = words(
    "keeper girl boy woman man captain child doctor nurse teacher king queen knight farmer "
    "astronaut "
    "pilot fisherman sailor "
    "grandmother grandfather mother father engineer scientist astronomer painter musician "
    "baker writer "
    "traveller shepherd "
    "inventor detective dancer singer soldier student robot wizard princess prince "
    "gardener watchmaker"
)
"""People who may stand in a picture."""
