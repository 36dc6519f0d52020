"""Takes all pictures anew: the report wide and narrow, a notebook and the review widget.

Run it as `python docs/pictures.py`; it needs the extra `notebook`, Playwright and Chromium.
They are kept as Chromium gives them: what packs them smaller draws some colours wrong.
"""

import sys
import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from scormaudit import Client, audit, fetch
from scormaudit.report.written import write_page

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "notebook")]

from browser import chromium_path  # noqa: E402
from lab import Lab  # noqa: E402
from opened import Opened  # noqa: E402

REPORT = """from scormaudit import Client, audit, fetch

client = Client.sandbox()
snapshot = fetch(client, client.worklist, "snapshot")
audit(snapshot)"""
REVIEW = """from scormaudit import Client, audit, fetch, propose
from scormaudit.notebook import review

client = Client.sandbox()
snapshot = fetch(client, client.worklist, "snapshot")
plan = propose(audit(snapshot), include=["judgement"])
review(plan, path="plan.json", snapshot=snapshot)"""
THEMES = ("light", "dark")
SIZES = {"report": (1280, 1000), "report-narrow": (400, 1100)}
Taken = Iterator[tuple[str, bytes]]


def main() -> None:
    """All pictures into the folder beside this file."""
    to = Path(__file__).parent / "pictures"
    with tempfile.TemporaryDirectory() as made, sync_playwright() as driver:
        folder = Path(made)
        chromium = driver.chromium.launch(executable_path=chromium_path())
        for name, png in chain(pages(chromium, folder), desks(chromium, folder)):
            (to / f"{name}.png").write_bytes(png)
            print(f"{name}.png: {len(png):,} bytes")


def pages(chromium: Browser, folder: Path) -> Taken:
    """The report of the practice LMS: its beginning with one rule unfolded, and its charts."""
    path = folder / "report.html"
    client = Client.sandbox()
    report = audit(fetch(client, client.worklist, folder / "snapshot"))
    write_page(report, path, command="scormaudit report snapshot -o report.html")
    client.close()
    for theme in THEMES:
        for name, (width, height) in SIZES.items():
            page = chromium.new_page(
                viewport={"width": width, "height": height}, color_scheme=theme
            )
            page.goto(path.as_uri())
            page.locator(".rules details").first.evaluate("fold => fold.open = true")
            yield f"{name}-{theme}", page.screenshot()
            page.locator("#courses").evaluate("section => section.scrollIntoView()")
            yield f"{name}-courses-{theme}", page.screenshot()
            page.close()


def desks(chromium: Browser, folder: Path) -> Taken:
    """In JupyterLab the charts of a report, and the review widget after a few decisions."""
    lab = Lab(folder)
    try:
        for theme in THEMES:
            lab.theme(theme)
            desk = opened(lab, chromium, f"report-{theme}", REPORT, height=2600)
            yield f"charts-{theme}", charts(desk)
            desk.close()
            desk = opened(lab, chromium, f"review-{theme}", REVIEW)
            review(desk)
            yield f"widget-{theme}", desk.widget.screenshot()
            desk.close()
    finally:
        lab.close()


def opened(lab: Lab, chromium: Browser, name: str, cell: str, **size: int) -> Opened:
    """A notebook of one cell, in a folder of its own, run."""
    (lab.folder / name).mkdir()
    lab.write(lab.folder / name / "one.ipynb", cell)
    return Opened(lab, chromium, f"{name}/one.ipynb", width=1100, **size)


def charts(desk: Opened) -> bytes:
    """What a report draws below its table."""
    drawn = desk.page.locator(".jp-OutputArea-output svg[role=img]")
    drawn.nth(1).wait_for()
    first, last = drawn.first.bounding_box(), drawn.last.bounding_box()
    x, y = first["x"] - 12, first["y"] - 12
    height = last["y"] + last["height"] - y
    clip = {"x": x, "y": y, "width": first["width"] + 24, "height": height}
    return desk.page.screenshot(clip=clip)


def review(desk: Opened) -> None:
    """Decide about a few changes, so that there is something to see."""
    desk.introduce("Ann", "checked with the course")
    desk.type("a", "r", "n", "a", "a")
    desk.told("4 of 15 decided")
    desk.rows.filter(has_text="exit_status").first.click()
    desk.widget.locator("tr.changes").filter(has_text="cmi.core.exit").wait_for()


if __name__ == "__main__":
    main()
