"""Charts as SVG: every number is written, every panel named, and nothing foreign is a tag."""

from xml.etree import ElementTree as ET

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scormaudit.report.drawing import FILL, Line, bars, columns

SVG = "{http://www.w3.org/2000/svg}"
DRAW = (bars, columns)
NUMBERS = st.integers(0, 10**7) | st.floats(0, 1e6) | st.just(float("nan"))


def parsed(svg):
    """The drawing as a tree; what is no XML fails."""
    return ET.fromstring(svg.replace("<svg ", f'<svg xmlns="{SVG[1:-1]}" ', 1))


def texts(svg):
    """All texts that are seen, in order."""
    return [node.text for node in parsed(svg).iter(f"{SVG}text")]


def blocks(svg):
    """Width and height of each bar."""
    rects = parsed(svg).iter(f"{SVG}rect")
    return [(float(rect.get("width")), float(rect.get("height"))) for rect in rects]


@pytest.fixture
def months():
    """Two severities in three months."""
    return pd.DataFrame(
        {"error": [1, 4, 0], "warning": [2, 0, 1]}, index=["2026-01", "2026-02", "2026-03"]
    )


@pytest.mark.parametrize("draw", DRAW)
def test_every_name_and_number_is_written(draw, months):
    """Whoever sees no colour and no length reads title, rows, panels and each number."""
    said = texts(draw(months, "By month"))
    expected = sorted(["By month", *months.index, "error", "warning", *"140201"])
    assert expected == sorted(said)


@pytest.mark.parametrize("draw", DRAW)
def test_who_hears_it_is_told_the_most(draw, months):
    """Title and description name the chart, what each panel adds up to, and where most is."""
    tree = parsed(draw(months, "By month"))
    assert "img" == tree.get("role")
    assert ["By month"] == [node.text for node in tree.findall(f"{SVG}title")]
    (about,) = (node.text for node in tree.findall(f"{SVG}desc"))
    assert "error: 5 in all, most in 2026-02 (4). warning: 3 in all, most in 2026-01 (2)." == about


def test_a_bar_is_as_long_as_its_number(months):
    """One scale for all panels, so that bars may be compared across them."""
    lengths = [width for width, _ in blocks(bars(months, ""))]
    assert [1, 4, 2, 1] == [pytest.approx(width / lengths[0], rel=1e-3) for width in lengths]


def test_a_column_is_as_high_as_its_number(months):
    """The same upright."""
    heights = [height for _, height in blocks(columns(months, ""))]
    assert [1, 4, 2, 1] == [pytest.approx(height / heights[0], rel=1e-3) for height in heights]


@pytest.mark.parametrize("draw", DRAW)
def test_one_among_many_is_seen(draw):
    """A number that is not nothing has a bar, however great the greatest is."""
    drawn = blocks(draw(pd.DataFrame({"n": [1, 1_000_000, 0]}), ""))
    assert 2 == len(drawn)
    assert all(2 <= width and 2 <= height for width, height in drawn)


@pytest.mark.parametrize("draw", DRAW)
def test_hostile_names_are_text(draw):
    """Names of courses and panels make no tag, hide nothing and turn nothing around."""
    evil = '<script>"&\u202e\x00</svg>'
    svg = draw(pd.DataFrame({evil: [1]}, index=[evil]), evil)
    assert {"svg", "title", "desc", "text", "rect", "path"} >= {
        node.tag.removeprefix(SVG) for node in parsed(svg).iter()
    }
    assert "\\u202e" in svg
    assert svg.isprintable()


@pytest.mark.parametrize("draw", DRAW)
@given(rows=st.lists(st.tuples(NUMBERS, NUMBERS, st.text(max_size=60)), max_size=40))
def test_nothing_is_drawn_outside(draw, rows):
    """Whatever the numbers and names are, no bar leaves the picture."""
    table = pd.DataFrame(
        [row[:2] for row in rows], columns=["error", "x"], index=[row[2] for row in rows]
    ).astype(float)
    tree = parsed(draw(table, "t"))
    width, height = map(float, tree.get("viewBox").split()[2:])
    for rect in tree.iter(f"{SVG}rect"):
        x, y, w, h = (float(rect.get(name)) for name in ("x", "y", "width", "height"))
        assert 0 <= x <= x + w <= width
        assert 0 <= y <= y + h <= height


def test_many_columns_have_few_words():
    """Names and numbers that would touch one another are left out, the greatest is not."""
    table = pd.DataFrame({"n": range(0, 60_000, 1000)}, index=[f"month {n:02}" for n in range(60)])
    said = texts(columns(table, "t"))
    assert "59,000" in said
    assert len(said) < 20


def test_a_line_stands_between_columns(months):
    """It is drawn in each panel, named, and told to who hears it."""
    svg = columns(months, "t", Line("the update", 2))
    (line,) = (node for node in parsed(svg).iter(f"{SVG}path") if node.get("stroke-dasharray"))
    assert 2 == line.get("d").count("M")
    assert "the update" in texts(svg)
    assert "A line stands at the update." in svg


def test_a_severity_has_its_mark(months):
    """Beside its colour, so that neither is alone; other panels have one colour."""
    other = months.rename(columns={"warning": "noted"})
    marks = [node.get("fill") for node in parsed(bars(other, "t")).iter(f"{SVG}g")]
    assert [FILL["error"]] == marks


@pytest.mark.parametrize("draw", DRAW)
@pytest.mark.parametrize(
    "table", [pd.DataFrame(), pd.DataFrame({"n": [0]}), pd.DataFrame({"n": []})]
)
def test_nothing_is_drawn_of_nothing(draw, table):
    """Without a number there is a title and no bar."""
    svg = draw(table, "t")
    assert [] == blocks(svg)
    assert "There is nothing to show." in svg
