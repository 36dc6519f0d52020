"""A run holds back from a record in use and from a disk that is nearly full."""

import sys
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from changes import change, framed

from scormaudit.errors import ApprovalError, SafetyStop
from scormaudit.limits import Consent, Limits, need_room
from scormaudit.lms.wire import Reading, Sco


def limits(quiet_hours):
    return Limits(settle=0, pause=0, troubles=0, quiet_hours=quiet_hours)


def ago(hours):
    """A date so many hours ago, as the LMS spells it."""
    return (datetime.now(UTC) - timedelta(hours=hours)).isoformat()


def used(start, end, entry="ab-inito"):
    """The record of a change, used between these two dates."""
    readings = {name: Reading("value", text) for name, text in
                {"cmi.core.entry": entry, "cmi.suspend_data": "p=3"}.items()}  # fmt: skip
    return Sco(sco_id="sco", title=None, start_date_utc=start, exit_date_utc=end, elements=readings)


MADE = change(frame=framed({"cmi.suspend_data": "p=3"}))


@pytest.mark.parametrize(
    ("start", "end", "is_quiet"),
    [(3, 3, True), (3, 1, False), (1, 3, False), (1, 1, False), (None, 3, True),
     (None, 1, False), (None, None, True), (2.01, 2.01, True), (1.99, None, False)],
)  # fmt: skip
def test_a_record_in_use_is_skipped(start, end, is_quiet):
    """A record that was begun or left within the quiet hours is not written to."""
    sco = used(*(hours and ago(hours) for hours in (start, end)))
    skipped = ("skipped", "it was used within the last 2 hours")
    assert ((None, "") if is_quiet else skipped) == limits(2).judged(MADE, sco)
    assert (None, "") == limits(None).judged(MADE, sco)


def test_what_is_not_to_be_sent_stays_so():
    """Quiet hours hide neither a conflict nor a failed read nor what is so already."""
    for hours in (None, 2):
        judged = [limits(hours).judged(MADE, used(ago(1), None, entry)) for entry in ("", "x")]
        assert [("conflict", "changed since: cmi.core.entry")] * 2 == judged
        assert ("skipped", "no answer") == limits(hours).judged(MADE, "no answer")
        already = used(ago(1), None, "ab-initio")
        assert ("already", "") == limits(hours).judged(MADE, already)


def test_half_an_hour_is_told_as_it_was_given():
    """Quiet hours need not be whole."""
    detail = limits(0.5).judged(MADE, used(ago(0.4), None))[1]
    assert "it was used within the last 0.5 hours" == detail


@pytest.mark.parametrize(
    ("free", "is_enough"), [(0, False), ((32 << 20) - 1, False), (32 << 20, True)]
)
def test_a_disk_that_is_nearly_full_stops_a_run(tmp_path, monkeypatch, free, is_enough):
    """With less than 32 MiB for the journal nothing more is sent, and it is said what to do."""
    asked = []
    monkeypatch.setattr(
        "shutil.disk_usage", lambda folder: asked.append(folder) or SimpleNamespace(free=free)
    )
    if is_enough:
        need_room(tmp_path / "journal")
    else:
        with pytest.raises(SafetyStop) as caught:
            need_room(tmp_path / "journal")
        assert str(caught.value) == (
            f"{tmp_path}: Less than 32 MiB are free for the journal."
            " Make room, then run the same command again."
        )
    assert [tmp_path] == asked


def test_reviewers_are_heard_again_after_ten_seconds(monkeypatch):
    """A change that lost its approval is refused at the next asking, and one that never had it."""
    standing, now = [MADE], [5.0]
    clock = SimpleNamespace(monotonic=lambda: now[0])
    monkeypatch.setattr(sys.modules[Consent.__module__], "time", clock)
    consent = Consent(lambda: tuple(standing))
    consent.ask()
    consent.need(MADE)
    standing.clear()
    now[0] = 15.0
    consent.need(MADE)
    now[0] = 15.1
    with pytest.raises(ApprovalError, match=r"^An approval was withdrawn while the run went on\.$"):
        consent.need(MADE)
