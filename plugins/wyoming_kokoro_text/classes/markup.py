"""Rules that remove Markdown, HTML, tokens of language models, and superfluous whitespace in every language.

A text may be one segment of an answer. Emphasis, links, tags and comments may therefore open in one segment and close
in the next, and the rules clean both halves.
"""

from __future__ import annotations

import html

from wyoming_kokoro_text.rules import Rule

_TAGS = "a|b|i|u|s|p|br|hr|em|strong|code|pre|span|div|font|img|sub|sup|mark|small|ul|ol|li|table|tr|td|th|h[1-6]"

MARKUP = (
    Rule(
        r"<\|[^|<>]{0,40}\|>", " ", any=("Done.<|endoftext|> => Done.", "<|im_start|>assistant => assistant")
    ),  # <|endoftext|>
    Rule(r"<!--(?:.*?-->|.*$)|^.*?-->", " ", any=("<!-- hidden --> shown => shown", "still --> shown => shown")),
    Rule(
        rf"</?(?:{_TAGS})(?:\s+[\w-]+=[^<>]{{0,200}})?$|^[^<>\"']{{0,200}}[\"']/?>",
        "",
        any=('b">here</a> => here', '<a href="https://example.com/a, => '),
    ),  # A tag that is cut off at either end.
    Rule(r"<(?:br|p|li|div|tr|h[1-6])\b[^<>]{0,200}>", " ", any="<b>Hot</b> and<br/>humid => Hot and humid"),
    Rule(r"</?[a-zA-Z][a-zA-Z0-9-]*(?:\s[^<>]{0,200})?/?>", "", any='<a href="https://example.com">here</a> => here'),
    Rule(r"<(https?://[^<>\s]+)>", r"\1", any="see <https://example.com> now => see https://example.com now"),
    Rule(r"(?:`{3,}|~{3,})\w*", " ", any=("```yaml => ", "~~~ => ")),  # A code fence.
    # Not the text of a link, its target or its definition.
    Rule(
        r"(?<!\])(?: ?\[\^?\d{1,3}(?:[,–-] ?\d{1,3}){0,5}\]){1,9}(?!\(|\[|: ?<?http)",
        "",
        needs="[",
        any=(
            "It rained [1] a lot[^2]. => It rained a lot.",
            "It rained.[1][2] Then [1, 3-5], it snowed. => It rained. Then, it snowed.",
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
    Rule(r"\[([^\[\]]*)\]\[[^\[\]]*\]", r"\1", any="As [said][1] before => As said before"),
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
    Rule(r"^\s*\|?(?:\s*:?-{3,}:?\s*\|)+.*$", "", any="|---|:---:| => "),  # The line below a table header.
    Rule(r"^\s*\|\s*|\s*\|\s*$", "", any="| Kitchen, => Kitchen,"),
    Rule(r"\s+\|\s+", ", ", any="| Room | Temperature | => Room, Temperature"),
    Rule(r"^\s*(?:>\s?)+", "", any="> quoted => quoted"),
    Rule(r"^\s*#{1,6}\s+|\s+#+\s*$", "", any=("# Weather => Weather", "### Weather ### => Weather")),
    # Only as a whole text, because items of a list may begin with temperatures too.
    Rule(
        r"\A[-−–] (?=\d{1,3}(?:[.,]\d{1,2})? ?[°℃℉][CF]?[.。]?\Z)",
        "-",
        needs="°℃℉",
        en="- 18 °C => minus 18 degrees Celsius",
    ),
    Rule(
        r"^\s*[-*+•–—]\s+(?:\[[ xX]\]\s+)?",
        "",
        any=(
            "- milk => milk",
            "* milk\n* eggs => milk eggs",
            "• milk => milk",
            "- [x] water the plants => water the plants",
        ),
    ),
    Rule(r"^(\s*\d{1,3})\)\s", r"\1. ", any="2) Eggs => 2. Eggs"),
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
        needs="*",
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
    ),  # living_room
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
