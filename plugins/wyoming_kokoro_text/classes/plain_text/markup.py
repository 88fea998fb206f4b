"""Rules that remove Markdown, HTML, tokens of language models, and superfluous whitespace in every language.

A text may be one segment of an answer. Emphasis, links, tags and comments may therefore open in one segment and close
in the next, and the rules clean both halves.
"""

from __future__ import annotations

import html
import re

from wyoming_kokoro_text.classes.patterns import parse_roman
from wyoming_kokoro_text.rules import Rule

_TAGS = "a|b|i|u|s|p|br|hr|em|strong|code|pre|span|div|font|img|sub|sup|mark|small|ul|ol|li|table|tr|td|th|h[1-6]"


def _join_cells(match: re.Match[str]) -> str:
    return ", ".join(filter(None, (cell.strip() for cell in match[1].split("|"))))


# The core has removed reasoning, and most code blocks and comments, because these contain many sentences.
MARKUP = (
    # The beginning may be in the prompt of the model.
    Rule(
        r"(?s:\A.*?(?:</(?:think|thinking|reasoning)>|\[/THINK\]|◁/think▷))",
        "",
        any="Tea?</think>Tea is ready. => Tea is ready.",
    ),
    # The header of a message, with the name of the speaker.
    Rule(
        r"(?:<\|(?:im_start|start|start_header_id|channel)\|>|<start_of_turn>)\s?\w{0,20}",
        " ",
        any=("<|im_start|>assistant\nDone. => Done.", "<start_of_turn>model\nDone.<end_of_turn> => Done."),
    ),
    Rule(r"<[|｜][^|｜<>]{0,40}[|｜]>", " ", any="Done.<|endoftext|> => Done."),
    Rule(r"\[/?INST\]|<</?SYS>>", " ", any="[/INST] Done. => Done."),
    Rule(r"<!--(?:.*?-->|.*$)|^.*?-->", " ", any=("<!-- hidden --> shown => shown", "still --> shown => shown")),
    Rule(
        rf"</?(?:{_TAGS})(?:\s+[\w-]+=[^<>]{{0,200}})?$|^[^<>\"']{{0,200}}[\"']/?>",
        "",
        any=('b">here</a> => here', '<a href="https://example.com/a, => '),
    ),  # A tag that is cut off at either end.
    Rule(
        r"<(?:br|p|li|div|td|th|tr|h[1-6])\b[^<>]{0,200}>",
        " ",
        any=("<b>Hot</b> and<br/>humid => Hot and humid", "<tr><td>A</td><td>B</td></tr> => A B"),
    ),
    Rule(r"<sup>([23])</sup>", lambda match: "²" if match[1] == "2" else "³", en="5 m<sup>2</sup> => 5 square meters"),
    Rule(r"</?[a-zA-Z][\w:.-]*(?:\s[^<>]{0,200})?/?>", "", any='<a href="https://example.com">here</a> => here'),
    Rule(
        r"<(https?://[^<>\s]+|[^<>\s@]{1,80}@[^<>\s@]{1,80})>",
        r"\1",
        any="see <https://example.com> now => see https://example.com now",
        en="ask <anna@example.com> now => ask anna at example dot com now",
    ),
    Rule(
        r"(?is:(?<![`~])(?:`{3,20}|~{3,20})(?!(?:text|txt|plain|markdown|md)\b)[\w+#-][^\n`~]{0,80}\n.*?(?:`{3,}|~{3,}|\Z))",
        " ",
        any="Use this:\n```yaml\nlight:\n```\nThen restart. => Use this: Then restart.",
    ),
    Rule(
        r"^\s*(?:`{3,}|~{3,})[\w+-]*\s*$|`{3,}|~{3,}",
        " ",
        any=("```yaml => ", "~~~ => ", "Run ```sudo reboot``` now => Run sudo reboot now"),
    ),  # A code fence.
    Rule(
        r"\{\{[^{}]{0,200}\}\}|\{%[^{}%]{0,200}%\}", " ", any="It is {{ states('sensor.hall') }}. => It is."
    ),  # A template that was not rendered.
    Rule(
        r"\[\[(?:[^\[\]|]{0,80}\|)?([^\[\]|]{1,80})\]\]",
        r"\1",
        any="[[Kitchen]] and [[Hall|the hall]] => Kitchen and the hall",
    ),
    # The mark of a footnote, and of a note: `> [!WARNING]`.
    Rule(
        r"^(\s*)\[\^?[\w-]{1,20}\]:\s(?!\s*<?http)|\[\^[\w-]{1,20}\](?!:\s?<?http)|^(\s*(?:>\s?)?)\[!\w{1,20}\]",
        lambda match: match[1] or match[2] or "",
        any=(
            "[^note]: It rained. => It rained.",
            "It rained.[^note] => It rained.",
            "> [!NOTE]\n> It rained. => It rained.",
        ),
    ),
    Rule(r"^\s*:{3,}.*$", "", any=":::note\nIt rained.\n::: => It rained."),
    # Not the text of a link, its target or its definition.
    Rule(
        r"(?<![\]=])(?<!\bis)(?<!\bare)(?: ?\[\^?\d{1,3}(?:[,–-] ?\d{1,3}){0,5}\]){1,9}(?!\(|\[|: ?<?http)",
        "",
        any=(
            "It rained [1] a lot[^2]. => It rained a lot.",
            "It rained.[1][2] Then [1, 3-5], it snowed. => It rained. Then, it snowed.",
            "They are [a, b] => They are [a, b]",
        ),
    ),  # A citation.
    Rule(
        r"!?\[([^\[\]]*)\]\((?:[^()\s]|\([^()\s]*\))*(?:\s[^()]*)?\)",
        r"\1",
        any=(
            "See [the manual](https://example.com/a_(b)?c=1 'Title') => See the manual",
            "![A lamp](lamp.png) is on => A lamp is on",
        ),
    ),  # A link or an image.
    Rule(
        r"!?\[([^\[\]]*)\]\[[^\[\]]*\]",
        r"\1",
        any=("As [said][1] before => As said before", "![A lamp][1] is on => A lamp is on"),
    ),
    Rule(
        r"^\s*\[[^\[\]]+\]:\s*<?https?://\S+.*$", "", any='[1]: https://example.com "Title" => '
    ),  # The definition of a reference link.
    Rule(
        r"\]\((?:[^()\s]|\([^()\s]*\))*(?:\s[^()]*)?(?:\)|$)",
        "",
        any=(
            "See [the manual](https://example.com => See the manual",
            "part 2](https://example.com) now => part 2 now",
        ),
    ),  # The second half of a link.
    Rule(r"!?\[(?=[^\[\]]*$)", "", any="See [the manual, => See the manual,"),  # The first half of a link.
    Rule(r"【[^【】]{0,40}】", "", any="It rained【4:0†source】. => It rained."),  # A citation.
    Rule(r"^\s*(?:[-*_]\s*){3,}$", "", any="--- => "),  # A horizontal rule.
    Rule(
        r"(?<![^\s(])\|\|(?=[^\s|])|(?<=[^\s|])\|\|(?![\w|])", "", any="It is ||over|| now => It is over now"
    ),  # A spoiler.
    # The line below a table header.
    Rule(
        r"^[^\S\n]*\|?(?:[^\S\n]*:?-{2,}:?[^\S\n]*\|)+.*$",
        "",
        any=("|---|:---:| => ", "| Room |\n|--|\n| Hall | => Room Hall"),
    ),
    Rule(
        r"^[^\S\n]*\|(.{0,600})\|[^\S\n]*$",
        _join_cells,
        any=("|Room|Temperature| => Room, Temperature", "| | Temperature | | => Temperature"),
    ),
    Rule(r"^\s*\|\s*|\s*\|\s*$", "", any="| Kitchen, => Kitchen,"),
    Rule(
        r"\s+\|\s+|(?<=[\w.!?%°])\|(?=\w)",
        ", ",
        any=("Room | Temperature => Room, Temperature", "|Room|the lamp, => Room, the lamp,"),
    ),
    Rule(r"^\s*(?:>\s?)+", "", any="> quoted => quoted"),
    Rule(r"^\s*#{1,6}\s+|\s+#+\s*$", "", any=("# Weather => Weather", "### Weather ### => Weather")),
    # Only as a whole text, because items of a list may begin with temperatures too.
    Rule(r"\A[-−–] (?=\d{1,3}(?:[.,]\d{1,2})? ?[°℃℉][CF]?[.。]?\Z)", "-", en="- 18 °C => minus 18 degrees Celsius"),
    Rule(
        r"^\s*[-*+•–—‣⁃∙·]\s+(?:\[[ xX]\]\s+)?|^\s*\[[ xX]?\]\s+",
        "",
        any=(
            "- milk => milk",
            "‣ milk => milk",
            "[ ] milk\n[x] eggs => milk eggs",
            "* milk\n* eggs => milk eggs",
            "• milk => milk",
            "- [x] water the plants => water the plants",
        ),
    ),
    Rule(
        r"^(\s*\d{1,3})(?:\)\s|\.(?=[A-Z\u00c0-\u00de\u0900-\u0939\u3040-\u9fff]))",
        r"\1. ",
        any=("2) Eggs => 2. Eggs", "2.Eggs => 2. Eggs"),
    ),
    Rule(
        r"^(\s*)\(?(i{1,3}|i[vx]|vi{0,3}|x)[.)]\s+(?=\S)",
        lambda match: f"{match[1]}{parse_roman(match[2].upper())}. ",
        en="ii. Milk\niii) Eggs => 2. Milk 3. Eggs",
    ),
    # The name of the letter, not the article.
    Rule(
        r"^(\s*)(?:\(?([a-zA-Z])\)|([aA])\.)\s+(?=\S)(?!(?<=[cC]\)\s)\d)",
        lambda match: f"{match[1]}{(match[2] or match[3]).upper()}, ",
        any=("a) Milk\n(b) Eggs => A, Milk B, Eggs", "A. Milk => A, Milk"),
    ),
    # Marked text, and letters below and above the line.
    Rule(
        r"(?<![^\s(])==(?=[^\s=])|(?<=[^\s=])==(?![\w=])|(?<=\w)~(\w{1,3})~|(?<=\w)(\^\w{1,3})\^",
        lambda match: match[1] or match[2] or "",
        en="It is ==now== H~2~O x^2^ => It is now H 2 O x squared",
    ),
    Rule(r"\\$", "", any="one\\\ntwo => one two"),
    Rule(r"\\([\\`*_{}\[\]()#+.!|<>~-])", r"\1", any="a \\*star\\* => a star"),
    Rule(r"`+([^`]*)`+", r"\1", any="Use `light` now => Use light now"),
    Rule(r"~~", "", any=("~~wrong~~ right => wrong right", "~~wrong, => wrong,")),
    Rule(
        r"(?<!\w)_{1,3}(?=\S)(.{1,200}?)(?<=\S)_{1,3}(?!\w)",
        r"\1",
        any="__Note__ that _this_ counts => Note that this counts",
    ),
    Rule(r"(?<!\S)(?:\*{2,3}|_{2,3})(?!\S)", "", any="** is on => is on"),
    Rule(
        r"(?<![A-Za-z\d*.])\d{1,9}(?:[.,]\d{1,6})?(?:\*{1,2}\d{1,9}(?:[.,]\d{1,6})?){1,9}(?![A-Za-z\d*])",
        lambda match: match[0].replace("**", "^").replace("*", " * "),
        en="3*4*5 is 60, 2**8 is 256 => 3 times 4 times 5 is 60, 2 to the power of 8 is 256",
    ),
    Rule(
        r"\*+(?=\S)|(?<=\S)\*+",
        "",
        any=(
            "The forecast is **mostly sunny** today => The forecast is mostly sunny today",
            "It is *really* ***very*** warm => It is really very warm",
            "**Bold that opens here => Bold that opens here",
            "and closes here.** Fine => and closes here. Fine",
        ),
    ),  # Emphasis, also where its other end is in another segment.
    Rule(r"(?<!\w)_+(?=\w)|(?<=\w)_+(?!\w)|`", "", any="Use `light, => Use light,"),
    Rule(
        r"(?<=\w)_(?=\w)",
        " ",
        en="binary_sensor.front_door and input_boolean.guests => binary sensor front door and input boolean guests",
        any="living_room_lamp => living room lamp",
    ),
    Rule(
        r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|\w{2,8});",
        lambda match: html.unescape(match[0]),
        any='Jerry&#39;s &quot;cat&quot; &lt;here&gt; => Jerry\'s "cat" <here>',
    ),
)

WHITESPACE = (
    Rule(r"\s?(?:[→⇒\u2794\u2798-\u27af]\ufe0f?|->|=>)\s?", ", ", any="A → B, 5 → 6 => A, B, 5, 6"),
    Rule(r"^\s*,\s*", "", any="➡️ Turn left => Turn left"),
    Rule(
        r"\s+",
        " ",
        any=("Good morning 🌤️ sunshine => Good morning sunshine", "  two\n lines \t here  => two lines here"),
    ),
    Rule(r" +([,.!?;:…])(?=\s|$)", r"\1", any="Done ✅! => Done!"),
    Rule(r"^ | $", "", any=("👨\u200d👩\u200d👧 🇩🇪 ❤️ => ", "<!-- hidden, => ")),
)
