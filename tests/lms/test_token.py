"""The token: renewed once for all threads, and given up where that does not help."""

import json
from collections import Counter
from itertools import count
from threading import Barrier, Thread

import pytest
from patient import patiently
from pydantic import SecretStr

from scormaudit.errors import Busy, Unauthenticated
from scormaudit.lms.client import Client
from scormaudit.lms.token import Token
from scormaudit.sandbox import Attempt, Sandbox, Sco

KEY = E, A = ("11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222")
S = "33333333-3333-4333-8333-333333333333"
NAMES = ("cmi.core.lesson_status",)
REFUSED = b'{"api_error_entity": {"error_code": 4}}'


def numbered(start=1):
    """Gives t1, t2 and so on, one at each call."""
    turn = count(start)
    return lambda: SecretStr(f"token-{next(turn)}")


class Guard:
    """A stub's LMS that knows its tokens: the `good` ones read, each login gives another one."""

    def __init__(self, serve, good, refusal=(401, b"")):
        self.good, self.refusal = good, refusal
        self.logins = count(1)
        self.server = serve(self)
        self.url = self.server.url

    def __call__(self, body):
        if b"grant_type" in body:
            answer = {"access_token": f"token-{next(self.logins)}", "token_type": "bearer"}
            return 200, json.dumps(answer).encode()
        token = self.server.targets[-1].rpartition("access_token=")[2]
        return (200, b"[]") if token in self.good else self.refusal

    @property
    def asked(self):
        """How many reads and logins there were."""
        reads = sum("GetCmiData" in target for target in self.server.targets)
        return reads, len(self.server.targets) - reads


# --- the token itself --------------------------------------------------------------------


