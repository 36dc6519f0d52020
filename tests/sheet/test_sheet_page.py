"""The page shows a plan and does nothing else."""

import base64
import hashlib
import re
import stat
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from sheets import PAYLOADS, change, hostile, op, plain, planned
from strategies import texts

from scormaudit.plan import Refusal
from scormaudit.sheet import write_sheet
from scormaudit.sheet.page import as_page

TAGS = {
    "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "div", "table",
    "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd", "code", "bdi", "del", "ins", "strong",
}  # fmt: skip
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "scope"}


class Parts(HTMLParser):
    """The tags, attributes and words of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.open, self.words = set(), set(), [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert tag == self.open.pop()

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)


def page(plan, meanings=None):
    """The page as text."""
    return as_page(plan, meanings or {}).decode()


@given(texts)
@example(PAYLOADS["markup"])
@example(PAYLOADS["end of data"])
def test_no_value_becomes_markup(text):
    """Whatever a plan holds, the page has its own tags and attributes alone, well nested."""
    refusal = Refusal(
        enrollment_id=text, assignment_id=text, sco_id=text, rules=(text,), reason=text
    )
    changed = change(0, text, labels={text: text}, rules=(text,), ops=(op(text, text, "x"),))
    parts = Parts(page(planned(changed, refused=(refusal,), target=text)))
    assert parts.tags <= TAGS
    assert parts.attributes <= ATTRIBUTES
    assert [] == parts.open


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_nothing_is_hidden(payload):
    """No control, direction or format character of a plan is in the page."""
    words = "".join(Parts(page(planned(change(0, payload)))).words)
    assert words.replace("\n", "").isprintable()


def test_the_page_loads_nothing():
    """The policy allows the page's own style and nothing else, and that style has no address."""
    text = page(hostile())
    style = re.search(r"<style>(.*?)</style>", text, re.S)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in text
    assert "url(" not in style
    assert "@import" not in style
    assert not re.search(r"<[^>]*\s(src|href|style|on\w+)\s*=", text)


def test_the_page_reads_well_everywhere():
    """There are colours for dark and light and rules for paper."""
    text = page(plain())
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
    assert 'name="viewport"' in text


def test_the_page_shows_every_change():
    """Each change is there with its id, decision, old and new value, and the counts agree."""
    plan = plain()
    words = " ".join(Parts(page(plan, {plan.proposed[0].hash: "approve"})).words)
    for number, changed in enumerate(plan.proposed):
        assert changed.hash in words
        assert f'"ab-inito{number}"' in words
    assert "Changes: 4, 4 judgement, 1 approve, 3 undecided." in words
    assert plan.hash in words
    assert "without a signature" in words


def test_long_values_show_where_they_part():
    """A long value shows its length, its digest and the first difference."""
    plan = planned(change(0, "x", ops=(op("suspend_data", "a" * 5000, "a" * 4000),)))
    words = " ".join(Parts(page(plan)).words)
    assert "(5000 characters, sha256 " in words
    assert "first difference at character 4001" in words


def test_what_is_left_alone_is_told():
    """Refused records are counted by rule and reason."""
    ids = {"enrollment_id": "e", "assignment_id": "a", "sco_id": "s"}
    refused = (Refusal(**ids, rules=("ST103",), reason="in use"),) * 3
    words = " ".join(Parts(page(planned(refused=refused))).words)
    assert re.search(r"3\s+ST103\s+in use", words)


def test_the_page_is_its_owners(tmp_path):
    """Nobody else can read the file."""
    write_sheet(plain(), {}, tmp_path / "p.HTML")
    assert 0o600 == stat.S_IMODE((tmp_path / "p.HTML").stat().st_mode)
