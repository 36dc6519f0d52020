"""An answer that holds half a surrogate pair costs what cannot be kept, and nothing else."""

import json

import pytest

from scormaudit import audit
from scormaudit.fetch import fetch
from scormaudit.lms.client import Client
from scormaudit.lms.redaction import Redactor

CALM = ({}, {})
KEYS = [f"{digit * 8}-0000-4000-8000-000000000000" for digit in "abc"]
CUT = "a text that ends within a character \ud83d"


@pytest.fixture
def read(stub, tmp_path):
    """A fetch of three assignments; the second one's item and elements are changed on their way."""

    def snapshot(item_of_second, elements_of_second):
        def answer(body):
            if "page=1&" not in server.targets[-1]:
                return 200, b"[]"
            asked = json.loads(body)
            texts = {name: "0" if name.endswith("_count") else "x" for name in
                     asked["cmi_element_names"]}  # fmt: skip
            item = {"sco_id": "s", "title": "t", "api_error_entity": {"error_code": 0}}
            if asked["enrollment_id"] == KEYS[1]:
                item, texts = item | item_of_second, texts | elements_of_second
            fields = [{"cmi_element_name": n, "cmi_element_value": t} for n, t in texts.items()]
            return 200, json.dumps([{**item, "cmi_fields": fields}]).encode()

        server = stub(answer)
        rows = [{"enrollment_id": key, "assignment_id": KEYS[0]} for key in KEYS]
        with Client(server.url, "s3cret-token") as client:
            made = fetch(client, rows, tmp_path / "s", jobs=1)
        return made, len(server.targets)

    return snapshot


def test_an_element_fails_alone(read):
    """The element is an error with its reason, the others of its SCO stay, nothing is retried."""
    calm, requests = read(*CALM)
    texts = calm.records.drop(columns=["suspend_data", "enrollment_id"])
    calm.path.rename(calm.path.with_name("calm"))
    snapshot, asked = read({}, {"cmi.suspend_data": CUT})
    assert (requests, {"ok": 3}, True) == (
        asked, snapshot.manifest.coverage, snapshot.manifest.complete
    )  # fmt: skip
    (error,) = snapshot.table("element_errors").to_dict("records")
    assert (KEYS[1], "cmi.suspend_data") == (error["enrollment_id"], error["element"])
    assert "half a surrogate pair" in error["message"]
    assert texts.equals(snapshot.records.drop(columns=["suspend_data", "enrollment_id"]))
    results = {result.rule.code: result for result in audit(snapshot).results}
    assert 1 == results["DT312"].unknown


def test_a_title_fails_its_record_at_once(read):
    """Where a title is no text that record is an error with its reason, and the others are read."""
    calm, requests = read(*CALM)
    calm.path.rename(calm.path.with_name("calm"))
    snapshot, asked = read({"title": CUT}, {})
    assert {"ok": 2, "error": 1} == snapshot.manifest.coverage
    assert asked <= requests
    (message,) = snapshot.table("coverage")["message"].dropna()
    assert "half a surrogate pair" in message
    assert "a text" not in message


def test_a_secret_beside_it_is_still_found():
    """Text that nothing can store does not hide a secret from the redaction."""
    from pydantic import SecretStr

    assert "\ud83d ***" == Redactor(SecretStr("s3cret-token"))("\ud83d s3cret-token")
