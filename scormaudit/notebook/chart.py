"""Charts that show themselves: the drawing, and folded below it the table for every reader."""

from dataclasses import dataclass, field
from functools import partial

import pandas as pd

from scormaudit.report import drawing
from scormaudit.report.drawing import spelled
from scormaudit.report.markup import text

_CELL = "padding:.25em .75em; text-align:"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Chart:
    """Numbers that were drawn; as text it is its table."""

    title: str
    numbers: pd.DataFrame
    svg: str = field(default="")

    def _repr_html_(self) -> str:
        body = "".join(
            _row(str(name), list(map(spelled, numbers)))
            for name, *numbers in self.numbers.itertuples(name=None)
        )
        head = "".join(_cell("th", "right", str(name)) for name in self.numbers.columns)
        return (
            f'<div style="margin:.75em 0">{self.svg}<details style="margin:.25em 0">'
            f"<summary>{text(self.title)}, as a table</summary>"
            f'<div style="overflow-x:auto"><table style="margin:0"><thead><tr><td></td>{head}</tr>'
            f"</thead><tbody>{body}</tbody></table></div></details></div>"
        )

    def __repr__(self) -> str:
        return f"{self.title}\n{self.numbers.to_string()}"


def bars(numbers: pd.DataFrame | pd.Series, title: str) -> Chart:
    """A bar for each cell: a row a row, a column a panel of its own, one scale for all.

    A column that is called after a severity has its mark and its colour. A number that is not
    greater than zero has no bar, and NaN is left out.
    """
    table = _table(numbers)
    return Chart(title, table, drawing.bars(table, title))


def columns(
    numbers: pd.DataFrame | pd.Series, title: str, line: tuple[str, int] | None = None
) -> Chart:
    """As `bars`, but upright, for rows that follow one another: months, or classes of a number.

    `line` draws one: its words, and how many rows stand before it.
    """
    table = _table(numbers)
    drawn = partial(drawing.columns, line=drawing.Line(*line)) if line else drawing.columns
    return Chart(title, table, drawn(table, title))


def _table(numbers: pd.DataFrame | pd.Series) -> pd.DataFrame:
    """A frame whose axes have no names, which nobody gave who made it by a crosstab."""
    table = numbers.to_frame() if isinstance(numbers, pd.Series) else numbers
    return table.rename_axis(index=None, columns=None)


def _row(name: str, numbers: list[str]) -> str:
    cells = "".join(_cell("td", "right", number) for number in numbers)
    return f"<tr>{_cell('th', 'left', name)}{cells}</tr>"


def _cell(tag: str, side: str, words: str) -> str:
    return f'<{tag} style="{_CELL}{side}">{text(words)}</{tag}>'
