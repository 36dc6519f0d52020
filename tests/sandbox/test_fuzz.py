"""Generated requests: whatever is sent, the answer is a documented one."""

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from scormaudit.sandbox.openapi import document

from .known import ASSIGNMENT, ENROLLMENT, STATUS

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
KNOWN = {
    "enrollment_id": ENROLLMENT,
    "assignment_id": ASSIGNMENT,
    "assignment_status_id": STATUS,
    "sco_id": "sco_a",
}
contract = schemathesis.openapi.from_dict(document())
few = settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@contract.parametrize()
@few
def test_any_request_gets_a_documented_answer(case, sandbox):
    """Neither odd values nor wrong types bring the server down or off its contract."""
    case.call_and_validate(base_url=sandbox.base_url, checks=CHECKS)


@contract.parametrize()
@few
def test_any_body_gets_a_documented_answer(case, sandbox):
    """The same with a token and ids that exist, so that reads and edits happen."""
    case.query = {**(case.query or {}), "access_token": sandbox.token}
    if isinstance(case.body, dict):
        case.body = {**case.body, **{name: KNOWN[name] for name in KNOWN if name in case.body}}
    case.call_and_validate(base_url=sandbox.base_url, checks=CHECKS)
