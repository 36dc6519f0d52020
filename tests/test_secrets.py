"""A planted token and password show nowhere: no log, no error, no traceback, no file."""

import io
import json
import logging
import traceback
from functools import partial
from itertools import count
from urllib.parse import quote, quote_plus, urlencode

import pytest
import stamina
from patient import patiently

from scormaudit.config import read_settings
from scormaudit.errors import ScormauditError
from scormaudit.fetch import fetch
from scormaudit.lms.client import Client, edit_body
from scormaudit.sandbox import Attempt, Sandbox, Sco
from scormaudit.snapshot import TABLES

TOKEN = "plånted/token&with=+everything"
PASSWORD = "plånted pass?word#1"
KEY = E, A = ("eeeeeeee-0000-4000-8000-000000000000", "aaaaaaaa-0000-4000-8000-000000000000")
S = "bbbbbbbb-0000-4000-8000-000000000000"
NAMES = ("cmi.core.lesson_status",)
ATTEMPT = Attempt(E, A, S, scos=[Sco("s", cmi={"cmi.core.lesson_status": "passed"})])
ECHO = urlencode({"back": f"/api/v1/ScormApi/GetCmiData?access_token={quote_plus(TOKEN)}"})


def envelope(code, message):
    """The body of an error that says something."""
    entity = {"error_code": code, "error_message": message}
    return json.dumps({"api_error_entity": entity}).encode()


def failures(secret):
    """Answers of every kind that is none, many of which echo what they were asked."""
    back = urlencode({"back": f"/api/v1/ScormApi/GetCmiData?access_token={quote_plus(secret)}"})
    return {
        "forbidden": (403, b'{"api_error_entity": {"error_code": 5}}'),
        "unauthenticated": (401, b""),
        "not-found": (409, b'{"api_error_entity": {"error_code": 3}}'),
        "refused": (422, b'{"api_error_entity": {"error_code": 2}}'),
        "html": (200, b"<html>Sign in</html>"),
        "not-json": (200, b"[{"),
        "not-scos": (200, b'[{"sco_id": 5}]'),
        "server-error": (503, b"no"),
        "redirect": (302, b"", f"Location: /login?{back}"),
        "bad-redirect": (302, b"", f"Location: http://[?{back}"),
        "echoed-message": (409, envelope(3, f"No access_token={secret}, or {secret}")),
        "echoed-code": (403, envelope(4, json.dumps({"a": secret, "b": quote_plus(secret)}))),
        "echoed-html": (200, f"<a href='/?access_token={quote_plus(secret)}'>{secret}".encode()),
        "echoed-json": (200, json.dumps([{"sco_id": secret, "title": secret}]).encode()),
        "echoed-header": (503, b"", f"Set-Cookie: last={quote_plus(secret)}", f"X: {back}"),
        "reset": None,
        "closed": b"",
        "not-http": b"hello\r\n\r\n",
        "half": b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n[",
        "not-gzip": (200, b"[]", "Content-Encoding: gzip"),
    }


FAILURES, LOGINS = failures(TOKEN), failures(PASSWORD)


def spellings(secret):
    """A secret as it may be spelt in a URL, in JSON, in a repr or in a form."""
    spelt = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1]}
    spelt |= {repr(secret.encode())[2:-1], json.dumps(secret)[1:-1], quote(quote_plus(secret))}
    return spelt | {quote_plus(quote_plus(secret)), "plånted", "pl%C3%A5nted", r"pl\u00e5nted"}


SECRETS = sorted(spellings(TOKEN) | spellings(PASSWORD))


def found(text):
    """The spellings of the secrets that occur in a text."""
    return [secret for secret in SECRETS if secret in text]


def chain(error):
    """An error with all that hangs on it."""
    seen = []
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if one is not None and one not in seen:
            seen.append(one)
            waiting += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]
    return seen


def shown(error):
    """All that a user, a log or an error tracker could see of an error, locals included."""
    whole = traceback.TracebackException.from_exception(error, capture_locals=True)
    lines = ["".join(whole.format())]
    for one in chain(error):
        lines += [
            str(one),
            repr(one),
            repr(one.args),
            repr(vars(one)),
            *getattr(one, "__notes__", ()),
        ]
        frames = traceback.TracebackException.from_exception(one, capture_locals=True)
        lines += ["".join(frames.format(chain=False))]
    return "\n".join(lines)


