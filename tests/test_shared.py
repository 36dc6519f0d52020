"""What several rules ask of the same records is answered once, and for each of them."""

import pandas as pd
import pytest
from pandera.errors import SchemaErrors

from scormaudit import audit, schema
from scormaudit.pack import load

RULES = '''"""Two rules that ask the same."""

from pandera.pandas import Check

from scormaudit import Rule, shared

ASKED = []


@shared
def high(cmi):
    """Scores above 90."""
    ASKED.append(len(cmi))
    return cmi.score_raw_value.gt(90)


def spoiled(cmi):
    """A rule that writes into what it was given."""
    found = high(cmi)
    found[:] = True
    return found


class Spoils(Rule, code="SH101"):
    """Writes into the answer."""

    needs = ("score_raw", "lesson_status")
    check = Check(spoiled)


class High(Rule, code="SH102"):
    """The score is high."""

    needs = ("score_raw", "lesson_status")
    check = Check(lambda cmi: ~high(cmi))


class Odd(Rule, code="SH103"):
    """The score is high, and failed."""

    needs = ("score_raw", "lesson_status")
    check = Check(lambda cmi: ~(high(cmi) & cmi.lesson_status.eq("failed")))
'''
RECORDS = pd.DataFrame({"score_raw": ["95", "20", "99"], "lesson_status": ["failed", "x", "x"]})


@pytest.fixture
def pack(tmp_path):
    """A pack whose rules share a question."""
    (tmp_path / "sharing.py").write_text(RULES, encoding="utf-8")
    return load(tmp_path, shipped_too=False)


def test_a_shared_question_is_answered_once(pack):
    """Three rules ask, one answer is made, and what one rule writes into it no other sees."""
    findings = audit(RECORDS, rules=pack).findings
    assert [("SH102", 0), ("SH102", 2), ("SH103", 0)] == [
        *zip(findings["rule"], findings["row"], strict=True)
    ]
    assert [3] == pack["SH101"].check._check_fn.__globals__["ASKED"]


def test_a_frame_is_asked_as_well(pack):
    """In the pandera schema, where nothing is kept, the rules say the same."""
    with pytest.raises(SchemaErrors) as raised:
        schema(rules=pack, ignore=["SH101"]).validate(RECORDS, lazy=True)
    assert {0, 2} == {*raised.value.failure_cases["index"]}
