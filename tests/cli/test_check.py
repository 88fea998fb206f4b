"""The report of `wyoming-kokoro check`. The end-to-end tests run the command."""

from __future__ import annotations

from wyoming_kokoro.cli.check import LABELS, describe_missing_extras, format_report


def test_missing_extras_are_named_with_what_they_change() -> None:
    missing = describe_missing_extras({"en-US", "zh-CN"})
    assert missing == {"ja": "kana only, by espeak NG; install the extra `ja`"}
    report = {**dict.fromkeys(LABELS), "other_scripts": missing, "problem": ""}
    assert format_report(report).splitlines()[0] == "Words in other scripts:"


def test_complete_installation_reports_no_missing_extra() -> None:
    assert describe_missing_extras({"en-US", "ja", "zh-CN"}) == {}
