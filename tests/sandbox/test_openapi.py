"""The contract: our document agrees with the vendor's, and our answers with both."""

import json
from itertools import product
from pathlib import Path

import httpx
import jsonschema
import pytest

from scormaudit.sandbox import Sandbox
from scormaudit.sandbox.openapi import document

from .known import ASSIGNMENT, EDIT, ENROLLMENT, READ, STATUS

CONTRACT = Path(__file__).parents[2].parent / "shared" / "contract"
vendors = pytest.mark.parametrize(
    "vendor",
    [
        pytest.param(
            name,
            marks=pytest.mark.skipif(
                not (CONTRACT / f"{name}.openapi.json").is_file(),
                reason="the vendor's documents are not beside the checkout",
            ),
        )
        for name in ("GetCmiData", "EditScormData")
    ],
    indirect=True,
)
READ_BODY = {"enrollment_id": ENROLLMENT, "assignment_id": ASSIGNMENT}
NAMES = ["cmi.core.lesson_status", "cmi.core.exit", "cmi.core.nope", "cmi.comments"]
EDIT_BODY = {"assignment_status_id": STATUS, "sco_id": "sco_a"}
CALLS = [
    (READ, {**READ_BODY, "cmi_element_names": NAMES}, 200),
    (READ, {**READ_BODY, "enrollment_id": STATUS, "cmi_element_names": NAMES}, 409),
    (READ, READ_BODY, 422),
    (EDIT, {**EDIT_BODY, "raw_score": 1, "exit_date_utc": "2026-01-01T00:00:00"}, 200),
    (EDIT, {**EDIT_BODY, "sco_id": "nope"}, 409),
    (EDIT, {**EDIT_BODY, "exit_status": "nope"}, 422),
]
TEXTS = ("summary", "description", "title", "default", "tags", "operationId", "servers", "info")


@pytest.fixture
def vendor(request):
    """The vendor's document of one operation."""
    return json.loads((CONTRACT / f"{request.param}.openapi.json").read_text(encoding="utf-8"))


def canonical(node):
    """JSON that does not depend on the order of keys."""
    return json.dumps(node, sort_keys=True)


def bare(node):
    """A document without its prose; lists whose order means nothing are sorted."""
    if isinstance(node, list):
        return sorted(map(bare, node), key=canonical)
    if not isinstance(node, dict):
        return node
    is_names = "type" not in node or isinstance(node["type"], dict)
    return {
        key: bare(child)
        for key, child in node.items()
        if key not in TEXTS or (is_names and isinstance(child, dict) and key != "info")
    }


def schema(contract, path, status):
    """The schema of an answer, with what it refers to."""
    answer = contract["paths"][path]["post"]["responses"][str(status)]
    return {
        **answer["content"]["application/json"]["schema"],
        "components": contract["components"],
    }


@vendors
def test_operations_agree(vendor):
    """Paths, methods, parameters, bodies, response codes and media types are the vendor's."""
    ours = bare(document()["paths"])
    for path, methods in bare(vendor["paths"]).items():
        assert methods == ours[path]


@vendors
def test_schemas_agree(vendor):
    """Property names, types, formats and what is required are the vendor's."""
    ours = bare(document()["components"]["schemas"])
    for name, expected in bare(vendor["components"]["schemas"]).items():
        assert expected == ours[name], name


def test_comparison_sees_a_difference():
    """The comparison drops prose alone: a property may be called title, a type may not change."""
    properties = bare(document()["components"]["schemas"])["EditScormDataRequest"]["properties"]
    assert {"type": "string"} == properties["title"]
    assert bare({"type": "string", "title": "x"}) == {"type": "string"}
    assert bare({"required": ["b", "a"]}) == bare({"required": ["a", "b"]})


@vendors
def test_no_sentence_is_copied(vendor):
    """Our document says it in its own words."""

    def sentences(node, key=""):
        if isinstance(node, dict):
            for name, child in node.items():
                yield from sentences(child, name)
        elif isinstance(node, list):
            for child in node:
                yield from sentences(child)
        elif isinstance(node, str) and key in ("summary", "description"):
            yield node

    assert not set(sentences(vendor)) & set(sentences(document()))


@pytest.mark.parametrize(("path", "body", "status"), CALLS)
def test_answers_fit_our_document(post, path, body, status):
    """Every kind of answer validates against the served document."""
    answer = post(path, body)
    assert status == answer.status_code
    assert "application/json" == answer.headers["content-type"]
    jsonschema.Draft202012Validator(schema(document(), path, status)).validate(answer.json())


@vendors
def test_answers_fit_the_vendors_document(post, vendor):
    """Every kind of answer validates against the vendor's document."""
    for path, body, status in CALLS:
        if path in vendor["paths"]:
            answer = post(path, body)
            assert status == answer.status_code
            jsonschema.Draft202012Validator(schema(vendor, path, status)).validate(answer.json())


@vendors
def test_seeded_answers_fit_the_vendors_document(vendor):
    """Pages of seeded records validate too."""
    contract = vendor if READ in vendor["paths"] else document()
    validator = jsonschema.Draft202012Validator(schema(contract, READ, 200))
    with Sandbox(records=40) as sandbox:
        url = f"{sandbox.base_url}{READ}?access_token={sandbox.token}"
        for entry in sandbox.worklist:
            keys = {name: entry[name] for name in READ_BODY}
            validator.validate(httpx.post(url, json={**keys, "cmi_element_names": NAMES}).json())


def test_refusals_fit_our_document(post):
    """A refused token is answered as documented, for both operations."""
    for path, token in product((READ, EDIT), ("", "nope")):
        answer = post(path, {}, params={"access_token": token})
        jsonschema.Draft202012Validator(schema(document(), path, 403)).validate(answer.json())


def test_document_is_served(sandbox):
    """The document stands at /openapi.json."""
    assert document() == httpx.get(f"{sandbox.base_url}/openapi.json").json()
