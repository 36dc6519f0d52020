"""In bad weather a fetch gives what it gives in good weather, and asks little more."""

import pandas as pd
import pytest

from scormaudit.fetch import fetch
from scormaudit.lms.client import Client
from scormaudit.sandbox import Sandbox
from scormaudit.snapshot import TABLES

RECORDS = 120


def fetched(folder, *faults, jobs):
    """A snapshot of a seeded sandbox behind faults, and how many reads it took."""
    with Sandbox(records=RECORDS, faults=faults) as server:
        with Client(server.base_url, server.token) as client:
            snapshot = fetch(client, server.worklist, folder, jobs=jobs)
        return snapshot, server.requests()["GetCmiData"]


@pytest.mark.parametrize("jobs", [1, 8])
def test_a_storm_costs_requests_but_no_record(tmp_path, jobs):
    """With three of ten reads failing the tables are the same, for less than twice the reads."""
    calm, reads = fetched(tmp_path / "calm", jobs=jobs)
    stormy, more = fetched(tmp_path / "storm", "storm", jobs=jobs)
    assert calm.manifest.complete
    assert stormy.manifest.complete
    assert RECORDS == len(calm) == len(stormy)
    for table in TABLES:
        expected, actual = (s.table(table).astype("object") for s in (calm, stormy))
        pd.testing.assert_frame_equal(expected, actual)
    assert 1.25 * reads < more < 2 * reads


@pytest.mark.parametrize(
    "fault", ["expired-token", "server-error-burst", "wrong-type", "half-body"]
)
def test_every_weather_passes(tmp_path, fault):
    """A token that expires, bursts of errors, wrong types and half bodies leave no trace."""
    with Sandbox(records=RECORDS, faults=[fault]) as server:
        with Client.login(server.base_url, server.username, server.password) as client:
            snapshot = fetch(client, server.worklist, tmp_path / "s", jobs=4)
        assert (2 if fault == "expired-token" else 1) == server.requests()["Authenticate"]
    assert snapshot.manifest.complete
    assert RECORDS == len(snapshot)
