"""What a view is made of: sentences, lists and tables as HTML, all of it escaped."""

from collections.abc import Iterable, Sequence

from scormaudit.report.markup import prose, text

_PARAGRAPH = "margin:.5em 0; max-width:64em"
_CELL = "padding:.25em .75em; vertical-align:top; white-space:normal; text-align:"


class Html(str):
    """Text that is HTML already; any other text is escaped."""

    __slots__ = ()


class Count(int):
    """One of many numbers that were counted: with commas, none as a dot."""

    def __str__(self) -> str:
        return f"{int(self):,}" if self else "·"


def html(thing: object) -> Html:
    """Anything as HTML: what is not is escaped."""
    return thing if isinstance(thing, Html) else Html(text(str(thing)))


def strong(words: str) -> Html:
    """Words that weigh more; nothing for none."""
    return Html(f"<strong>{text(words)}</strong>" if words else "")


def code(words: str) -> Html:
    """Escaped words, with `code` in code."""
    return Html(prose(words))


def view(*parts: str) -> Html:
    """Blocks as they are, sentences as paragraphs, nothing for what is blank."""
    blocks = (
        part if part.startswith("<div") else f'<p style="{_PARAGRAPH}">{part}</p>'
        for part in map(html, parts)
        if part
    )
    return Html(f"<div>{''.join(blocks)}</div>")


def listed(head: str, items: Iterable[str]) -> Html:
    """Items below their head; nothing where there is none."""
    lines = "".join(f"<li>{html(item)}</li>" for item in items)
    return Html(f'<div style="margin:.5em 0">{text(head)}<ul style="margin:0">{lines}</ul></div>'
                if lines else "")  # fmt: skip


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Html:
    """A table whose numbers stand right; it scrolls by itself where it is too wide."""
    rows = list(rows)
    if not rows:
        return Html("")
    sides = ["right" if isinstance(cell, int) else "left" for cell in rows[0]]
    head = _row("th", heads, sides)
    body = "".join(_row("td", row, sides) for row in rows)
    return Html(
        '<div style="overflow-x:auto; margin:.5em 0"><table style="margin:0; table-layout:auto">'
        f"<thead>{head}</thead><tbody>{body}</tbody></table></div>"
    )


def _row(tag: str, cells: Iterable[object], sides: Iterable[str]) -> str:
    made = (
        f'<{tag} style="{_CELL}{side}">{html(cell)}</{tag}>'
        for cell, side in zip(cells, sides, strict=True)
    )
    return f"<tr>{''.join(made)}</tr>"
