"""A reader of views that takes nothing for granted, and a text that would be more than text."""

from html.parser import HTMLParser

HOSTILE = "<script>alert('x')</script><img src=x onerror=y>\"&\u202e`"
TAGS = {
    "bdi", "br", "code", "div", "em", "li", "p", "span", "strong", "table", "tbody", "td", "th",
    "thead", "tr", "ul",
}  # fmt: skip


class Strict(HTMLParser):
    """Collects text, and fails on what no view writes."""

    def __init__(self, html):
        super().__init__()
        self.open, self.text = [], ""
        self.feed(html)
        self.close()
        assert [] == self.open

    def handle_starttag(self, tag, attrs):
        """Only tags and attributes that the views write themselves."""
        assert tag in TAGS
        assert {name for name, _ in attrs} <= {"style", "aria-hidden"}
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        """Every tag is closed in its turn."""
        assert tag == self.open.pop()

    def handle_data(self, data):
        """What a reader sees."""
        self.text += data
