"""Redaction: whatever a secret is spelt like, nothing of it survives."""

import html
import importlib
import json
import logging
import re
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from urllib.parse import quote, quote_plus
from uuid import UUID

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from strategies import anything

from scormaudit.lms.redaction import LOGGERS, LONGEST_SHOWN, MASK, Redactor

ENCODINGS = {
    "raw": str,
    "percent": quote,
    "percent-all": lambda text: quote(text, safe=""),
    "percent-lower": lambda text: "".join(f"%{octet:02x}" for octet in text.encode()),
    "plus": quote_plus,
    "json": lambda text: json.dumps(text)[1:-1],
    "json-unicode": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "json-solidus": lambda text: json.dumps(text)[1:-1].replace("/", r"\/"),
    "json-dotnet": lambda text: "".join(
        char if char.isascii() and char.isalnum() else json.dumps(char)[1:-1]
        if not char.isascii() else f"\\u{ord(char):04X}" for char in text
    ),
    "html": html.escape,
    "base64": lambda text: b64encode(text.encode()).decode(),
    "base64-url": lambda text: urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "basic": lambda text: b64encode(f"user:{text}".encode()).decode(),
    "basic-2": lambda text: b64encode(f"u:{text}\n".encode()).decode(),
    "repr": lambda text: repr(text)[1:-1],
    "bytes": lambda text: repr(text.encode())[2:-1],
}  # fmt: skip
IN_BASE64 = ("raw", "percent", "percent-all", "plus", "json", "json-unicode", "base64")
LIBRARIES = ("httpx", "httpcore", "stamina")
secrets = st.text(
    st.characters(exclude_categories=("Cs",)), min_size=4, max_size=40
) | st.uuids().map(str)
surroundings = st.sampled_from(("", " ", "a", '"', "x=1&y=", "&z", "/", "\n", "ü"))


def twice(inner, outer):
    """One encoding inside another; base64 of what is in base64 already only as a whole."""
    if outer.startswith("base") and inner not in IN_BASE64:
        return None
    return lambda text: ENCODINGS[outer](ENCODINGS[inner](text))


DOUBLE = {
    f"{inner} in {outer}": found
    for inner in ENCODINGS
    for outer in ENCODINGS
    if (found := twice(inner, outer)) is not None
}


@given(secrets, surroundings, surroundings)
@example("plånted/token&with=+everything", "", "")
@example("a b+c%20/&\\\"'\n<>", "", "")
@example("👋🏽 ü\x00\x7f", "", "")
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_nothing_of_a_secret_survives(secret, before, after):
    """In any of the encodings, alone or one in another, a secret leaves no trace in a text."""
    assume("*" not in secret)
    redact = Redactor(SecretStr(secret))
    for name, encode in {**ENCODINGS, **DOUBLE}.items():
        spelt = encode(secret)
        left = redact(f"{before}{spelt}{after}")
        assert spelt not in left, name
        assert secret not in left, name
        assert MASK in left, name
        padding = 24 if "base64" in name else 0
        assert "basic" in name or len(left) <= len(f"{before}{MASK}{after}") + padding, (name, left)


@given(anything, anything)
@settings(max_examples=30, deadline=None)
def test_any_text_can_be_redacted(secret, text):
    """No secret and no text breaks the redaction, half a surrogate pair included."""
    left = Redactor(SecretStr(secret))(f"{text}{secret}{text}")
    assert len(secret) < 4 or "*" in secret or secret not in left


@given(st.uuids(), st.sampled_from((str.upper, str.title, lambda text: text.replace("-", ""))))
@settings(max_examples=10, deadline=None)
def test_a_uuid_is_known_in_every_spelling(secret: UUID, spell):
    """A token that is a UUID is found in capitals and without its hyphens."""
    assert f"a {MASK} b" == Redactor(SecretStr(str(secret)))(f"a {spell(str(secret))} b")


@given(anything)
def test_other_texts_stay(text):
    """A text without the secret, and without names of secrets, is not changed."""
    assume("\U0001f511" not in text)
    assert text == Redactor(SecretStr("\U0001f511" * 4))(text) or _names_one(text)


def _names_one(text):
    return any(word in text.lower() for word in ("token", "pass", "pwd", "key", "cookie", "auth",
                                                 "secret", "session"))  # fmt: skip


