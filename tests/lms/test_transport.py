"""The transport: secrets go out and nothing of httpx comes back."""

import json
import threading
from functools import partial

import httpx
import pytest
from pydantic import SecretStr

from scormaudit.errors import Interrupted, Unreachable
from scormaudit.lms.transport import SecretTransport, with_password, with_token

TOKEN = "s3cret&tok/en ü"
WITH_TOKEN = partial(with_token, token=SecretStr(TOKEN))
ENCODED = "s3cret%26tok%2Fen+%C3%BC"


@pytest.fixture
def http():
    """A client as `Client` builds it, with a token or a password."""
    clients = []

    def make(join=WITH_TOKEN, timeout=30):
        inner = httpx.HTTPTransport(trust_env=False)
        clients.append(httpx.Client(transport=SecretTransport(inner, join), timeout=timeout))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


def test_token_travels_and_the_caller_does_not_see_it(http, stub):
    """The token joins the query on the wire, encoded; the request that comes back lacks it."""
    server = stub((200, b"[]"))
    response = http().post(f"{server.url}/x", params={"page": 1})
    assert [f"/x?page=1&access_token={ENCODED}"] == server.targets
    assert "access_token" not in f"{response.request.url}{response.url}"


def test_password_travels_and_the_caller_does_not_see_it(http, stub):
    """The password joins the JSON on the wire; the request that comes back lacks it."""
    bodies = []
    server = stub(lambda body: bodies.append(json.loads(body)) or (200, b"{}"))
    client = http(partial(with_password, password=SecretStr("ü pass")))
    response = client.post(f"{server.url}/x", params={"a": "b"}, json={"username": "u"})
    assert [{"username": "u", "password": "ü pass"}] == bodies
    assert ["/x?a=b"] == server.targets
    assert {"username": "u"} == json.loads(response.request.content)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        b"",
        b"not HTTP at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n[{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a length\r\n",
        (200, b"[]", "Content-Encoding: gzip"),
    ],
    ids=["reset", "closed", "not-http", "half", "half-chunk", "no-chunk", "not-gzip"],
)
def test_broken_answers_interrupt(http, stub, answer):
    """An answer that breaks off, or cannot be decoded, is Interrupted with no trace of httpx."""
    server = stub(answer)
    with pytest.raises(Interrupted) as caught:
        http().post(f"{server.url}/x", json=[])
    assert server.url == caught.value.where
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_silence_interrupts(http, stub):
    """A server that takes the request and says nothing is Interrupted: it may have acted."""
    patience = threading.Event()
    server = stub(lambda _: patience.wait(10) and None)
    with pytest.raises(Interrupted, match="ReadTimeout"):
        http(timeout=0.1).post(f"{server.url}/x")
    patience.set()


class Dripping(httpx.BaseTransport, httpx.SyncByteStream):
    """Answers at once, with a body that comes in a thousand pieces, each of them soon."""

    def __init__(self):
        self.pieces, self.is_closed = 0, False

    def handle_request(self, _):
        """200, and the body is this object."""
        return httpx.Response(200, stream=self)

    def __iter__(self):
        for self.pieces in range(1, 1001):
            threading.Event().wait(0.002)
            yield b"x"

    def close(self):
        """Kept in mind."""
        self.is_closed = True


def test_a_body_that_never_ends_interrupts():
    """A body whose pauses are short and many is given up after ten timeouts, and closed."""
    body = Dripping()
    with httpx.Client(transport=SecretTransport(body, WITH_TOKEN), timeout=0.01) as client:
        with pytest.raises(Interrupted, match="ReadTimeout"):
            client.post("http://127.0.0.1/x")
        assert body.is_closed
        assert 1 < body.pieces < 1000


def test_without_a_timeout_a_body_takes_its_time():
    """Who sets no timeout gets the whole body, however slowly it comes."""
    with httpx.Client(transport=SecretTransport(Dripping(), WITH_TOKEN), timeout=None) as client:
        assert 1000 * b"x" == client.post("http://127.0.0.1/x").content


def test_no_connection_is_unreachable(http, refused):
    """Where no connection was made nothing was sent, and the error says so by its kind."""
    with pytest.raises(Unreachable, match="ConnectError") as caught:
        http().post(f"{refused}/x")
    assert refused == caught.value.where
    assert caught.value.__context__ is None


def test_a_host_that_is_no_name_is_unreachable(http):
    """A label that is too long for any host breaks in the library, and is named here."""
    with pytest.raises(Unreachable) as caught:
        http().post(f"http://{'a' * 70}.example.org/x")
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "location", ["/login?back=%2Fx%3Faccess_token%3DABC", "http://h:no/", "http://[", "//", "\\"]
)
def test_redirects_are_not_followed(http, stub, location):
    """A redirect is an answer like any other, and its address is not even looked at."""
    server = stub((302, b"", f"Location: {location}"))
    response = http().post(f"{server.url}/x")
    assert 302 == response.status_code
    assert response.next_request is None
    assert "location" not in response.headers
    assert 1 == len(server.targets)
