"""Tokens: who may read, who may edit, and what an invalid one is told."""

import httpx
import pytest

from .known import ASSIGNMENT, EDIT, ENROLLMENT, READ, STATUS

AUTHENTICATE = "/api/v1/AdminApi/Authenticate"
VALIDATE = "/api/v1/AdminApi/ValidateAccessToken"
BODY = {"enrollment_id": ENROLLMENT, "assignment_id": ASSIGNMENT, "cmi_element_names": []}
EDIT_BODY = {"assignment_status_id": STATUS, "sco_id": "sco_a", "lesson_location": "x"}


@pytest.fixture
def login(sandbox):
    """The body that Authenticate accepts."""
    return {
        "username": sandbox.username,
        "password": sandbox.password,
        "grant_type": "password",
    }


def codes(answer):
    """Status and error code of an answer."""
    return answer.status_code, answer.json()["api_error_entity"]["error_code"]


@pytest.mark.parametrize("token", ["", "nope", "00000000-0000-4000-8000-000000000000"])
@pytest.mark.parametrize("path", [READ, EDIT])
def test_unknown_token_is_403_code_4(post, path, token):
    """An unknown token learns nothing, not even whether its body is valid."""
    assert (403, 4) == codes(post(path, [], params={"access_token": token}))


def test_missing_token_is_403_code_4(sandbox):
    """No token is an unknown token."""
    assert (403, 4) == codes(httpx.post(f"{sandbox.base_url}{READ}", json=BODY))


def test_viewer_reads_but_does_not_edit(post, sandbox):
    """The viewer's token reads; an edit is 403 with code 5 and changes nothing."""
    viewer = {"access_token": sandbox.viewer_token}
    assert 200 == post(READ, BODY, params=viewer).status_code
    assert (403, 5) == codes(post(EDIT, EDIT_BODY, params=viewer))
    assert [] == sandbox.edits()


def test_authenticate_grants_a_token(post, login):
    """A fresh token reads and edits; without an asked end, its lifetime is told."""
    granted = post(AUTHENTICATE, login).json()
    assert 3600 == granted["expires_in"]
    assert 0 == granted["api_error_entity"]["error_code"]
    token = {"access_token": granted["access_token"]}
    assert 200 == post(EDIT, EDIT_BODY, params=token).status_code


def test_expired_token_is_403_code_4(post, login):
    """A token past its end is refused like an unknown one; no lifetime is told for it."""
    granted = post(AUTHENTICATE, {**login, "utc_expiration_date": "2020-01-01T00:00:00.5Z"}).json()
    assert "expires_in" not in granted
    token = {"access_token": granted["access_token"]}
    assert (403, 4) == codes(post(READ, BODY, params=token))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"password": "wrong"}, (403, 4)),
        ({"username": "wrong"}, (403, 4)),
        ({"grant_type": "token"}, (422, 2)),
        ({"password": None}, (422, 2)),
        ({"utc_expiration_date": "soon"}, (422, 2)),
        ({"utc_expiration_date": 5}, (422, 2)),
    ],
)
def test_authenticate_refuses(post, login, change, expected):
    """Wrong credentials are 403, an invalid request is 422."""
    assert expected == codes(post(AUTHENTICATE, {**login, **change}))


def test_authenticate_wants_json(post, login):
    """A form is answered 415."""
    assert 415 == post(AUTHENTICATE, data=login).status_code


def test_validate_has_three_shapes(post, login, sandbox):
    """Always 200: a date, or neither date nor message for no end, or a message alone."""
    ends = {"utc_expiration_date": "2999-01-01T00:00:00Z"}
    granted = post(AUTHENTICATE, {**login, **ends}).json()["access_token"]

    def ask(token: str) -> tuple[str | None, bool]:
        answer = httpx.get(f"{sandbox.base_url}{VALIDATE}", params={"access_token": token})
        assert 200 == answer.status_code
        found = answer.json()
        return found.get("utc_expiration_date"), "error_message" in found["api_error_entity"]

    assert ("2999-01-01T00:00:00Z", False) == ask(granted)
    assert (None, False) == ask(sandbox.token)
    assert (None, True) == ask("nope")
