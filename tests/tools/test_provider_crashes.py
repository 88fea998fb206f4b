"""How the tool tells a leak from a connection that is closing."""

from __future__ import annotations

from tools.providers.provider_crashes import has_grown


def test_only_a_lasting_growth_is_a_leak() -> None:
    assert not has_grown([17] * 10 + [18])
    assert not has_grown([18, 17, 17, 18, 17, 18, 18, 17, 18])
    assert has_grown([17 + number // 4 for number in range(20)])
