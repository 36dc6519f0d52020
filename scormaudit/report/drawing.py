"""Whole charts as SVG for a page of any colours: they take its ink, and each number is written.

A column of the table is a panel of its own with its name above it, so that no colour has to be
told from another. Reader software gets a title and a sentence; whoever shows a chart puts the
table beside it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import chain
from math import ceil

import pandas as pd

from scormaudit.report.chart import MARKS
from scormaudit.report.lettering import coded

FILL = {"error": "#d6453d", "warning": "#b57700", "info": "#4a86d8"}
"""A colour for each severity that stands out from light and from dark alike."""

_OTHER = "#4a86d8"
_WIDTH, _LETTER = 720, 6.9
_TITLE, _HEAD, _ROW, _GAP = 30, 24, 24, 24
_BETWEEN = 28
_LABELS = 260
_HEIGHT, _FOOT, _MARGIN, _WIDE = 76, 22, 24, 96


@dataclass(frozen=True, slots=True)
class Line:
    """What is said of a border between columns, and how many of them stand before it."""

    words: str
    after: int


def bars(table: pd.DataFrame, title: str) -> str:
    """A row a row: its name, and in each panel a bar with its number; one scale for all panels.

    Of numbers that are not greater than zero only the text is shown, of NaN nothing.
    """
    names = [_cut(str(name), _LABELS) for name in table.index]
    left = min(_LABELS, _LETTER * max(map(len, names), default=0) + 12)
    panel = (_WIDTH - left) / max(len(table.columns), 1)
    room = panel - _GAP - _LETTER * max(map(len, _numbers(table)), default=1)
    top, most = _TITLE + _HEAD, _most(table)
    parts = [_words(0, top + _ROW * at + 16, name) for at, name in enumerate(names)]
    for at, kind in enumerate(table.columns):
        x = left + panel * at
        parts += [_name(x, _TITLE + 14, str(kind)), _rail(x, top, x, top + _ROW * len(table))]
        for row, number in enumerate(table.iloc[:, at]):
            parts += _bar(x, top + _ROW * row, number / most * room, str(kind), spelled(number))
    return _picture(title, _told(table), top + _ROW * len(table) + 4, parts)


def columns(table: pd.DataFrame, title: str, line: Line | None = None) -> str:
    """A column a row, the panels below one another, and a line where the caller wants one.

    `table` is as for `bars`. Of names that would touch every second, third, … is written, and
    of such numbers the greatest of each panel.
    """
    step = min(_WIDE, (_WIDTH - 2 * _MARGIN) / max(len(table), 1))
    panel = _BETWEEN + _HEIGHT
    foot = _TITLE + panel * len(table.columns)
    grounds = range(_TITLE + panel, foot + 1, panel)
    room, most = _HEIGHT - 28, _most(table)
    parts = _below(table, foot, step)
    for ground, kind in zip(grounds, table.columns, strict=True):
        parts += [
            _name(0, ground - _HEIGHT - 8, str(kind)),
            _rail(0, ground, 2 * _MARGIN + step * len(table), ground),
        ]
        said = _said(table[kind], step)
        for at, number in enumerate(table[kind]):
            block = (_MARGIN + step * at, ground, step, number / most * room)
            parts += _column(block, str(kind), said.get(at, ""))
    if line:
        parts += _border(_MARGIN + step * line.after, grounds, line.words)
    about = _told(table) + (f" A line stands at {coded(line.words)}." if line else "")
    return _picture(title, about, foot + _FOOT, parts)


def spelled(number: float) -> str:
    """A number as a chart writes it; nothing for NaN."""
    return "" if pd.isna(number) else f"{number:,.10g}"


def _below(table: pd.DataFrame, foot: float, step: float) -> list[str]:
    """The rows' names, or as many as do not touch."""
    names = [_cut(str(name), _WIDE) for name in table.index]
    every = ceil(_LETTER * (max(map(len, names), default=0) + 1) / step)
    return [
        _words(_MARGIN + step * (at + 0.5), foot + 16, name, "middle")
        for at, name in enumerate(names)
        if at % every == 0
    ]


def _said(numbers: pd.Series, step: float) -> dict[int, str]:
    """The numbers by their place; the greatest alone where they would touch."""
    said = dict(enumerate(map(spelled, numbers)))
    if step >= _LETTER * max(map(len, said.values()), default=0):
        return said
    first = int(numbers.fillna(0).to_numpy().argmax())
    return {first: said[first]}