@pytest.fixture
def logged():
    """Everything that any logger says at DEBUG, with all that is attached to the records."""
    stream = io.StringIO()

    class Everything(logging.Handler):
        def emit(self, record):
            stream.write(f"{record.name} {record.getMessage()} {vars(record)!r}\n")
            if record.exc_info and record.exc_info[1] is not None:
                stream.write(shown(record.exc_info[1]))

    root, handler = logging.getLogger(), Everything()
    names = (
        "httpx",
        "httpcore",
        "stamina",
        "uvicorn",
        "uvicorn.access",
        "uvicorn.error",
        "asyncio",
    )
    loggers = [root, *map(logging.getLogger, names)]
    levels = [logger.level for logger in loggers]
    root.addHandler(handler)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    stamina.instrumentation.set_on_retry_hooks([stamina.instrumentation.LoggingOnRetryHook])
    yield stream
    stamina.instrumentation.set_on_retry_hooks(None)
    root.removeHandler(handler)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.fixture
def vault():
    """A sandbox whose token and password are the planted ones."""
    with Sandbox(attempts=[ATTEMPT], token=TOKEN) as sandbox:
        sandbox._access.password = PASSWORD
        yield sandbox


def test_good_work_shows_no_secret(vault, logged, tmp_path):
    """Logging in, reading, fetching and editing leave the secrets in no log and no file."""
    with Client.login(vault.base_url, vault.username, PASSWORD) as client:
        assert 1 == len(patiently(client, *KEY, NAMES, 1))
        given = client._token.current().get_secret_value()
    with Client(vault.base_url, TOKEN) as client:
        fetch(client, vault.worklist, tmp_path / "s")
        body = edit_body(S, "s", {"title": "x"})
        assert "ack" == client.editor().edit(body).outcome
    log = logged.getvalue()
    assert {"httpx", "httpcore.http11", "httpcore.connection"} <= set(log.split())
    assert [] == found(log)
    assert given not in log
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert 1 + len(TABLES) == len(files)
    for path in files:
        assert [] == found(path.read_bytes().decode("latin-1"))
        assert TOKEN.encode() not in path.read_bytes()


@pytest.mark.parametrize("name", FAILURES)
def test_failed_reads_show_no_secret(stub, logged, name):
    """However a read fails, the token is in no log, no error and no local of its traceback."""
    server = stub(FAILURES[name])
    with Client(server.url, TOKEN) as client, pytest.raises(ScormauditError) as caught:
        patiently(client, *KEY, NAMES, 1)
    assert [] == found(shown(caught.value))
    assert [] == found(logged.getvalue())
    assert "httpcore" in logged.getvalue()
    assert any("access_token=" in target for target in server.targets)


@pytest.mark.parametrize("name", FAILURES)
def test_failed_edits_show_no_secret(stub, logged, name):
    """However an edit ends, its outcome and the logs are without the token."""
    with Client("http://127.0.0.1:1", "read", write_token=TOKEN) as client:
        client.base_url = stub(FAILURES[name]).url
        answer = client.editor().edit(b"{}")
    assert [] == found(repr(answer))
    assert [] == found(logged.getvalue())


@pytest.mark.parametrize("name", LOGINS)
def test_failed_logins_show_no_secret(stub, logged, name):
    """However a login fails, neither its error nor the logs hold the password."""
    with pytest.raises(ScormauditError) as caught:
        Client.login(stub(LOGINS[name]).url, "someone", PASSWORD, write_token=TOKEN)
    assert [] == found(shown(caught.value))
    assert [] == found(logged.getvalue())


def test_unreachable_servers_show_no_secret(refused, logged):
    """Where no connection is made the error names the server and not the token."""
    with Client(refused, TOKEN) as client, pytest.raises(ScormauditError) as caught:
        patiently(client, *KEY, NAMES, 1)
    with Client(refused, TOKEN) as client:
        answer = client.editor().edit(b"{}")
    assert [] == found(shown(caught.value) + repr(answer) + logged.getvalue())


def test_retries_are_logged_without_the_secret(stub, logged):
    """A read that is tried again says so, and the reason holds no URL."""
    with Client(stub(None).url, TOKEN) as client, pytest.raises(ScormauditError):
        patiently(client, *KEY, NAMES, 1)
    assert 4 == logged.getvalue().count("stamina stamina.retry_scheduled")
    assert [] == found(logged.getvalue())


