"""The report as a browser shows it: wide and narrow, light and dark, on paper, and to everyone."""

from pathlib import Path

import pytest
from hostile import PAYLOADS, hostile

from scormaudit import audit
from scormaudit.report.written import write_page

WIDTHS, SCHEMES = (1280, 400), ("light", "dark")
UNFOLD = "document.querySelectorAll('details').forEach(fold => fold.open = true)"


@pytest.fixture(scope="module")
def page_of(fetched, tmp_path_factory):
    """The paths of two pages: of the practice LMS, and of a snapshot full of hostile text."""
    folder = tmp_path_factory.mktemp("pages")
    reports = {"practice": audit(fetched), "hostile": audit(hostile(folder / "snapshot"))}
    for name, report in reports.items():
        write_page(report, folder / f"{name}.html", show_values=name == "hostile")
    return {name: folder / f"{name}.html" for name in reports}


@pytest.fixture
def shown(browser, page_of):
    """Opens a page, with everything it folds unfolded; anything it loads or logs fails."""
    contexts, noise = [], []

    def open_page(name, width=1280, scheme="light", *, unfold=True):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: noise.append(message.text))
        page.on("dialog", lambda dialog: noise.append(dialog.message))
        page.on("request", lambda request: noise.append(request.url))
        page.goto(page_of[name].as_uri())
        if unfold:
            page.evaluate(UNFOLD)
        noise.remove(page_of[name].as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [] == noise


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [
        *(("practice", width, scheme) for width in WIDTHS for scheme in SCHEMES),
        ("hostile", 1280, "dark"),
        ("hostile", 400, "light"),
    ],
)
def test_axe_finds_nothing(shown, name, width, scheme):
    """No violation of any rule of axe-core, best practices included, with all unfolded."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(shown(name, width, scheme)).response
    assert found["passes"]
    wrong = [(rule["id"], node["html"]) for rule in found["violations"] for node in rule["nodes"]]
    assert [] == wrong


@pytest.mark.parametrize("name", ["practice", "hostile"])
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_sticks_out(shown, name, width):
    """The page is never wider than the window, whatever the texts are."""
    page = shown(name, width)
    assert width >= page.evaluate("document.documentElement.scrollWidth")


@pytest.mark.parametrize("width", WIDTHS)
def test_what_unfolds_looks_so(shown, width):
    """No arrow is squeezed beside a long name until it looks like the mark of what held."""
    arrows = "all => all.map((one) => getComputedStyle(one, '::before').width)"
    found = shown("practice", width).locator("summary").evaluate_all(arrows)
    assert 1 == len(set(found)), found


@pytest.mark.parametrize("width", WIDTHS)
def test_a_row_says_it_all(shown, width):
    """Severity, how many broke of how many, share and fix class are to be seen at every width."""
    row = shown("practice", width, unfold=False).locator(".rules .row").first
    for part in (".code", ".title", ".severity", ".broken", ".share", ".fix"):
        assert row.locator(part).is_visible(), part
    assert width == 1280 or " of 200" in row.locator(".broken").inner_text()


def test_hostile_text_is_text(shown):
    """What learners, courses and SCOs are called makes no element, no request and no dialog."""
    page = shown("hostile")
    assert 0 == page.locator("script, img, iframe, object, form, base, b, [onload]").count()
    assert 1 == page.locator("style").count()
    words = page.inner_text("body")
    assert not set("\u202e\u200b\x1b\x00") & set(words)
    for payload in PAYLOADS[:3]:
        assert payload in words


def test_a_link_to_a_rule_unfolds_it(shown):
    """Whoever follows a rule's code from the heat strip sees the rule, not a closed fold."""
    page = shown("practice", unfold=False)
    link = page.locator(".heats thead a").first
    code = link.inner_text()
    link.click()
    page.locator(f"#{code} p").first.wait_for(state="visible")


def test_paper_shows_what_is_folded(shown):
    """On paper every broken rule is unfolded, and there are no links to click."""
    page = shown("practice", unfold=False)
    fold, link = page.locator(".rules .fold").first, page.locator(".get").first
    assert not fold.evaluate("node => node.checkVisibility({contentVisibilityAuto: true})")
    page.emulate_media(media="print", color_scheme="dark")
    assert fold.evaluate("node => node.checkVisibility({contentVisibilityAuto: true})")
    assert not link.is_visible()
    white = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert "rgb(255, 255, 255)" == white


def test_a_download_within_the_page_is_a_file(shown, tmp_path):
    """The CSV of a rule can be saved from the page alone, and has a line a finding."""
    page = shown("practice", unfold=False)
    row = page.locator(".rules > li").first
    with page.expect_download() as download:
        row.locator(".get").click()
    download.value.save_as(tmp_path / "rule.csv")
    broken = int(row.locator(".broken").inner_text().split()[0].split("of")[0])
    assert broken + 1 == len(Path(tmp_path / "rule.csv").read_text("utf-8-sig").splitlines())
