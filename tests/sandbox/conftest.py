"""A sandbox with known attempts, and a client that speaks to it over real HTTP."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from scormaudit.sandbox import Sandbox

from .known import ASSIGNMENT, ATTEMPTS, EDIT, ENROLLMENT, READ, STATUS


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """One attempt with three SCOs, and one without any."""
    with Sandbox.of(ATTEMPTS) as running:
        yield running


@pytest.fixture
def post(sandbox: Sandbox) -> Iterator[Callable[..., httpx.Response]]:
    """Posts to a path with the token that may edit, unless told otherwise."""
    with httpx.Client(base_url=sandbox.base_url, verify=False) as client:

        def call(path: str, json: Any = None, **options: Any) -> httpx.Response:
            params = {"access_token": sandbox.token, **options.pop("params", {})}
            return client.post(path, json=json, params=params, **options)

        yield call


@pytest.fixture
def read(post: Callable[..., httpx.Response]) -> Callable[..., httpx.Response]:
    """Reads elements of the known attempt."""

    def call(*names: str, **params: Any) -> httpx.Response:
        keys = {"enrollment_id": ENROLLMENT, "assignment_id": ASSIGNMENT}
        return post(READ, {**keys, "cmi_element_names": names}, params=params)

    return call


@pytest.fixture
def edit(post: Callable[..., httpx.Response]) -> Callable[..., httpx.Response]:
    """Edits the first SCO of the known attempt."""

    def call(**fields: Any) -> httpx.Response:
        return post(EDIT, {"assignment_status_id": STATUS, "sco_id": "sco_a", **fields})

    return call


@pytest.fixture
def value(read: Callable[..., httpx.Response]) -> Callable[[str], str | None]:
    """What the first SCO answers for one element."""

    def call(name: str) -> str | None:
        return read(name).json()[0]["cmi_fields"][0].get("cmi_element_value")

    return call
