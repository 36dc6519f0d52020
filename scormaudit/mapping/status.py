"""One status of SCORM 1.2 as the two that every later standard has, there and back."""

from collections.abc import Mapping

PAIRS: Mapping[str, tuple[str, str]] = {
    "passed": ("completed", "passed"),
    "completed": ("completed", "unknown"),
    "failed": ("completed", "failed"),
    "incomplete": ("incomplete", "unknown"),
    "not attempted": ("not attempted", "unknown"),
    "browsed": ("unknown", "unknown"),
}
"""Completion and success. Who passed or failed is taken to have completed the lesson (RTE 3-25);
`browsed` says neither, and is the only word that the target has no pair of its own for."""

_WORDS = {pair: word for word, pair in PAIRS.items()}


def single(completion: str, success: str) -> str | None:
    """The one status of a pair; None for a pair that SCORM 1.2 cannot say."""
    return _WORDS.get((completion, success))
