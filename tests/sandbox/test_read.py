"""Reading: pages, order, and the four states of an element."""

import httpx
import pytest

from scormaudit.sandbox import Attempt, Sandbox, Sco

from .known import ASSIGNMENT, EMPTY, ENROLLMENT, READ

KEYS = {"enrollment_id": ENROLLMENT, "assignment_id": ASSIGNMENT}
UNKNOWN = "55555555-5555-4555-8555-555555555555"


def codes(answer):
    """Status and error code of an answer."""
    return answer.status_code, answer.json()["api_error_entity"]["error_code"]


def test_answer_is_a_bare_array_ordered_by_sco_id(read):
    """The items come as a bare array, ordered by SCO id, each with its own envelope."""
    items = read("cmi.core.lesson_status").json()
    assert ["sco_a", "sco_b", "sco_c"] == [item["sco_id"] for item in items]
    assert {"error_code": 0, "warning_messages": []} == items[0]["api_error_entity"]


def test_null_dates_are_left_out(read):
    """A date is served as it was stored, and left out when null."""
    item = read().json()[0]
    assert "2026-03-01T09:00:00.731Z" == item["start_date_utc"]
    assert "exit_date_utc" not in item
    assert [] == item["cmi_fields"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cmi.core.lesson_status", {"cmi_element_value": "incomplete"}),
        ("cmi.core.lesson_location", {"cmi_element_value": ""}),
        ("cmi.core.exit", {}),
        ("cmi.objectives.1.id", {}),
        ("cmi.objectives._count", {"cmi_element_value": "3"}),
        ("cmi.interactions._count", {"cmi_element_value": "1"}),
        ("cmi.interactions.0.correct_responses._count", {"cmi_element_value": "1"}),
        ("cmi.interactions.0.objectives._count", {"cmi_element_value": "0"}),
        ("cmi.comments", {"cmi_element_value": "", "error_message": "101 - General exception"}),
    ],
)
def test_states_stay_apart(read, name, expected):
    """A value, an empty value, nothing and an error look different on the wire."""
    assert {"cmi_element_name": name, **expected} == read(name).json()[0]["cmi_fields"][0]


@pytest.mark.parametrize(
    "name",
    [
        "cmi.core.nope",
        "",
        "cmi.objectives.3.id",
        "cmi.interactions.0.correct_responses.1.pattern",
        "cmi.interactions.1.objectives._count",
        "cmi.objectives." + "9" * 5000 + ".id",
    ],
)
def test_unknown_elements_are_not_implemented(read, name):
    """An unknown name or an index beyond the array is an empty value with error 401."""
    found = read(name).json()[0]["cmi_fields"][0]
    assert "" == found["cmi_element_value"]
    assert "401 - Not Implemented Error" == found["error_message"]


def test_scorm_2004_implements_nothing(read):
    """Every element of a SCORM 2004 course comes back as an error, stored or not."""
    fields = read("cmi.core.credit", "cmi.suspend_data").json()[1]["cmi_fields"]
    assert ["401 - Not Implemented Error"] * 2 == [field["error_message"] for field in fields]


def test_count_may_contradict_the_indices():
    """A `_count` that is set explicitly is served as it is, null included."""
    cmi = {"cmi.objectives.0.id": "o1", "cmi.objectives._count": "7"}
    attempt = Attempt(ENROLLMENT, ASSIGNMENT, EMPTY, scos=[Sco("s", cmi=cmi)])
    body = {**KEYS, "cmi_element_names": ["cmi.objectives._count"]}
    with Sandbox.of([attempt]) as sandbox:
        url = f"{sandbox.base_url}{READ}?access_token={sandbox.token}"
        assert "7" == httpx.post(url, json=body).json()[0]["cmi_fields"][0]["cmi_element_value"]
        sandbox.put(EMPTY, "s", {"cmi.objectives._count": None})
        assert "cmi_element_value" not in httpx.post(url, json=body).json()[0]["cmi_fields"][0]


