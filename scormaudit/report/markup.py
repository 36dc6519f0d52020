"""Words on their way into a page: counted, escaped, and with nothing hidden in them."""

from html import escape


def many(number: int, word: str) -> str:
    """`1 record`, `2 records`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def counted(number: int, word: str) -> str:
    """`1 record`, `2,000 records`: as `many`, for numbers that a person reads at leisure."""
    return many(number, word).replace(str(number), f"{number:,}", 1)


def text(words: str) -> str:
    """Escaped, and what is not printable as codes: no mark may turn the line around."""
    return escape("".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in words))


def prose(words: str) -> str:
    """Escaped text with `code` in code."""
    parts = text(words).split("`")
    return "".join(f"<code>{p}</code>" if i % 2 else p for i, p in enumerate(parts))


def visible(words: str) -> str:
    """A learner's text in quotes on one line, control characters as codes, cut visibly."""
    shown = repr(words)
    return shown if len(shown) <= 60 else f"{shown[:40]}… ({len(words)} characters)"