def _picture(title: str, about: str, height: float, parts: Iterable[str]) -> str:
    named = escape(coded(title))
    return (
        f'<svg role="img" viewBox="0 0 {_WIDTH} {height:g}" font-size="12" fill="currentColor" '
        f'font-family="system-ui, sans-serif" '
        f'style="display:block; width:100%; max-width:{_WIDTH}px; height:auto">'
        f"<title>{named}</title><desc>{escape(about)}</desc>"
        f'<text y="15" font-size="14" font-weight="600">{named}</text>{"".join(parts)}</svg>'
    )


def _told(table: pd.DataFrame) -> str:
    """What each panel adds up to, and where most of it is."""
    told = []
    for kind in table.columns:
        own = table[kind].dropna()
        if len(own) and own.max() > 0:
            most = f"most in {coded(str(own.idxmax()))} ({spelled(own.max())})"
            told.append(f"{coded(str(kind))}: {spelled(own.sum())} in all, {most}.")
    return " ".join(told) or "There is nothing to show."


def _bar(x: float, y: float, width: float, kind: str, said: str) -> Sequence[str]:
    width = max(2, width) if width > 0 else 0
    return _block(x, y + 5, width, 14, kind), _words(x + width + 5, y + 16, said)


def _column(block: tuple[float, float, float, float], kind: str, said: str) -> Sequence[str]:
    """Where it begins, its ground, how much room it has, how high it is; and its number."""
    x, ground, step, height = block
    height = max(2, height) if height > 0 else 0
    inset = step * 0.12
    return (
        _block(x + inset, ground - height, step - 2 * inset, height, kind),
        _words(x + step / 2, ground - height - 4, said, "middle"),
    )


def _border(x: float, grounds: Sequence[int], words: str) -> Sequence[str]:
    """A line through each panel, and its words beside it on the side that has room."""
    said = coded(words)
    end = x + 5 + _LETTER * len(said) > _WIDTH
    drawn = "".join(f"M{x:.5g} {ground - _HEIGHT}v{_HEIGHT}" for ground in grounds)
    return (
        f'<path d="{drawn}" stroke="currentColor" stroke-width="1.5" stroke-dasharray="4 3"/>',
        _words(x - 5 if end else x + 5, grounds[0] - _HEIGHT + 8, said, "end" if end else ""),
    )


def _block(x: float, y: float, width: float, height: float, kind: str) -> str:
    if not width or not height:
        return ""
    return (
        f'<rect x="{x:.5g}" y="{y:.5g}" width="{width:.5g}" height="{height:.5g}" '
        f'fill="{FILL.get(kind, _OTHER)}"/>'
    )


def _name(x: float, y: float, kind: str) -> str:
    """A panel's name, after its mark where it is a severity."""
    if kind not in FILL:
        return _words(x, y, _cut(kind, _LABELS), weight=600)
    drawn = f'<g transform="translate({x:.5g} {y - 10:.5g}) scale(.7)" fill="{FILL[kind]}">'
    return f"{drawn}{MARKS[kind]}</g>{_words(x + 16, y, kind, weight=600)}"


def _rail(x: float, y: float, to_x: float, to_y: float) -> str:
    return (
        f'<path d="M{x:.5g} {y:.5g}L{to_x:.5g} {to_y:.5g}" stroke="currentColor" '
        'stroke-opacity=".45"/>'
    )


def _words(x: float, y: float, words: str, anchor: str = "", weight: int = 0) -> str:
    """A text as it is: cut and made visible already, escaped here."""
    if not words:
        return ""
    facts = f' text-anchor="{anchor}"' * bool(anchor) + f' font-weight="{weight}"' * bool(weight)
    return f'<text x="{x:.5g}" y="{y:.5g}"{facts}>{escape(words)}</text>'


def _cut(words: str, room: float) -> str:
    shown, most = coded(words), int(room / _LETTER)
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def _numbers(table: pd.DataFrame) -> list[str]:
    return [spelled(number) for number in chain.from_iterable(table.to_numpy().tolist())]


def _most(table: pd.DataFrame) -> float:
    """The greatest number, or 1 where there is none, so that one may divide by it."""
    return max((n for n in chain.from_iterable(table.to_numpy().tolist()) if n > 0), default=1)
