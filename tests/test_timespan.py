"""Timespans: what is legal, how long it is, and what can be respelt without doubt."""

import pytest
from hypothesis import given
from strategies import iso_durations, legal_timespans, texts, unpadded_timespans

from scormaudit.timespan import centiseconds, respell, spell


@given(legal_timespans())
def test_legal_timespan_has_its_length(pair):
    """A legal timespan is worth exactly its hours, minutes, seconds and hundredths."""
    text, length = pair
    assert length == centiseconds(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "0:05:00", "00:5:00", "00:05:0", "00000:00:00", "00:00", "00:00:00.", "00:00:00.123",
        "00:00:00,5", "-00:00:01", " 00:00:01", "00:00:01\n", "٠٠:٠٠:٠١", "PT1S", "00:00:00.5s",
    ],
)  # fmt: skip
def test_illegal_timespan_has_no_length(text):
    """A timespan with one character out of place has no length."""
    assert centiseconds(text) is None


@pytest.mark.parametrize("text", ["00:99:99", "0000:00:00.5", "9999:59:59.99", "00:00:00.05"])
def test_legal_timespan_is_left_alone(text):
    """What is legal keeps its spelling, be it unusual."""
    assert text == respell(text)


@given(legal_timespans() | unpadded_timespans() | iso_durations())
def test_respelling_is_legal_and_keeps_the_length(pair):
    """What is respelt is legal and exactly as long as it was."""
    text, length = pair
    assert length == centiseconds(respell(text))


@given(texts)
def test_respelling_any_text_is_idempotent(text):
    """Whatever a learner record holds, respelling gives nothing, or what stays as it is."""
    legal = respell(text)
    assert legal is None or (centiseconds(legal) is not None and legal == respell(legal))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0:05:00", "00:05:00"),
        ("1:2:3.4", "01:02:03.4"),
        (" 0012:00:00\n", "0012:00:00"),
        ("PT1H30M", "01:30:00"),
        ("PT90M", "01:30:00"),
        ("PT1.5S", "00:00:01.50"),
        ("P2DT1S", "48:00:01"),
        ("PT0S", "00:00:00"),
    ],
)
def test_respelling_by_example(text, expected):
    """Missing zeros, blanks around it and ISO 8601 are mended; `.4` stays `.4`."""
    assert expected == respell(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "5:00", "00:05", "90", "12.5", "P", "PT", "P1DT", "P1Y", "P1M", "P1W", "-PT5S", "pt5s",
        "PT1.234S", "PT1.5H", "PT,5S", "PT10000H", "P417D", "00000:00:00", "1:2:3:4", "1h 5m",
        "PT٣S", "P" + "9" * 5000 + "D", "9" * 5000 + ":00:00",
    ],
)  # fmt: skip
def test_doubtful_timespans_are_not_respelt(text):
    """Where the length is not beyond doubt, or has no legal spelling, nothing is proposed."""
    assert respell(text) is None


@given(legal_timespans())
def test_spelling_a_length_gives_it_back(pair):
    """A length below 10,000 hours survives being spelt, one beyond has no spelling."""
    _, length = pair
    if length < 10_000 * 360_000:
        assert length == centiseconds(spell(length) or "")
    assert spell(length + 10_000 * 360_000) is None
