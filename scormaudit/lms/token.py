"""One access token for all threads, renewed at most once for each that went stale."""

import copy
import time
from collections.abc import Callable
from threading import Lock
from typing import NoReturn

from pydantic import SecretStr

from scormaudit.errors import LmsError, Unauthenticated
from scormaudit.lms.redaction import Redactor

LIFETIME = 8 * 3600.0
_MARGIN = 60.0

Renew = Callable[[], SecretStr]


class Token:
    """The token that is good now; `renew` asks for another and is None for a plain token.

    One that was renewed is held to be stale a minute before its `lifetime` (seconds) is over.
    `redact` learns every value that the token ever has.
    """

    def __init__(
        self,
        value: SecretStr,
        renew: Renew | None = None,
        *,
        redact: Redactor | None = None,
        lifetime: float = LIFETIME,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.redact = Redactor() if redact is None else redact
        self._renew, self._lifetime, self._clock = renew, lifetime, clock
        self._lock = Lock()
        self._is_proved = True
        self._failed: LmsError | None = None
        self._set(value)

    def __repr__(self) -> str:
        return f"<Token{'' if self._renew else ' that cannot be renewed'}>"

    def current(self) -> SecretStr:
        """The token to send; one whose time is over is renewed first."""
        value = self._value
        if self._renew is not None and self._clock() > self._ends:
            self.renew(value)
        return self._value

    def accepted(self) -> None:
        """The LMS answered a request with it, so it may be renewed when it is refused."""
        self._is_proved = True

    def renew(self, stale: SecretStr) -> None:
        """Replace `stale`, unless another thread has done so already.

        Unauthenticated is raised where that cannot help: the token is a plain one, or it was
        renewed just now and never accepted. A renewal that failed is not tried again: a
        password that is sent too often may lock the account.
        """
        with self._lock:
            if self._value is not stale:
                return
            if self._failed is not None:
                raise copy.copy(self._failed)
            if self._renew is None:
                _refuse("The access token was not accepted.", "Set SCORMAUDIT_TOKEN anew; or set "
                        "SCORMAUDIT_USERNAME and SCORMAUDIT_PASSWORD, then it is renewed "
                        "by itself.")  # fmt: skip
            if not self._is_proved:
                _refuse("A token that was just given is not accepted.", "Ask the LMS's "
                        "administrator what this user may do.")  # fmt: skip
            try:
                value = self._renew()
            except LmsError as error:
                self._failed = copy.copy(error)
                self._failed.passing, self._failed.ends_run = False, True
                raise self._failed from None
            self._is_proved = False
            self._set(value)

    def _set(self, value: SecretStr) -> None:
        self.redact.add(value)
        self._ends = self._clock() + self._lifetime - _MARGIN
        self._value = value


def _refuse(what: str, todo: str) -> NoReturn:
    raise Unauthenticated(what, todo=todo)