@pytest.mark.parametrize("reason", ["forbidden", "html", "half", "echoed-message", "echoed-header"])
def test_failed_fetches_leave_no_secret(stub, logged, tmp_path, reason):
    """What a fetch writes about records that it could not read is without the token."""

    def choose(body):
        return FAILURES[reason] if json.loads(body)["enrollment_id"] == S else (200, b"[]")

    worklist = [{"enrollment_id": e, "assignment_id": A} for e in (E, S)]
    with Client(stub(choose).url, TOKEN) as client:
        snapshot = fetch(client, worklist, tmp_path / "s")
    assert not snapshot.manifest.complete
    assert [] == found("".join(snapshot.table("coverage")["message"].dropna()))
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert [] == found(path.read_bytes().decode("latin-1"))
    assert [] == found(logged.getvalue())


def test_renewals_show_no_secret(stub, logged):
    """A token that is renewed in vain leaves neither it nor the password in the error."""
    turn = count(1)

    def answer(body):
        if b"grant_type" not in body:
            return 401, b""
        token = {"access_token": f"{TOKEN} {next(turn)}", "token_type": "bearer"}
        return 200, json.dumps(token).encode()

    with Client.login(stub(answer).url, "someone", PASSWORD) as client:
        with pytest.raises(ScormauditError) as caught:
            patiently(client, *KEY, NAMES, 1)
        for thing in (client._token, client.redact, client._connection, client.pace):
            assert [] == found(repr(thing))
    assert [] == found(shown(caught.value) + logged.getvalue())


def test_what_the_lms_says_of_an_element_is_cleared(stub, tmp_path):
    """A message of an element that echoes the request stands in the snapshot without secrets."""
    message = f"101 - Failed for /x?access_token={quote_plus(TOKEN)} ({json.dumps(TOKEN)})"

    def answer(body):
        fields = [
            {"cmi_element_name": name, "cmi_element_value": "", "error_message": message}
            for name in json.loads(body)["cmi_element_names"]
        ]
        item = {"sco_id": "s", "title": "", "cmi_fields": fields}
        item |= {"api_error_entity": {"error_code": 0}}
        return 200, json.dumps([item] if next(turn) % 2 == 0 else []).encode()

    turn = count()
    with Client(stub(answer).url, TOKEN) as client:
        snapshot = fetch(client, [{"enrollment_id": E, "assignment_id": A}], tmp_path / "s")
    messages = {*snapshot.table("element_errors")["message"]}
    assert {'101 - Failed for /x?access_token=*** ("***")'} == messages


@pytest.mark.parametrize(
    "options", [{"base_url": "http://h.org"}, {"ca_file": "/none"}, {"jobs": 0}]
)
def test_a_client_that_cannot_be_made_shows_no_secret(options):
    """What is wrong beside the token is named without it, in locals too."""
    options = {"base_url": "https://h.org", "write_token": PASSWORD} | options
    for make in (Client, partial(Client.login, username="u", password=PASSWORD)):
        given = {"token": TOKEN} if make is Client else {}
        with pytest.raises(ScormauditError) as caught:
            make(**given, **options)
        trace = caught.value.__traceback__.tb_next
        frames = traceback.StackSummary.extract(traceback.walk_tb(trace), capture_locals=True)
        assert [] == found("".join(frames.format()))


def test_objects_show_no_secret(vault):
    """Client, editor and settings show stars or nothing, whichever way they are printed."""
    settings = read_settings(
        base_url=vault.base_url, token=TOKEN, write_token=TOKEN, username="u", password=PASSWORD
    )
    with Client(vault.base_url, TOKEN, write_token=TOKEN) as client:
        for thing in (client, client.editor(), settings, client._http, client._http._transport):
            assert [] == found(f"{thing} {thing!r} {vars(thing) if vars(thing) else ''}")
    assert [] == found(settings.model_dump_json() + repr(settings.model_dump()))


def test_refused_settings_show_no_secret():
    """A setting that cannot be used is named, and nothing that was given is repeated."""
    with pytest.raises(ScormauditError) as caught:
        read_settings(token={"a": TOKEN}, password=[PASSWORD])
    for error in chain(caught.value):
        assert [] == found(f"{error} {error!r} {error.args!r}")


def test_the_search_finds_every_spelling():
    """The token raw, percent-encoded, doubly so, escaped and as bytes would all be found."""
    for text in (TOKEN, quote_plus(TOKEN), ECHO, json.dumps(PASSWORD), repr(TOKEN.encode())):
        assert found(text)
