"""Scripts as people have them, with what is to be made of each."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Sample:
    name: str
    form: str
    read_as: str
    """How the notice begins, after "Read as"."""
    script: str
    listing: str
    """What the model is given."""
    left_out: list[str] = field(default_factory=list)
    signs: bool = False
    """Whether signs are left out that are no words."""

    @property
    def tells_of_signs(self) -> bool:
        return bool(self.left_out) or self.signs


SCREENPLAY = Sample(
    "screenplay",
    "screenplay",
    "a screenplay: 8 directions are not spoken (2 scene headings, 3 lines of action, 2 parentheticals, "
    "1 transition), 2 characters speak: ANNA, BEN.",
    """\
INT. LIGHTHOUSE - NIGHT

The lamp turns slowly.

ANNA (V.O.)
(whispering)
Is anybody out there? (It is
cold.)

BEN (CONT'D)
No. Only the sea & me.

Ben leaves.

EXT. CLIFF - CONTINUOUS

A ship answers with its horn.

FADE OUT.
""",
    """\
[[INT. LIGHTHOUSE - NIGHT]]
[[The lamp turns slowly.]]
[[V.O.]]
[[whispering]]
[[ANNA speaks]]
1 Is anybody out there?
2 (It is cold.)

[[BEN speaks]]
3 No.
4 Only the sea & me.
[[Ben leaves.]]
[[EXT. CLIFF - CONTINUOUS]]
[[A ship answers with its horn.]]
[[FADE OUT.]]""",
)

FOUNTAIN = Sample(
    "Fountain",
    "screenplay",
    "a screenplay: 5 directions are not spoken",
    """\
Title: The Light
Author: A. N. Other

1 EXT. HARBOUR - DAWN 1

/* cut this? */
Boats.

@McCoy
Well?

CUT TO:
""",
    """\
[[Title: The Light]]
[[Author: A. N. Other]]
[[1 EXT. HARBOUR - DAWN 1]]
[[Boats.]]
[[McCoy speaks]]
1 Well?
[[CUT TO:]]""",
    ["/* cut this? */"],
)

BOLD_SCREENPLAY = Sample(
    "screenplay in Markdown",
    "screenplay",
    "a screenplay: 4 directions are not spoken",
    "**INT. LIGHTHOUSE – NIGHT**\n\n*The lamp turns.*\n\n**ANNA** (V.O.)\nIs anybody *there*?\n\n"
    "**BEN**\n(beat)\nNo.\n",
    """\
[[INT. LIGHTHOUSE – NIGHT]]
[[The lamp turns.]]
[[V.O.]]
[[ANNA speaks]]
1 Is anybody there?
[[beat]]

[[BEN speaks]]
2 No.""",
    signs=True,
)

STAGE_PLAY = Sample(
    "stage play",
    "screenplay",
    "a screenplay: 1 direction is not spoken (1 line of action), 2 characters speak: ANNA, BEN.",
    "ANNA\nHello.\n\nBEN\nHi.\nIt rains.\n\nHe sits.\n\nANNA\nBye.\n",
    """\
[[ANNA speaks]]
1 Hello.

[[BEN speaks]]
2 Hi.
3 It rains.
[[He sits.]]

[[ANNA speaks]]
4 Bye.""",
)

DIALOGUE = Sample(
    "dialogue",
    "dialogue",
    "dialogue with notes: 4 directions are not spoken (1 stage direction, 1 parenthetical, 1 visual or sound "
    "cue, 1 stage direction in a sentence), 2 characters speak: ANNA, BEN.",
    "ANNA: Hello, who is it?\nBEN: It is me: Ben.\n[Door opens]\nANNA (whispering): Come in.\nSFX: Rain\n"
    "BEN: Thanks (laughs).",
    """\
[[ANNA speaks]]
1 Hello, who is it?
[[BEN speaks]]
2 It is me: Ben.
[[Door opens]]
[[whispering]]
[[ANNA speaks]]
3 Come in.
[[SFX: Rain]]
[[laughs]]
[[BEN speaks]]
4 Thanks.""",
)

NARRATOR = Sample(
    "narrator and visuals",
    "dialogue",
    "dialogue: 2 directions are not spoken (2 visual or sound cues), 1 character speaks: Narrator.",
    "Visual: a grey sea\nNarrator: The sea is old.\n\nIt never sleeps.\n\nMusic: strings\n"
    "Narrator: It waits.",
    """\
[[Visual: a grey sea]]
[[Narrator speaks]]
1 The sea is old.

2 It never sleeps.
[[Music: strings]]

3 It waits.""",
)

CHINESE = Sample(
    "Chinese dialogue",
    "dialogue",
    "dialogue: 3 characters speak: 旁白, 小明, 小红.",
    "旁白：海很大。\n小明：是的。\n小红：真的吗？\n小明：真的。",
    "[[旁白 speaks]]\n1 海很大。\n[[小明 speaks]]\n2 是的。\n"
    "[[小红 speaks]]\n3 真的吗？\n[[小明 speaks]]\n4 真的。",
)

MARKDOWN = Sample(
    "Markdown",
    "markdown",
    "Markdown: 2 directions are not spoken (1 heading, 1 picture).",
    """\
---
title: Sea
---
# The **Sea**

**Waves** roll _in_ every `day`, see [here](https://example.com/a_b_(c) "T").[^1]

![A grey sea](sea.jpg)

- [ ] They carry salt
- They carry sand

---

> The sea is \\*wide\\*.

| tide | time |
|------|------|
| high | noon |

```sh
make sea
```

[^1]: A note.
""",
    """\
[[heading: The Sea]]
1 Waves roll in every day, see here.
[[picture: A grey sea]]

2 They carry salt
3 They carry sand

4 The sea is *wide*.

5 tide, time
6 high, noon""",
    [
        "---\ntitle: Sea\n---",
        '](https://example.com/a_b_(c) "T")',
        "[^1]",
        "```sh\nmake sea\n```",
        "[^1]: A note.",
    ],
)

VIDEO = Sample(
    "video script in Markdown",
    "markdown",
    "Markdown with speakers and notes: 6 directions are not spoken",
    """\
# Why the sea is salty

**[INTRO - 0:00]**

**Narrator:** Have you ever wondered *why*?

[Cut to: wave footage]

**NARRATOR (V.O.):** It rains.

## [00:45] The rivers

**Narrator:** (softly) Rivers carry salt.
""",
    """\
[[heading: Why the sea is salty]]
[[INTRO - 0:00]]
[[Narrator speaks]]
1 Have you ever wondered why?
[[Cut to: wave footage]]
[[V.O.]]

2 It rains.
[[heading: (00:45) The rivers]]
[[softly]]

3 Rivers carry salt.""",
    signs=True,
)

LIST = Sample(
    "list",
    "markdown",
    "Markdown. ",
    "Bring:\n- salt\n- sand and all that you can carry in both of your hands to the shore\n- bread",
    "1 Bring:\n2 salt\n3 sand and all that you can carry in both of your hands to the shore\n4 bread",
    signs=True,
)

SRT = Sample(
    "SRT",
    "subtitles",
    "subtitles: 1 direction is not spoken (1 sound).",
    """\
1
00:00:01,000 --> 00:00:02,000
Hello <i>there</i> and

2
00:00:02,500 --> 00:00:04,000
welcome to
the sea.
[waves]

3
00:00:04,500 --> 00:00:06,000
- Who is it?
- Me.
""",
    "1 Hello there and welcome to the sea.\n[[waves]]\n2 Who is it?\n3 Me.",
    [
        "1\n00:00:01,000 --> 00:00:02,000",
        "2\n00:00:02,500 --> 00:00:04,000",
        "3\n00:00:04,500 --> 00:00:06,000",
    ],
)

VTT = Sample(
    "WebVTT",
    "subtitles",
    "subtitles: 2 characters speak: Anna, Ben.",
    "WEBVTT\nKind: captions\n\nNOTE by hand\n\nfirst\n00:01.000 --> 00:02.000 align:start\n<v Anna>"
    "Hello.</v>\n\n00:02.000 --> 00:03.000\n<v Ben>♪ Bye.</v>\n",
    "[[Anna speaks]]\n1 Hello.\n[[Ben speaks]]\n2 Bye.",
    [
        "WEBVTT\nKind: captions",
        "NOTE by hand",
        "first\n00:01.000 --> 00:02.000 align:start",
        "00:02.000 --> 00:03.000",
    ],
)

HTML = Sample(
    "HTML",
    "html",
    "HTML: 2 directions are not spoken (1 heading, 1 picture).",
    "<h1>The Sea</h1><p>Waves <b>roll</b> &amp; rest.</p><script>alert('x')</script>"
    '<img src="a.jpg" alt="A boat"><ul><li>Salt</li><li>Sand</li></ul>',
    "[[heading: The Sea]]\n1 Waves roll & rest.\n[[picture: A boat]]\n\n2 Salt\n3 Sand",
    ["<script>alert('x')</script>"],
)

SSML = Sample(
    "SSML",
    "html",
    "SSML. ",
    '<speak>Hello there. <break time="500ms"/> The sea is <emphasis level="strong">wide</emphasis>.</speak>',
    "1 Hello there.\n2 The sea is wide.",
    signs=True,
)

TIMES = Sample(
    "timestamps",
    "narration",
    "a narration with notes. ",
    "0:00 The sea rises.\n0:15 The sea falls.\n1:02 The end.",
    "1 The sea rises.\n2 The sea falls.\n3 The end.",
    ["0:00", "0:15", "1:02"],
)

NOTES = Sample(
    "stage directions and ranges",
    "narration",
    "a narration with notes: 3 directions are not spoken (2 stage directions, "
    "1 stage direction in a sentence).",
    "[00:00 - 00:10] The sea [a grey one] rises.\n(MUSIC SWELLS)\nIt falls. (pause) It rises.\n\n"
    "[Slow zoom on\nthe harbour]\nhttps://example.com/source\n",
    "1 The sea [a grey one] rises.\n[[MUSIC SWELLS]]\n2 It falls.\n[[pause]]\n3 It rises.\n"
    "[[Slow zoom on the harbour]]",
    ["[00:00 - 00:10]", "https://example.com/source"],
)

FOOTNOTES = Sample(
    "footnotes",
    "narration",
    "a narration with notes. ",
    "The sea is wide.[1] It is deep[2].\n\n[1] https://example.com/x\n[2] A book",
    "1 The sea is wide.\n2 It is deep.",
    ["[1]", "[2]", "[1] https://example.com/x", "[2] A book"],
)

TRANSCRIPT = Sample(
    "transcript",
    "dialogue",
    "dialogue with notes: 2 characters speak: Speaker 1, Speaker 2.",
    "[00:00:01] Speaker 1: Hello.\n[00:00:04] Speaker 2: Hi there.\n[00:00:07] Speaker 1: Bye.\n",
    "[[Speaker 1 speaks]]\n1 Hello.\n[[Speaker 2 speaks]]\n2 Hi there.\n[[Speaker 1 speaks]]\n3 Bye.",
    ["[00:00:01]", "[00:00:04]", "[00:00:07]"],
)

SCENES = Sample(
    "numbered scenes",
    "narration",
    "a narration with notes: 2 directions are not spoken (2 scene headings).",
    "Scene 1: The Meadow (0:00–0:10)\nThe hive wakes.\n\nSCENE 2\nShe dies.",
    "[[Scene 1: The Meadow (0:00–0:10)]]\n1 The hive wakes.\n[[SCENE 2]]\n\n2 She dies.",
)

TITLE_PAGE = Sample(
    "screenplay with a title page",
    "screenplay",
    "a screenplay: 7 directions are not spoken (3 lines of the title page, 1 transition, 1 scene heading, "
    "1 line of action, 1 parenthetical), 1 character speaks: MIRA.",
    """\
THE LAST FERRY
by
Jane Doe

FADE IN:

1.  EXT. PIER – NIGHT

Rain. MIRA (30s) runs.

                    MIRA
          Six? I can't... Please --
          wait for me!
                    (beat)
          Is there no other way?
                                   (MORE)
""",
    """\
[[THE LAST FERRY]]
[[by]]
[[Jane Doe]]
[[FADE IN:]]
[[1. EXT. PIER – NIGHT]]
[[Rain. MIRA (30s) runs.]]
[[MIRA speaks]]
1 Six?
2 I can't...
3 Please -- wait for me!
[[beat]]
4 Is there no other way?""",
    ["(MORE)"],
)

PODCAST = Sample(
    "podcast",
    "dialogue",
    "dialogue with notes: 5 directions are not spoken",
    """\
HOOK:
HOST: [laughs] Everybody's favourite.
DR. WU: They are! It's 3.8 billion years old.
HOST (reading): "The earth has music."
B-roll of stones
Dr. Wu: That's [the poet] Shakespeare.
(Cut to black.)
""",
    """\
[[heading: HOOK]]
[[laughs]]
[[HOST speaks]]
1 Everybody's favourite.
[[DR. WU speaks]]
2 They are!
3 It's 3.8 billion years old.
[[reading]]
[[HOST speaks]]
4 "The earth has music."
[[B-roll of stones]]
[[DR. WU speaks]]
5 That's [the poet] Shakespeare.
[[Cut to black.]]""",
)

BRACKETS = Sample(
    "directions in brackets of every kind",
    "markdown",
    "Markdown with notes: 6 directions are not spoken (4 stage directions, "
    "2 stage directions in a sentence).",
    "[Wide shot: desert]\nThe desert waits. (pause) It never sleeps.\n{music swells}\n*wind howls*\n"
    "<sigh> We listened.\n(Fade out.)",
    "[[Wide shot: desert]]\n1 The desert waits.\n[[pause]]\n2 It never sleeps.\n[[music swells]]\n"
    "[[wind howls]]\n[[sigh]]\n3 We listened.\n[[Fade out.]]",
)

SOURCES = Sample(
    "list of sources",
    "narration",
    "a narration with notes. ",
    "Honey never spoils.[1] It was found in a tomb² long ago, 5 km² wide.\n\n"
    "Sources:\n[1] Smith, J. (2019).\n2. Ibid.\n* estimated\n",
    "1 Honey never spoils.\n2 It was found in a tomb long ago, 5 km² wide.",
    ["[1]", "²", "Sources:\n[1] Smith, J. (2019).\n2. Ibid.\n* estimated"],
)

SOUNDS = Sample(
    "SRT for those who cannot hear",
    "subtitles",
    "subtitles: 1 direction is not spoken (1 sound), 1 character speaks: MAN.",
    """\
1
00:00:01,000 --> 00:00:02,000
{\\an8}<font color="#ffff00">(door slams)</font>
I waited.

2
00:00:02,500 --> 00:00:04,000
MAN: Sorry, I...
lost track of time.
""",
    "[[door slams]]\n1 I waited.\n[[MAN speaks]]\n2 Sorry, I... lost track of time.",
    ["1\n00:00:01,000 --> 00:00:02,000", "2\n00:00:02,500 --> 00:00:04,000"],
)

PLAY = Sample(
    "printed play",
    "dialogue",
    "dialogue with notes: 4 directions are not spoken (2 headings, 2 stage directions), 3 characters speak",
    "Act I\nScene 1\nA wood. Enter three WITCHES.\n\nFIRST WITCH. When shall we meet?\nIn rain?\n\n"
    "SECOND WITCH. When the battle's lost.\n\nTHIRD WITCH. That will be soon.\n\n[Exeunt.]\n",
    "[[heading: Act I]]\n[[heading: Scene 1]]\n[[A wood. Enter three WITCHES.]]\n[[FIRST WITCH speaks]]\n"
    "1 When shall we meet?\n2 In rain?\n\n[[SECOND WITCH speaks]]\n3 When the battle's lost.\n\n"
    "[[THIRD WITCH speaks]]\n4 That will be soon.\n[[Exeunt.]]",
)

WIDE_BRACKETS = Sample(
    "Chinese with wide brackets",
    "dialogue",
    "dialogue with notes: 2 directions are not spoken (1 stage direction in a sentence, 1 stage direction), "
    "2 characters speak: 旁白, 小明.",
    "旁白：从前有一座灯塔。（停顿）没有人知道。\n【镜头：大海】\n小明：你好！\n旁白：他走了。\n",
    "[[旁白 speaks]]\n1 从前有一座灯塔。\n[[停顿]]\n2 没有人知道。\n[[镜头：大海]]\n[[小明 speaks]]\n"
    "3 你好！\n[[旁白 speaks]]\n4 他走了。",
)

ABOUT = Sample(
    "what kind of film it is to be",
    "markdown",
    "Markdown with notes: 4 directions are not spoken (4 stage directions).",
    'Script for "Tides"\nDuration: 60 seconds\nTone: calm\n\n---\n\n00:00 – 00:10\nThe sea breathes.\n'
    "(Visual: the tide)\n\n00:10 – 00:25\nIt rests.\n",
    '[[Script for "Tides"]]\n[[Duration: 60 seconds]]\n[[Tone: calm]]\n1 The sea breathes.\n'
    "[[Visual: the tide]]\n\n2 It rests.",
    ["00:00 – 00:10", "00:10 – 00:25"],
)

TABLE = Sample(
    "table of pictures and words",
    "markdown",
    "Markdown: 3 directions are not spoken (3 visual or sound cues).",
    "| Time | Visual | Narration |\n|---|:--|---|\n| 0:00 | A **sea** | It is old. |\n| | | It sleeps |\n"
    "| | A gull | |\n",
    "[[0:00]]\n[[A sea]]\n1 It is old.\n2 It sleeps\n[[A gull]]",
    ["| Time | Visual | Narration |"],
)

FORMS = [
    *(TITLE_PAGE, PODCAST, BRACKETS, SOURCES, SOUNDS, TABLE, PLAY, WIDE_BRACKETS, ABOUT),
    *(SCREENPLAY, FOUNTAIN, BOLD_SCREENPLAY, STAGE_PLAY, DIALOGUE, NARRATOR, CHINESE, MARKDOWN, VIDEO, LIST),
    *(SRT, VTT, HTML, SSML, TIMES, NOTES, FOOTNOTES, TRANSCRIPT, SCENES),
]