@pytest.mark.parametrize(
    ("per_page", "page", "expected"),
    [
        (None, None, 30), (0, 1, 30), (-5, 1, 30), (5000, 1, 1000), (1000, 2, 5),
        (1000, 3, 0), (7, 144, 4), (7, 0, 7), (2147483647, 2147483647, 0),
    ],
)  # fmt: skip
def test_pages_are_clamped_silently(per_page, page, expected):
    """A page has 30 SCOs unless told otherwise and 1000 at most; past the end comes []."""
    scos = [Sco(f"s{number:04}") for number in range(1005)]
    params = {"per_page": per_page, "page": page}
    params = {name: number for name, number in params.items() if number is not None}
    with Sandbox.of([Attempt(ENROLLMENT, ASSIGNMENT, EMPTY, scos=scos)]) as sandbox:
        answer = httpx.post(
            f"{sandbox.base_url}{READ}",
            params={"access_token": sandbox.token, **params},
            json={**KEYS, "cmi_element_names": []},
        )
    assert (200, expected) == (answer.status_code, len(answer.json()))


def test_attempt_without_scos_is_empty(post):
    """An attempt without SCOs is known: 200 and an empty array."""
    body = {"enrollment_id": EMPTY, "assignment_id": ASSIGNMENT, "cmi_element_names": []}
    assert [] == post(READ, body).json()


def test_unknown_ids_are_409(post):
    """Not found is 409 with code 3; either id alone does not suffice."""
    for keys in ({**KEYS, "enrollment_id": UNKNOWN}, {**KEYS, "assignment_id": UNKNOWN}):
        assert (409, 3) == codes(post(READ, {**keys, "cmi_element_names": []}))


def test_ids_are_found_in_any_case(post):
    """A UUID is the same in capitals."""
    capitals = {name: key.upper() for name, key in KEYS.items()}
    assert 200 == post(READ, {**capitals, "cmi_element_names": []}).status_code


@pytest.mark.parametrize(
    "body",
    [
        1, "x", [], {}, {**KEYS}, {**KEYS, "cmi_element_names": None},
        {**KEYS, "cmi_element_names": "cmi.core.exit"}, {**KEYS, "cmi_element_names": [None]},
        {**KEYS, "enrollment_id": "1", "cmi_element_names": []},
        {**KEYS, "assignment_id": 1, "cmi_element_names": []},
        {**KEYS, "assignment_id": "{" + ASSIGNMENT + "}", "cmi_element_names": []},
    ],
)  # fmt: skip
def test_invalid_bodies_are_422(post, body):
    """A body that breaks the contract is refused with 422 and code 2."""
    assert (422, 2) == codes(post(READ, body))


@pytest.mark.parametrize(
    "content", [b"", b"null", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a": NaN}', b"1" * 5000]
)
def test_malformed_json_is_422(post, content):
    """What is not JSON gets the envelope, never a server error."""
    headers = {"Content-Type": "application/json"}
    assert (422, 2) == codes(post(READ, content=content, headers=headers))


@pytest.mark.parametrize("page", ["x", "1.5", "99999999999", "\u0661", "1_0"])
def test_page_must_be_an_integer(read, page):
    """A page that is no 32-bit integer is refused."""
    assert (422, 2) == codes(read(page=page))


def test_text_json_is_accepted_and_forms_are_not(post):
    """Both documented media types are read; a form is 415."""
    content = '{"enrollment_id": "%s", "assignment_id": "%s", "cmi_element_names": []}'
    content %= (ENROLLMENT, ASSIGNMENT)
    headers = {"Content-Type": "text/json; charset=utf-8"}
    assert 200 == post(READ, content=content, headers=headers).status_code
    assert 415 == post(READ, data={"enrollment_id": ENROLLMENT}).status_code


def test_only_documented_methods():
    """GET on an operation is 405, an unknown path 404."""
    with Sandbox.of([]) as sandbox:
        assert 405 == httpx.get(f"{sandbox.base_url}{READ}").status_code
        assert 404 == httpx.get(f"{sandbox.base_url}/api/v1/Nope").status_code
