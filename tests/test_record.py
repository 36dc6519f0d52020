"""A recorded record replays, is judged as the real one, and leads to nobody."""

import json
import re
from functools import partial
from uuid import UUID

import pytest
import vcr
from hypothesis import given
from hypothesis import strategies as st
from strategies import anything
from traces import traces

from scormaudit import Client, audit, fetch
from scormaudit.errors import SettingsError
from scormaudit.lms.wire import Reading
from scormaudit.lms.wire import Sco as Read
from scormaudit.record import BASE_URL, Disguise, record
from scormaudit.sandbox import Attempt, Sco

read_sco = partial(Read, title="", start_date_utc=None, exit_date_utc=None, elements={})
KEPT = ["rule", "severity", "element", "index"]


@pytest.fixture(scope="module")
def made(practice, client, tmp_path_factory):
    """A cassette of forty practice records, the worklist that replays it, and the real one."""
    path = tmp_path_factory.mktemp("record") / "mine.yaml"
    real = practice.worklist[:40]
    return path, record(client, real, path), real


def findings(snapshot):
    """What is wrong where, without the names of anybody or anything."""
    found = audit(snapshot, ignore=[]).findings
    return sorted(found[KEPT].astype(str).itertuples(index=False, name=None))


def test_it_is_judged_alike(made, client, tmp_path):
    """The cassette replays without a network and gives the findings of the real records."""
    path, worklist, real = made
    tape = vcr.VCR(
        match_on=["method", "path", "query", "body"],
        filter_query_parameters=["access_token"],
        record_mode=vcr.mode.NONE,
    )
    with (
        tape.use_cassette(str(path), allow_playback_repeats=True),
        Client(BASE_URL, "none") as replayed,
    ):
        disguised = fetch(replayed, worklist, tmp_path / "disguised", jobs=1)
    assert findings(fetch(client, real, tmp_path / "real")) == findings(disguised)


def test_nobody_is_in_it(made, practice):
    """No id, name, title, course or token of the practice LMS stands in the cassette."""
    text = made[0].read_text(encoding="utf-8")
    values = {value for row in made[2] for value in row.values()} | {practice.token}
    assert set() == {value for value in values if len(value) > 3 and value in text}
    assert "access_token" not in text
    assert [] == traces(text)
    assert "127.0.0.1" not in text
    assert set() == set(re.findall(r"slide=\d+;visited", text))


def test_a_cassette_is_never_overwritten(made, client):
    """An existing file is left as it is."""
    before = made[0].read_bytes()
    with pytest.raises(SettingsError):
        record(client, made[2][:1], made[0])
    assert before == made[0].read_bytes()


def test_the_key_is_not_kept(made, client, tmp_path):
    """Recording twice gives other ids, so no two cassettes can be joined."""
    again = record(client, made[2], tmp_path / "again.yaml")
    ids = {row["enrollment_id"] for row in made[1]}
    assert set() == ids & {row["enrollment_id"] for row in again}
    json.loads((tmp_path / "again.yaml").read_text(encoding="utf-8"))


def test_ids_that_are_uuids_are_told_from_real_ones():
    """A UUID becomes one that `traces` knows as made up, in an SCO's id too; the same each time."""
    disguise, sco = Disguise(), read_sco(sco_id="0F0E41D2-1B7C-4C7E-9D3A-5B1F0C2D3E4F")
    assert [sco.sco_id] == traces(sco.sco_id)
    hidden = disguise.sco(sco).sco_id
    assert disguise.uuid(sco.sco_id) == hidden
    assert [] == traces(hidden)
    assert str(UUID(hidden)) == hidden


@given(anything)
def test_words_keep_their_shape(text):
    """Disguised text has the same length, the same punctuation and the same kinds of letters."""
    disguise = Disguise()
    hidden = disguise.words(text)
    assert hidden == disguise.words(text)
    assert len(text) == len(hidden)
    for old, new in zip(text, hidden, strict=True):
        if not old.isalpha() and not old.isdecimal():
            assert old == new
        assert old.isascii() == new.isascii()


@given(st.sets(anything.map(lambda text: "".join(filter(str.isascii, text)))))
def test_two_texts_stay_two(texts):
    """No id is given to two, so nothing is ambiguous that was not."""
    disguise = Disguise()
    assert len(texts) == len({disguise.words(text) for text in texts})


E, A, S = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "123")


def test_short_ids_stay_apart(fresh, tmp_path):
    """Nine SCOs and ten interactions with names of one character are as many in the cassette."""
    cmi = {f"cmi.interactions.{n}.id": f"{n}" for n in range(10)}
    scos = [Sco(f"{n}", cmi=cmi if n == 1 else {}) for n in range(1, 10)]
    practice = fresh(attempts=[Attempt(E, A, S, scos=scos)])
    with Client(practice.base_url, practice.token) as client:
        record(client, practice.worklist, tmp_path / "mine.yaml")
    tape = json.loads((tmp_path / "mine.yaml").read_text("utf-8"))
    items = [json.loads(each["response"]["body"]["string"]) for each in tape["interactions"]]
    assert {9, 0} == {len({item["sco_id"] for item in page}) for page in items}
    ids = re.compile(r"cmi\.interactions\.\d\.id")
    fields = [field for page in items for item in page for field in item["cmi_fields"]]
    values = {f.get("cmi_element_value") for f in fields if ids.fullmatch(f["cmi_element_name"])}
    assert 10 == len(values - {None, ""})


@pytest.mark.parametrize(
    "kept",
    ["401 - Not Implemented Error", "Element not implemented", "404 - Element is write only",
     "The element is write-only", "101 - General exception", "201: Invalid argument error",
     "not_implemented", "NotImplemented", ""],
)  # fmt: skip
def test_what_rules_know_of_a_message_stays(kept):
    """The words of the run-time's own errors are left as they are."""
    assert kept == Disguise().told(kept)


def test_a_message_names_nobody():
    """A name, an address or a number in an LMS's message does not get into the cassette."""
    said = Reading("error", "101 - Error for Jane Roe (jane@roe.org), 4711")
    hidden = Disguise().sco(read_sco(sco_id="s", elements={"cmi.comments": said}))
    told = hidden.elements["cmi.comments"].text
    assert not re.search("jane|roe|4711", told, re.IGNORECASE)
    assert re.fullmatch(
        r"101 - Error [a-z]{3} [A-Z][a-z]{3} [A-Z][a-z]{2} \([a-z]{4}@[a-z]{3}\.[a-z]{3}\), \d{4}",
        told,
    )
