"""Secrets leave a text by their value, however it is spelt, and by the name before them."""

import logging
import re
from collections.abc import Iterable, Iterator
from typing import Any
from weakref import WeakSet

from pydantic import SecretStr

from scormaudit.lms.spelling import merged, needles, spans

MASK = "***"
SHORTEST = 4
LONGEST_SHOWN = 200
LOGGERS = (
    "httpx",
    "stamina",
    "httpcore",
    *(f"httpcore.{name}" for name in ("connection", "http11", "http2", "proxy", "socks")),
)
# A percent sign that was encoded again is %25, again and again.
_PERCENT = "%(?:25)*"
_BACKSLASH = rf"(?:\\|{_PERCENT}5c)"
_QUOTE = rf"""(?:{_BACKSLASH}*["']|{_PERCENT}2[27])"""
_SPACE = rf"(?:\s|\+|{_PERCENT}20)*"
_NAMES = (
    r"(?:(?:access|refresh|id|auth|read|write|csrf)[_-]?)?token|passw(?:or)?d|pwd|passphrase"
    r"|(?:client[_-]?)?secret|api[_-]?key|session[_-]?id"
)
_BY_NAME = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        rf"((?:proxy-)?authorization|(?:set-)?cookie)"
        rf"({_QUOTE}?{_SPACE}[:=,]{_SPACE}(?:b?{_QUOTE})?)[^\r\n\"']+",
        rf"({_NAMES})"
        r"""(\\*["']?\s*[:=]\s*b?(?P<slashes>\\*)(?P<quote>["']))"""
        r"""(?:(?!(?<!\\)(?P=slashes)(?P=quote)).)*""",
        rf"({_NAMES})({_QUOTE}?{_SPACE}(?:[:=]|{_PERCENT}3[ad]){_SPACE}{_QUOTE}?)"
        rf"""(?:(?!{_PERCENT}2[267]|\\+["'])[^\s&"'<>])+""",
    )
)
_ALL: "WeakSet[Redactor]" = WeakSet()


class Redactor:
    """Takes the secrets it knows out of any text; safe to share between threads.

    A value is found raw, percent- and plus-encoded, escaped as in JSON, Python or HTML, in
    base64, and in any of these inside another, whatever the case of its letters. One shorter
    than `SHORTEST` characters would blot out ordinary words and is found by its name alone.
    """

    __slots__ = ("__weakref__", "_secrets")

    def __init__(self, *secrets: SecretStr | None) -> None:
        self._secrets: tuple[SecretStr, ...] = ()
        self.add(*secrets)
        _ALL.add(self)

    def __repr__(self) -> str:
        return f"<Redactor of {len(self._secrets)} secrets>"

    @property
    def known(self) -> tuple[SecretStr, ...]:
        """The secrets that are known by their value."""
        return self._secrets

    def add(self, *secrets: SecretStr | None) -> None:
        """Know these too; None and what is known already add nothing."""
        new = [s for s in dict.fromkeys(secrets) if s is not None and s not in self._secrets]
        self._secrets = (*self._secrets, *(s for s in new if len(s) >= SHORTEST))

    def __call__(self, text: str) -> str:
        """The text without the secrets; do this before anything is cut off."""
        return _masked(text, self._secrets)

    def shown(self, text: str) -> str:
        """The text as one short line that a terminal may print."""
        line = "".join(c if c.isprintable() else " " for c in self(text)).strip()
        return line if len(line) <= LONGEST_SHOWN else f"{line[:LONGEST_SHOWN]}…"


class RedactingFilter(logging.Filter):
    """Clears a record's message, its exception and whatever else was attached to it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always True: nothing is held back, it is only cleared."""
        record.msg, record.args = record.getMessage(), ()
        if record.exc_info:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
            record.exc_info = None
        for name, value in vars(record).items():
            setattr(record, name, _cleared(value))
        return True


def redact_logs() -> None:
    """Clear what the loggers of the HTTP and retry libraries say, once and for all."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(known, RedactingFilter) for known in logger.filters):
            logger.addFilter(RedactingFilter())
    # Without a handler a warning of each retry would stand on the user's terminal.
    logging.getLogger("stamina").addHandler(logging.NullHandler())


def _cleared(value: Any) -> Any:
    """Text cleared, numbers as they are, anything else as its cleared repr."""
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, tuple) and not value:
        return value
    text = value if isinstance(value, str) else repr(value)
    # All at once: one secret within another would leave the rest of that one.
    return _masked(text, {secret for redactor in tuple(_ALL) for secret in redactor.known})


def _masked(text: str, secrets: Iterable[SecretStr]) -> str:
    """What is known by its value and what by its name are both sought in the text as it is.

    One after the other would hide the name `access_token` from the second where a secret is
    `token`, or cut a secret that holds a `&` before the first could know it.
    """
    wanted = [needle for secret in secrets for needle in needles(secret.get_secret_value())]
    octets = text.encode(errors="surrogatepass")
    for start, end in reversed(merged([*spans(octets, wanted), *_named(text)])):
        octets = octets[:start] + MASK.encode() + octets[end:]
    return octets.decode(errors="surrogatepass")


def _named(text: str) -> Iterator[tuple[int, int]]:
    """Where in the text's UTF-8 something stands behind the name of a secret."""
    for pattern in _BY_NAME:
        for match in pattern.finditer(text):
            start = len(text[: match.end(2)].encode(errors="surrogatepass"))
            yield (
                start,
                start + len(text[match.end(2) : match.end()].encode(errors="surrogatepass")),
            )