def test_a_stale_token_is_renewed_once():
    """Of all threads that had the stale token one renews it, the others find the new one."""
    renewed = Counter()
    fresh = numbered()

    def renew():
        renewed["times"] += 1
        barrier.wait(10)
        return fresh()

    barrier = Barrier(2)
    token = Token(SecretStr("stale"), renew)
    stale = token.current()
    threads = [Thread(target=token.renew, args=(stale,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    barrier.wait(10)
    for thread in threads:
        thread.join()
    assert (1, "token-1") == (renewed["times"], token.current().get_secret_value())


def test_a_plain_token_cannot_be_renewed():
    """The error says that the token was refused, and how to have it renewed."""
    token = Token(SecretStr("plain"))
    with pytest.raises(Unauthenticated, match="SCORMAUDIT_USERNAME") as caught:
        token.renew(token.current())
    assert caught.value.ends_run


def test_a_fresh_token_that_is_refused_is_the_end():
    """A token that was renewed and never accepted is not renewed again."""
    token = Token(SecretStr("first"), numbered())
    token.renew(token.current())
    with pytest.raises(Unauthenticated, match="just given"):
        token.renew(token.current())
    token.accepted()
    token.renew(token.current())
    assert "token-2" == token.current().get_secret_value()


def test_a_renewal_that_failed_is_not_tried_again():
    """A password that is not accepted is sent once, and not by each thread: accounts lock."""
    times = count()

    def fail():
        next(times)
        raise Busy("The LMS answered HTTP 503.")

    token = Token(SecretStr("first"), fail)
    for _ in range(3):
        with pytest.raises(Busy) as caught:
            token.renew(token.current())
        assert (False, True) == (caught.value.passing, caught.value.ends_run)
    assert 1 == next(times)


def test_a_token_whose_time_is_over_is_renewed_before_it_is_refused():
    """A minute before its life is over a token that can be renewed is renewed."""
    now = [0.0]
    token = Token(SecretStr("first"), numbered(), lifetime=600, clock=lambda: now[0])
    expected = {540: "first", 541: "token-1", 1081: "token-1", 1082: "token-2"}
    for moment, value in expected.items():
        now[0] = moment
        assert value == token.current().get_secret_value()
        token.accepted()


def test_a_plain_token_is_used_until_it_is_refused():
    """How long a plain token lives is not known, so it is never held to be over."""
    now = [0.0]
    token = Token(SecretStr("plain"), lifetime=600, clock=lambda: now[0])
    now[0] = 10.0**9
    assert "plain" == token.current().get_secret_value()


def test_every_value_is_known_to_the_redactor():
    """What the token was, is and will be stays out of texts."""
    token = Token(SecretStr("token-0"), numbered())
    token.renew(token.current())
    assert "*** ***" == token.redact("token-0 token-1")


# --- the client's ------------------------------------------------------------------------


@pytest.mark.parametrize("refusal", [(401, b""), (403, REFUSED), (200, REFUSED)])
def test_a_token_that_ends_is_renewed_and_the_read_goes_on(stub, refusal):
    """401 and code 4 cost one login and one read more, and nobody notices."""
    guard = Guard(stub, {"token-1"}, refusal)
    with Client.login(guard.url, "u", "p") as client:
        patiently(client, *KEY, NAMES, 2)
        guard.good = {"token-2"}
        assert [] == patiently(client, *KEY, NAMES, 2)
    assert (3, 2) == guard.asked


def test_every_token_of_a_long_run_is_renewed(stub):
    """One that was accepted and ends later is renewed again, as often as that happens."""
    guard = Guard(stub, {"token-1"})
    with Client.login(guard.url, "u", "p") as client:
        for number in range(1, 6):
            guard.good = {f"token-{number}"}
            assert [] == patiently(client, *KEY, NAMES, 2)
    assert 5 == guard.asked[1]


def test_many_threads_renew_once(stub):
    """Eight threads that are refused together log in once together."""
    guard = Guard(stub, {"token-1"})
    barrier = Barrier(8)
    with Client.login(guard.url, "u", "p") as client:
        patiently(client, *KEY, NAMES, 2)
        guard.good = {"token-2"}

        def read():
            barrier.wait(10)
            patiently(client, *KEY, NAMES, 2)

        threads = [Thread(target=read) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert 2 == guard.asked[1]
    assert guard.asked[0] <= 1 + 2 * 8


def test_a_fresh_token_that_is_refused_ends_the_run(stub):
    """If the new token is no better the run ends, after two reads and one more login."""
    guard = Guard(stub, set())
    with Client.login(guard.url, "u", "p") as client:
        for _ in range(3):
            with pytest.raises(Unauthenticated) as caught:
                patiently(client, *KEY, NAMES, 2)
            assert caught.value.ends_run
    assert 2 == guard.asked[1]


def test_a_password_that_was_changed_is_sent_once(stub):
    """Where the login itself is refused meanwhile, the error names the password; asked once."""
    guard = Guard(stub, {"token-1"})
    with Client.login(guard.url, "u", "p") as client:
        patiently(client, *KEY, NAMES, 2)
        guard.good = set()
        first, guard.server.answer = (
            guard,
            lambda body: (403, b"") if b"grant_type" in body else first(body),
        )
        for _ in range(3):
            with pytest.raises(Unauthenticated, match="SCORMAUDIT_PASSWORD"):
                patiently(client, *KEY, NAMES, 2)
    assert 2 == guard.asked[1]


def test_without_a_password_the_refusal_stands(stub):
    """A client of a plain token asks once and says what to set."""
    guard = Guard(stub, set())
    with Client(guard.url, "plain") as client, pytest.raises(Unauthenticated, match="USERNAME"):
        patiently(client, *KEY, NAMES, 2)
    assert (1, 0) == guard.asked


def test_a_sandbox_whose_token_expires_is_read_whole():
    """Against a server that lets a token expire midway, every page comes and one login more."""
    attempt = Attempt(*KEY, S, scos=[Sco("s")])
    with Sandbox.of([attempt], faults=["expired-token"]) as server:
        with Client.login(server.base_url, server.username, server.password) as client:
            sizes = [len(patiently(client, *KEY, NAMES, 1)) for _ in range(30)]
        assert [1] * 30 == sizes
        assert 2 == server.requests()["Authenticate"]
        with Client(server.base_url, server.token) as client:
            assert 1 == len(patiently(client, *KEY, NAMES, 1))


def test_edits_use_the_renewed_token(stub):
    """An editor sends the token that is good now, though it was made with an older one."""
    guard = Guard(stub, {"token-1"})
    with Client.login(guard.url, "u", "p") as client:
        editor = client.editor()
        patiently(client, *KEY, NAMES, 2)
        guard.good = {"token-2"}
        patiently(client, *KEY, NAMES, 2)
        editor.edit(b"{}")
    assert guard.server.targets[-1].endswith("access_token=token-2")


def test_an_edit_is_not_sent_again_with_another_token(stub):
    """An edit whose token is refused is unauthenticated; whoever sent it decides what follows."""
    guard = Guard(stub, set())
    with Client.login(guard.url, "u", "p") as client:
        answer = client.editor().edit(b"{}")
    assert ("unauthenticated", False) == (answer.outcome, answer.stop)
    assert 2 == len(guard.server.targets)


def test_an_edit_without_a_token_was_not_sent(stub):
    """Where the token's time is over and none can be had, the edit never leaves."""
    guard = Guard(stub, {"token-1"})
    with Client.login(guard.url, "u", "p") as client:
        client._token._ends = float("-inf")
        guard.server.answer = (403, b"")
        answer = client.editor().edit(b"{}")
    assert ("not_sent", True) == (answer.outcome, answer.stop)
    assert not [target for target in guard.server.targets if "Edit" in target]


def test_a_login_in_bad_weather_succeeds(stub):
    """A login is tried again while its failure is passing, as reads are."""
    guard = Guard(stub, {"token-1"})
    weather = iter([(503, b""), None, (200, b"<html>")])
    guard.server.answer = lambda _: next(weather, guard(b"grant_type"))
    Client.login(guard.url, "u", "p").close()
    assert 4 == guard.asked[1]
