"""The client against a real server: pages, states, named errors, and edits sent once."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from patient import patiently
from strategies import anything

from scormaudit.errors import (
    Busy,
    Forbidden,
    Interrupted,
    LmsError,
    NotFound,
    NotUnderstood,
    Refused,
    SettingsError,
    Unauthenticated,
    Unreachable,
)
from scormaudit.lms.client import Client, edit_body
from scormaudit.lms.wire import Reading, instant
from scormaudit.sandbox import Attempt, Sco

ENROLLMENT = "11111111-1111-4111-8111-111111111111"
ASSIGNMENT = "22222222-2222-4222-8222-222222222222"
STATUS = "33333333-3333-4333-8333-333333333333"
KEY = (ENROLLMENT, ASSIGNMENT)
NAMES = ("cmi.core.lesson_status", "cmi.core.lesson_location", "cmi.core.exit", "cmi.comments")
SCO = Sco(
    "b", "Grüße 👋", "2026-03-01T09:00:00.73100Z", None,
    {"cmi.core.lesson_status": "passed", "cmi.core.lesson_location": ""},
    {"cmi.comments": "101 - General exception"},
)  # fmt: skip
ATTEMPT = Attempt(*KEY, STATUS, scos=[SCO, Sco("a", scorm2004=True)])
TIMES = 5
HTML = b"<!doctype html><title>Please wait</title>"


def item(code, sco_id="s"):
    """An item of an answer with an error code of its own."""
    entity = {"error_code": code, "error_message": "no"}
    return {"sco_id": sco_id, "title": "", "cmi_fields": [], "api_error_entity": entity}


def envelope(code):
    """The body of an error."""
    return json.dumps({"api_error_entity": {"error_code": code}}).encode()


@pytest.fixture
def server(fresh):
    """A sandbox with one attempt of two SCOs."""
    return fresh(attempts=[ATTEMPT])


@pytest.fixture
def reader():
    """Makes clients of any base URL, closed at the end."""
    clients = []

    def make(url, token="token", **options):
        clients.append(Client(url, token, **options))
        return clients[-1]

    yield make
    for made in clients:
        made.close()


# --- reading -----------------------------------------------------------------------------


def test_page_keeps_the_four_states(server, reader):
    """Value, empty, absent and error arrive as four things, the dates as they were spelt."""
    alone, sco = patiently(reader(server.base_url, server.token), *KEY, NAMES, 1)
    assert {
        "cmi.core.lesson_status": Reading("value", "passed"),
        "cmi.core.lesson_location": Reading("empty"),
        "cmi.core.exit": Reading("absent"),
        "cmi.comments": Reading("error", "101 - General exception"),
    } == sco.elements
    assert ("b", "Grüße 👋") == (sco.sco_id, sco.title)
    assert ("2026-03-01T09:00:00.73100Z", None) == (sco.start_date_utc, sco.exit_date_utc)
    assert {"error"} == {reading.state for reading in alone.elements.values()}


def test_pages_are_counted_from_one(server, reader):
    """Page 1 is the first, and a page past the end is empty."""
    client = reader(server.base_url, server.token)
    assert [2, 0] == [len(patiently(client, *KEY, NAMES, number)) for number in (1, 2)]


def test_a_page_asks_for_as_many_as_there_may_be(stub, reader):
    """One page is the normal case: a thousand SCOs are asked for."""
    server = stub((200, b"[]"))
    patiently(reader(server.url, "t"), *KEY, NAMES, 3)
    assert ["/api/v1/ScormApi/GetCmiData?page=3&per_page=1000&access_token=t"] == server.targets


def test_the_base_url_may_have_a_path(stub, reader):
    """A self-hosted LMS may live below a path."""
    server = stub((200, b"[]"))
    assert [] == patiently(reader(f"{server.url}/campus/", "t"), *KEY, NAMES, 1)
    assert server.targets[0].startswith("/campus/api/v1/ScormApi/GetCmiData?")


def test_unknown_ids_are_not_found(server, reader):
    """An id that the LMS does not know is NotFound."""
    with pytest.raises(NotFound):
        patiently(reader(server.base_url, server.token), STATUS, ASSIGNMENT, NAMES, 1)


def test_faulty_ids_are_refused(server, reader):
    """A request that the LMS calls invalid is Refused, once."""
    with pytest.raises(Refused):
        patiently(reader(server.base_url, server.token), "x", ASSIGNMENT, NAMES, 1)
    assert 1 == server.requests()["GetCmiData"]


def test_wrong_tokens_are_unauthenticated(server, reader):
    """A token that the LMS does not know is Unauthenticated, once."""
    with pytest.raises(Unauthenticated):
        patiently(reader(server.base_url, "wrong"), *KEY, NAMES, 1)
    assert 1 == server.requests()["GetCmiData"]


@pytest.mark.parametrize(
    ("answer", "expected", "times"),
    [
        ((403, envelope(5)), Forbidden, 1),
        ((403, HTML), Forbidden, 1),
        ((401, b""), Unauthenticated, 1),
        ((200, envelope(4)), Unauthenticated, 1),
        ((200, envelope(3)), NotFound, 1),
        ((200, json.dumps([item(0), item(5, "t")]).encode()), Forbidden, 1),
        ((200, json.dumps([item(3)]).encode()), NotFound, 1),
        ((200, json.dumps([item(99)]).encode()), NotUnderstood, TIMES),
        ((200, envelope(0)), NotUnderstood, TIMES),
        ((200, HTML), NotUnderstood, TIMES),
        ((200, b""), NotUnderstood, TIMES),
        ((200, b"[1, 2"), NotUnderstood, TIMES),
        ((200, b'["\xff"]'), NotUnderstood, TIMES),
        ((204, b""), NotUnderstood, TIMES),
        ((302, b"", "Location: http://h:no/?access_token=token"), NotUnderstood, 1),
        ((404, HTML), NotUnderstood, 1),
        ((415, envelope(2)), Refused, 1),
        ((408, b""), Busy, TIMES),
        ((425, b""), Busy, TIMES),
        ((429, envelope(0)), Busy, TIMES),
        ((500, b"boom"), Busy, TIMES),
        ((503, HTML), Busy, TIMES),
        ((503, HTML, "Retry-After: 901"), Busy, 1),
        (None, Interrupted, TIMES),
        ((200, b"[", "X: y"), NotUnderstood, TIMES),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[{}", Interrupted, TIMES),
    ],
)
def test_bad_answers_have_names(stub, reader, answer, expected, times):
    """Body or item, HTML or half: each failure has a name, and only what may pass is retried."""
    server = stub(answer)
    with pytest.raises(expected) as caught:
        patiently(reader(server.url), *KEY, NAMES, 1)
    assert expected is type(caught.value)
    assert times == len(server.targets)


def test_refused_port_is_unreachable(refused, reader):
    """A server that is not there is Unreachable, and the error names it and what to do."""
    with pytest.raises(Unreachable, match=f"{refused}: .* Check the base URL"):
        patiently(reader(refused), *KEY, NAMES, 1)


def test_passing_trouble_passes(fresh, reader):
    """Where a proxy's page or a 503 comes now and then, the reading goes on."""
    server = fresh(attempts=[ATTEMPT], faults=["server-error", "html-page"])
    client = reader(server.base_url, server.token)
    assert [2] * 20 == [len(patiently(client, *KEY, NAMES, 1)) for _ in range(20)]


