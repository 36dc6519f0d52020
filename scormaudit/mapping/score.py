"""Scores: numbers in one spelling, and the scaled score that SCORM 1.2 does not have."""

import re
from decimal import ROUND_HALF_UP, Decimal

_DECIMAL = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_LONGEST = 40


def number(text: str | None) -> Decimal | None:
    """A CMIDecimal exactly; None where it is blank, absent, illegal or beyond reason."""
    plain = text is not None and len(text) <= _LONGEST and _DECIMAL.fullmatch(text)
    return Decimal(text or "") if plain else None


def spelled(value: Decimal) -> str:
    """A number as JSON and SCORM 2004 write it: `5` for `5.`, `0.5` for `.5`, no exponent."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def scaled(raw: Decimal, least: Decimal | None, most: Decimal | None) -> Decimal | None:
    """The raw score between -1 and 1, to seven decimals; None where it lies beyond its bounds.

    With a maximum it is the share of the way from the minimum (0 where there is none); without
    one the raw score is the percentage that SCORM 1.2 says it is (RTE 3-27).
    """
    low, high = least or Decimal(0), Decimal(100) if most is None else most
    if not low <= raw <= high or low == high:
        return None
    share = (raw - low) / (high - low)
    return share.quantize(Decimal("0.0000001"), ROUND_HALF_UP)
