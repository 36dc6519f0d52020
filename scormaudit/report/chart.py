"""Small charts as SVG that stands in the page; what they show is always beside them as text."""

from collections.abc import Iterable

MARKS = {
    "error": '<path d="M8 0a8 8 0 1 0 0 16A8 8 0 0 0 8 0zM4.5 6 6 4.5l2 2 2-2L11.5 6l-2 2 2 2'
    'L10 11.5l-2-2-2 2L4.5 10l2-2z"/>',
    "warning": '<path d="M8 1 .5 15h15zM7 6h2v4H7zm0 5h2v2H7z" fill-rule="evenodd"/>',
    "info": '<path d="M8 0a8 8 0 1 0 0 16A8 8 0 0 0 8 0zM7 3h2v2H7zm0 4h2v6H7z" '
    'fill-rule="evenodd"/>',
    "held": '<path d="m2 8 2-2 3 3 6-6 2 2-8 8z"/>',
    "crashed": '<path d="M0 0h16v16H0zm3 3v2h10V3zm0 4v2h7V7z" fill-rule="evenodd"/>',
    "unknown": '<path d="M2 7h12v2H2z"/>',
}


def symbols() -> str:
    """The marks once, for `mark` to refer to."""
    drawn = "".join(
        f'<symbol id="m-{name}" viewBox="0 0 16 16">{path}</symbol>' for name, path in MARKS.items()
    )
    return f'<svg class="symbols" aria-hidden="true">{drawn}</svg>'


def mark(name: str) -> str:
    """A mark whose outline, not only its colour, says what it stands for."""
    return f'<svg class="mark {name}" aria-hidden="true"><use href="#m-{name}"/></svg>'


def bar(share: float, kind: str) -> str:
    """A share from 0 to 1 as a bar; what is not nothing is seen."""
    width = max(1.5, 100 * min(share, 1)) if share > 0 else 0
    return (
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<path class="rail" d="M0 0h100v8H0z"/><path class="{kind}" d="M0 0h{width:.4g}v8H0z"/>'
        "</svg>"
    )


def stack(parts: Iterable[tuple[str, int]]) -> str:
    """Counts beside one another in one bar, each of a kind, with a gap between them."""
    parts = [(kind, number) for kind, number in parts if number]
    total, drawn, at = sum(number for _, number in parts), [], 0.0
    for place, (kind, number) in enumerate(parts, 1):
        width = 100 * number / total
        seen = max(0.5, width - 0.4 * (place < len(parts)))
        drawn.append(f'<path class="{kind}" d="M{at:.4g} 0h{seen:.4g}v8h-{seen:.4g}z"/>')
        at += width
    return (
        '<svg class="bar wide" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f"{''.join(drawn)}</svg>"
    )


def warmth(share: float, kind: str) -> str:
    """The ground of a cell, the more opaque the greater a share from 0 to 1."""
    opacity = 0.12 + 0.38 * min(share, 1) ** 0.5
    return (
        f'<svg class="heat" aria-hidden="true"><rect class="{kind}" width="100%" height="100%" '
        f'fill-opacity="{opacity:.2g}"/></svg>'
    )