def test_short_secrets_do_not_blot_out_words():
    """A secret of three characters is hidden by its name, and elsewhere is a word like others."""
    redact = Redactor(SecretStr("abc"))
    assert "abc, and access_token=***" == redact("abc, and access_token=abc")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/x?page=1&access_token=S&b=1", "/x?page=1&access_token=***&b=1"),
        ("back=%2Fx%3Faccess_token%3DS%26page%3D1", "back=%2Fx%3Faccess_token%3D***%26page%3D1"),
        ("%252Fx%253Faccess_token%253DS%2526p", "%252Fx%253Faccess_token%253D***%2526p"),
        ('{"password": "S", "a": 1}', '{"password": "***", "a": 1}'),
        (r'{"password": "S\" S", "a": 1}', '{"password": "***", "a": 1}'),
        (r'"{\"password\":\"S\",\"a\":1}"', r'"{\"password\":\"***\",\"a\":1}"'),
        ("{'Password': 'S S'}", "{'Password': '***'}"),
        ('{"password": "S', '{"password": "***'),
        ('{"token": 77777}', '{"token": ***'),
        ("%7B%22password%22%3A%22S%22%7D", "%7B%22password%22%3A%22***%22%7D"),
        ("password=S&grant_type=password", "password=***&grant_type=password"),
        ("Authorization: Bearer S S", "Authorization: ***"),
        ("[(b'Authorization', b'Basic S'), (b'a', b'b')]",
         "[(b'Authorization', b'***'), (b'a', b'b')]"),
        ("Set-Cookie: .ASPXAUTH=S; path=/\r\nA: b", "Set-Cookie: ***\r\nA: b"),
        ("Invalid token: S.", "Invalid token: ***"),
        ("api-key=S client_secret=S", "api-key=*** client_secret=***"),
    ],
)  # fmt: skip
def test_secrets_are_known_by_their_names(text, expected):
    """What stands behind the name of a secret goes, whoever's it is; the name stays."""
    assert expected == Redactor()(text)


@pytest.mark.parametrize("secret", ["token", "access_token", "access", "pass", "word", '= "oth'])
def test_a_secret_that_is_like_a_name_does_not_hide_the_name(secret):
    """Even where a secret is the word `token`, what stands behind `access_token=` goes."""
    redact = Redactor(SecretStr(secret))
    for text in ("/x?access_token=other&b=1", '{"password": "other", "a": 1}', "token: other"):
        assert "other" not in redact(text)
        assert secret not in redact(text).replace(MASK, "")


@pytest.mark.parametrize("secret", ["s3cret-token", "a" * 300])
def test_redaction_comes_before_truncation(secret):
    """A text is cleared before it is cut, so that no first half of a secret is left."""
    redact = Redactor(SecretStr(secret))
    for at in range(0, LONGEST_SHOWN + 20, 7):
        shown = redact.shown(f"{'x' * at} {secret} {'y' * 400}")
        assert secret[:4] not in shown
        assert len(shown) == LONGEST_SHOWN + 1


def test_shown_is_one_line_for_a_terminal():
    """Line ends and escape sequences of a foreign text do not reach the terminal."""
    assert "a  [31mb" == Redactor().shown("a\r\x1b[31mb\n")


def test_a_secret_may_be_added_later():
    """What is learnt later is found from then on, and what was known still is."""
    redact = Redactor(SecretStr("first-one"))
    assert "*** second-one" == redact("first-one second-one")
    redact.add(SecretStr("second-one"), None)
    assert "*** ***" == redact("first-one second-one")
    assert "<Redactor of 2 secrets>" == repr(redact)


# --- logs --------------------------------------------------------------------------------


@pytest.fixture
def logged(caplog):
    """What the libraries' loggers said."""
    caplog.set_level(logging.DEBUG)
    for name in LOGGERS:
        caplog.set_level(logging.DEBUG, name)
    return lambda: "\n".join(f"{vars(record)}{caplog.handler.format(record)}"
                             for record in caplog.records)  # fmt: skip


def test_every_logger_of_the_libraries_is_known(client):
    """After all kinds of work no logger of an HTTP or retry library exists that is not cleared."""
    client.standing()
    at_work = {n for n in logging.root.manager.loggerDict if n.split(".")[0] in LIBRARIES}
    assert at_work
    assert set() == at_work - set(LOGGERS)
    named = {
        name
        for package in map(importlib.import_module, LIBRARIES)
        for file in Path(package.__file__).parent.rglob("*.py")
        for name in re.findall(r'getLogger\("([^"]+)"\)', file.read_text(encoding="utf-8"))
    }
    assert set() == named - set(LOGGERS)


@pytest.mark.parametrize("name", LOGGERS)
def test_logs_of_the_libraries_are_cleared(logged, name):
    """Message, arguments, attachments and exceptions are cleared on every library's logger."""
    known = Redactor(SecretStr("s3cret-token"))
    logger = logging.getLogger(name)
    logger.warning("to %s", "/x?a=s3cret-token", extra={"more": {"a": "s3cret-token"}})
    try:
        raise ValueError("s3cret-token")
    except ValueError:
        logger.exception("failed with access_token=other-one")
    assert "s3cret-token" not in logged()
    assert "other-one" not in logged()
    assert "ValueError: ***" in logged()
    assert repr(known) == "<Redactor of 1 secrets>"


@pytest.mark.parametrize("secrets", [("token", "s3cret-token"), ("s3cret-token", "token")])
def test_a_secret_within_another_leaves_no_rest_of_it(logged, secrets):
    """Whichever client knows which secret, a log loses the longer one whole."""
    known = [Redactor(SecretStr(secret)) for secret in secrets]
    logging.getLogger("httpx").warning("to /x?a=s3cret-token&access_token=other")
    assert "to /x?a=***&access_***=***" in logged()
    assert "s3cret" not in logged()
    assert 2 == len(known)


def test_logs_keep_their_levels_and_numbers(logged):
    """What is no text stays as it is, so that handlers can still work with a record."""
    logging.getLogger("httpx").info("HTTP Request: %s %d", "POST", 200)
    assert "HTTP Request: POST 200" in logged()
    assert "'levelno': 20" in logged()
