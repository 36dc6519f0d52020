"""A recorded record replays, is judged as the real one, and leads to nobody."""

import json
import re

import pytest
import vcr
from hypothesis import given
from strategies import anything

from scormaudit import Client, audit, fetch
from scormaudit.errors import SettingsError
from scormaudit.record import BASE_URL, Disguise, record

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


@given(anything)
def test_words_keep_their_shape(text):
    """Disguised text has the same length, the same punctuation and the same kinds of letters."""
    disguise = Disguise()
    hidden = disguise.words(text)
    assert hidden == disguise.words(text)
    assert len(text) == len(hidden)
    for old, new in zip(text, hidden, strict=True):
        if not old.isalpha() and old not in "0123456789":
            assert old == new
        assert old.isascii() == new.isascii() or not old.isalpha()
