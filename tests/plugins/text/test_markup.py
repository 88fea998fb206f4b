"""The markup filter: what it receives, and what is left to speak."""

from __future__ import annotations

import pytest

from tests.helpers.text.text_filters import filter_text

MARKUP = [
    ("The forecast is **mostly sunny** today", "The forecast is mostly sunny today"),
    ("It is *really* ***very*** warm", "It is really very warm"),
    ("__Note__ that _this_ counts", "Note that this counts"),
    ("**Bold that opens here", "Bold that opens here"),
    ("and closes here.** Fine", "and closes here. Fine"),
    ("# Weather", "Weather"),
    ("### Weather ###", "Weather"),
    ("- milk", "milk"),
    ("* milk\n* eggs", "milk eggs"),
    ("• milk", "milk"),
    ("- [x] water the plants", "water the plants"),
    ("1. Milk", "1. Milk"),
    ("2) Eggs", "2. Eggs"),
    ("> quoted", "quoted"),
    ("See [the manual](https://example.com/a_(b)?c=1 'Title')", "See the manual"),
    ("See [the manual,", "See the manual,"),
    ("part 2](https://example.com) now", "part 2 now"),
    ("See [the manual](https://example.com", "See the manual"),
    ("![A lamp](lamp.png) is on", "A lamp is on"),
    ("As [said][1] before", "As said before"),
    ('[1]: https://example.com "Title"', ""),
    ("It rained [1] a lot[^2].", "It rained a lot."),
    ("It rained【4:0†source】.", "It rained."),
    ("** is on", "is on"),
    ("Use `light` now", "Use light now"),
    ("Use `light,", "Use light,"),
    ("```yaml", ""),
    ("~~~", ""),
    ("---", ""),
    ("| Room | Temperature |", "Room, Temperature"),
    ("|---|:---:|", ""),
    ("| Kitchen,", "Kitchen,"),
    ("~~wrong~~ right", "wrong right"),
    ("~~wrong,", "wrong,"),
    ("Done.<|endoftext|>", "Done."),
    ("<|im_start|>assistant", "assistant"),
    ("<b>Hot</b> and<br/>humid", "Hot and humid"),
    ('<a href="https://example.com">here</a>', "here"),
    ('<a href="https://example.com/a,', ""),
    ('b">here</a>', "here"),
    ("<!-- hidden --> shown", "shown"),
    ("<!-- hidden,", ""),
    ("still --> shown", "shown"),
    ("Jerry&#39;s &quot;cat&quot; &lt;here&gt;", 'Jerry\'s "cat" <here>'),
    (r"a \*star\*", "a star"),
    ("living_room_lamp", "living room lamp"),
    ("  two\n lines \t here ", "two lines here"),
    ("zero\u200bwidth", "zerowidth"),
    ("a < b and c", "a < b and c"),
]


@pytest.mark.parametrize(("written", "expected"), MARKUP)
def test_markup_is_removed_in_every_language(written: str, expected: str) -> None:
    assert filter_text(written, "xx") == expected
