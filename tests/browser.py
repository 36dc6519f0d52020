"""Chromium without a window, driven by Playwright, for tests that look at pages."""

import os
import shutil
from contextlib import suppress

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium_path():
    """Where the system's Chromium is; the test is skipped without one, and fails where CI=true."""
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    return path or _missing("chromium is not installed (Debian: chromium)")


@pytest.fixture(scope="module")
def browser():
    """A Playwright browser, shared by the tests of a file and closed after them.

    Not for longer: as long as it is open an event loop runs in this thread, in which tests of
    other files could not run theirs.
    """
    path = chromium_path()
    playwright = None
    with suppress(ImportError):
        from playwright import sync_api as playwright
    if playwright is None:
        _missing("playwright is not installed (it is a dev dependency)")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path)
        yield chromium
        chromium.close()


def _missing(what):
    pytest.fail(what) if os.environ.get("CI") == "true" else pytest.skip(what)