# --- logging in --------------------------------------------------------------------------


def test_login_reads_and_edits(server):
    """A user name and a password give a client that can read and edit."""
    with Client.login(server.base_url, server.username, server.password) as client:
        assert 2 == len(patiently(client, *KEY, NAMES, 1))
        assert "ack" == client.editor().edit(edit_body(STATUS, "b", {"title": "x"})).outcome


def test_a_byte_order_mark_is_no_part_of_an_answer(stub):
    """A read, an edit, a login and a standing are understood behind a mark as .NET may write it."""
    answer = {"access_token": "t-o-k-e-n", "api_error_entity": {"error_code": 0}}
    marked = b"\xef\xbb\xbf"
    server = stub((200, marked + json.dumps(answer).encode()))
    with Client.login(server.url, "u", "p-a-s-s") as client:
        assert "endless" == client.standing().state
        assert "ack" == client.editor().edit(b"{}").outcome
        server.answer = (200, marked + b"[]")
        assert [] == client.page(*KEY, NAMES, 2)


def test_login_asks_for_a_short_life(stub):
    """The token is asked to end by itself within a working day."""
    bodies = []
    answer = json.dumps({"access_token": "t", "token_type": "b"}).encode()
    server = stub(lambda body: bodies.append(json.loads(body)) or (200, answer))
    before = datetime.now(UTC)
    Client.login(server.url, "u", "p").close()
    assert ["/api/v1/AdminApi/Authenticate"] == server.targets
    assert ("u", "p", "password") == tuple(
        bodies[0][name] for name in ("username", "password", "grant_type")
    )
    life = instant(bodies[0]["utc_expiration_date"]) - before
    assert timedelta(0) < life <= timedelta(hours=9)


