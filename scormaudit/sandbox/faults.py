"""What a server can do wrong, by name: ASGI wrappers that count requests, so that runs repeat."""

import re
from collections.abc import Callable, Iterable

from starlette.types import ASGIApp

from scormaudit.errors import SettingsError
from scormaudit.sandbox import fault_answer, fault_edit, fault_network, fault_pages
from scormaudit.sandbox.fault_exchange import Fault
from scormaudit.sandbox.fault_storm import storm

FAULTS: dict[str, Fault] = {
    "latency": fault_network.latency,
    "slow-drip": fault_network.slow_drip,
    "half-body": fault_network.half_body,
    "reset": fault_network.reset,
    "retry-after-seconds": fault_answer.retry_after_seconds,
    "retry-after-date": fault_answer.retry_after_date,
    "server-error": fault_answer.server_error,
    "server-error-burst": fault_answer.server_error_burst,
    "html-page": fault_answer.html_page,
    "wrong-type": fault_answer.wrong_type,
    "storm": storm,
    "expired-token": fault_answer.expired_token,
    "endless-pages": fault_pages.endless_pages,
    "repeated-page": fault_pages.repeated_page,
    "pages-from-zero": fault_pages.pages_from_zero,
    "clamped-pages": fault_pages.clamped_pages,
    "moving-pages": fault_pages.moving_pages,
    "code-1": fault_edit.code_1,
    "html-answer": fault_edit.html_answer,
    "ack-without-commit": fault_edit.ack_without_commit,
    "expired-at-edit": fault_edit.expired_at_edit,
    "cut-before-commit": fault_edit.cut_before_commit,
    "error-before-commit": fault_edit.error_before_commit,
    "validation": fault_edit.validation,
    "throttled": fault_edit.throttled,
    "redirect": fault_edit.redirect,
    "commit-and-cut": fault_edit.commit_and_cut,
    "code-1-after-commit": fault_edit.code_1_after_commit,
    "stalled-answer": fault_edit.stalled_answer,
    "dripping-answer": fault_edit.dripping_answer,
    "half-answer": fault_edit.half_answer,
    "error-after-commit": fault_edit.error_after_commit,
    "late-commit": fault_edit.late_commit,
    "duplicate-delivery": fault_network.duplicate_delivery,
}
"""From the outermost, the wire, to the innermost, the server."""

_TIMED: dict[str, Callable[[ASGIApp, int], ASGIApp]] = {
    "latency": fault_network.latency,
    "late-commit": fault_edit.late_commit,
    "dripping-answer": fault_edit.dripping_answer,
    "throttled": fault_edit.throttled,
}
_NAME = re.compile(r"(.+)-([1-9]\d{0,3})", re.ASCII)


def wrap(app: ASGIApp, names: Iterable[str]) -> ASGIApp:
    """The app behind the named faults, in the order of FAULTS whatever the order of the names.

    An outer fault keeps what it answers itself from the inner ones, and they do not count it.
    """
    order = list(FAULTS)
    found = {name: _found(name) for name in names}
    for _, fault in sorted(found.values(), key=lambda pair: -order.index(pair[0])):
        app = fault(app)
    return app


def check(names: Iterable[str]) -> None:
    """Raises SettingsError for a name that is no fault; the known ones are listed."""
    for name in names:
        _found(name)


def _found(name: str) -> tuple[str, Fault]:
    """A fault and the name it has in FAULTS; `latency-100` is `latency` of 100 ms."""
    if name in FAULTS:
        return name, FAULTS[name]
    match = _NAME.fullmatch(name)
    timed = _TIMED.get(match[1]) if match else None
    if match is not None and timed is not None:
        return match[1], lambda app: timed(app, int(match[2]))
    known = [f"{name}, {name}-N" if name in _TIMED else name for name in FAULTS]
    raise SettingsError(
        f"unknown fault {name!r}.",
        where="sandbox",
        todo=f"Known, N in milliseconds: {', '.join(known)}.",
    )