def test_wrong_passwords_are_unauthenticated(server):
    """A password that the LMS does not accept is Unauthenticated, asked once."""
    with pytest.raises(Unauthenticated):
        Client.login(server.base_url, server.username, "wrong")
    assert 1 == server.requests()["Authenticate"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((200, envelope(4)), Unauthenticated),
        ((200, b'{"access_token": "", "api_error_entity": {"error_code": 4}}'), Unauthenticated),
        ((200, b'{"access_token": null, "api_error_entity": {"error_code": 0}}'), NotUnderstood),
        ((200, HTML), NotUnderstood),
        ((415, HTML), NotUnderstood),
        ((422, envelope(2)), Refused),
        (None, Interrupted),
    ],
)
def test_bad_logins_have_names(stub, answer, expected):
    """Whatever comes instead of a token is an error by name, also with HTTP 200."""
    with pytest.raises(expected):
        Client.login(stub(answer).url, "u", "p")


def test_login_without_a_server_is_unreachable(refused):
    """A login where nothing listens is Unreachable."""
    with pytest.raises(Unreachable):
        Client.login(refused, "u", "p")


# --- editing -----------------------------------------------------------------------------


def test_edit_is_committed_once(server, reader):
    """An acknowledged edit is in the LMS once, with the bytes that were given."""
    body = edit_body(STATUS, "b", {"lesson_location": "Ω 1"})
    assert "ack" == reader(server.base_url, server.token).editor().edit(body).outcome
    assert [{"lesson_location": "Ω 1"}] == [edit["body"] for edit in server.edits()]


def test_only_the_editor_has_the_write_token(server, reader):
    """Reads go out with the read token, edits with the write token."""
    body = edit_body(STATUS, "b", {"title": "x"})
    plain = reader(server.base_url, server.viewer_token)
    assert ("rejected", True) == (plain.editor().edit(body).outcome, plain.editor().edit(body).stop)
    both = reader(server.base_url, server.viewer_token, write_token=server.token)
    assert "ack" == both.editor().edit(body).outcome
    assert 1 == len(server.edits())


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (None, "unknown"),
        (b"", "unknown"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", "unknown"),
        ((200, HTML), "unknown"),
        ((500, HTML), "unknown"),
        ((503, HTML), "busy"),
        ((302, b"", "Location: http://["), "unknown"),
        ((409, envelope(3)), "rejected"),
        ((200, envelope(3)), "rejected"),
        ((200, envelope(0)), "ack"),
    ],
)
def test_edits_are_never_sent_twice(stub, reader, answer, expected):
    """However it ends, an edit goes out once; what is not certain is called unknown."""
    server = stub(answer)
    assert expected == reader(server.url).editor().edit(b"{}").outcome
    assert 1 == len(server.targets)


def test_edit_without_a_connection_was_not_sent(refused, reader):
    """Where no connection was made it is certain that nothing was written."""
    assert "not_sent" == reader(refused).editor().edit(b"{}").outcome


def test_client_itself_cannot_write():
    """Nothing of the reading client but `editor` leads to an edit."""
    assert not [name for name in vars(Client) if "edit" in name and name != "editor"]


@given(st.dictionaries(anything, anything))
def test_edit_body_is_stable(fields):
    """The same arguments, in any order, give the same bytes of compact UTF-8."""
    turned = dict(reversed(fields.items()))
    body = edit_body(STATUS, "ü", fields)
    assert body == edit_body(STATUS, "ü", turned)
    assert {"assignment_status_id": STATUS, "sco_id": "ü", **fields} == json.loads(body)


# --- around it ---------------------------------------------------------------------------


def test_a_practice_client_knows_its_worklist():
    """`Client.sandbox` starts a server, knows what is in it, and stops it when closed."""
    with Client.sandbox(attempts=[ATTEMPT]) as client:
        (row,) = client.worklist
        assert KEY == (row["enrollment_id"], row["assignment_id"])
        assert 2 == len(patiently(client, *KEY, NAMES, 1))
        url = client.base_url
    with pytest.raises(LmsError), Client(url, "t") as late:
        patiently(late, *KEY, NAMES, 1)


def test_other_clients_have_no_worklist(client):
    """A real LMS does not tell its worklist, and the error says where to get one."""
    with pytest.raises(SettingsError, match="Export one"):
        _ = client.worklist


def test_reprs_name_the_server_alone(reader):
    """Client and editor show their address and no token."""
    client = reader("https://lms.example.org", "read-token", write_token="write-token")
    assert "Client('https://lms.example.org')" == repr(client)
    assert "Editor('https://lms.example.org')" == repr(client.editor())
