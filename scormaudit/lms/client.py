"""The two operations: `Client` can only read, `Editor` can only edit."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import httpx
import stamina
from pydantic import SecretStr

from scormaudit.errors import (
    Interrupted,
    LmsError,
    SettingsError,
    Unauthenticated,
    Unreachable,
)
from scormaudit.lms.classification import Answer, Received, classify_edit, failure, scos_of
from scormaudit.lms.connection import Connection
from scormaudit.lms.login import authenticated
from scormaudit.lms.numbering import Numbering
from scormaudit.lms.pace import Pace
from scormaudit.lms.redaction import Redactor
from scormaudit.lms.retry import ATTEMPTS, LONGEST_REST, persistently
from scormaudit.lms.standing import Standing, read_standing
from scormaudit.lms.token import Token
from scormaudit.lms.transport import with_token
from scormaudit.lms.wire import Reading, Sco

if TYPE_CHECKING:
    from scormaudit.sandbox import Sandbox

_PER_PAGE = 1000
_FIRST_ATTEMPTS = 5
_OVERLOADED = (429, 503)
T = TypeVar("T")


class Client:
    """Reads CMI data of one LMS; safe to share between threads.

    `write_token` is kept for `editor()` alone and defaults to `token`. `timeout` is in seconds.
    `jobs` is the most reads in flight (None: as many as threads ask), `rate` the most a second;
    `pace` stands for both where several clients share one. `ca_file` is a PEM file that alone
    is trusted; `trust_env` lets the environment's proxies and CA file count. `redact` takes the
    client's secrets out of a text; `widest` is the most SCOs that a page held so far.
    """

    base_url = ""

    def __init__(
        self,
        base_url: str,
        token: str | SecretStr | Token,
        *,
        write_token: str | SecretStr | None = None,
        timeout: float = 30,
        jobs: int | None = None,
        rate: float | None = None,
        pace: Pace | None = None,
        ca_file: Path | str | None = None,
        trust_env: bool = False,
    ) -> None:
        # Wrapped first: what is raised further down shows the locals of this frame.
        token = token if isinstance(token, Token) else Token(_secret(token))
        write_token = _secret(write_token) if write_token else None
        connection = Connection.to(base_url, timeout=timeout, ca_file=ca_file, trust_env=trust_env)
        self.base_url = connection.base_url
        self.timeout = timeout
        self.pace = pace or Pace(jobs, rate)
        self.numbering = Numbering()
        self.widest = 0
        self.practice: Sandbox | None = None
        self._connection, self._token = connection, token
        self.redact = token.redact
        self.redact.add(write_token, *connection.secrets())
        self._cleared = lru_cache(512)(self.redact)
        self._write_token = Token(write_token, redact=self.redact) if write_token else token
        self._http = connection.open(lambda request: with_token(request, token.current()))
        self._was_met = False

    @classmethod
    def login(cls, base_url: str, username: str, password: str | SecretStr, **options: Any) -> Self:
        """A client by user name and password; its token ends by itself after eight hours.

        It is renewed, once for all threads, when it has ended or the LMS refuses it.
        """
        password = _secret(password)
        if options.get("write_token"):
            options["write_token"] = _secret(options["write_token"])
        names = ("timeout", "ca_file", "trust_env")
        given = {name: options[name] for name in names if name in options}
        connection = Connection.to(base_url, **given)
        redact = Redactor(password, *connection.secrets())
        renew = partial(authenticated, connection, username, password, redact)
        token = Token(_cut(renew), renew, redact=redact)
        return cls(base_url, token, **options)

    @classmethod
    def sandbox(cls, **options: Any) -> Self:
        """A client of a practice server that lives as long as this process.

        `options` are those of `scormaudit.sandbox.Sandbox`; its worklist is `worklist`.
        """
        from scormaudit.sandbox import Sandbox

        practice = Sandbox(**options).start()
        client = cls(practice.base_url, practice.token)
        client.practice = practice
        return client

    @property
    def worklist(self) -> list[dict[str, str]]:
        """Every assignment that the practice server knows."""
        if self.practice is None:
            raise SettingsError(
                "Only a practice server knows its own worklist.",
                todo="Export one from the LMS: enrollment_id, assignment_id, assignment_status_id.",
            )
        return self.practice.worklist

    def __repr__(self) -> str:
        return f"Client({self.base_url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections, and the practice server if there is one."""
        self._http.close()
        if self.practice is not None:
            self.practice.stop()

    def page(
        self,
        enrollment_id: str,
        assignment_id: str,
        names: tuple[str, ...],
        page: int,
        *,
        per_page: int | None = None,
    ) -> list[Sco]:
        """One page of SCOs, counted from 1; an empty list is past the end.

        It is asked for once, and again with a new token where the old one is refused. LmsError
        names what is wrong; nothing of the request hangs on it. By default a page asks for more
        SCOs than a course has.
        """
        ask = partial(self._asked, (enrollment_id, assignment_id), names, per_page or _PER_PAGE)
        return _cut(partial(self.numbering.read, ask, page))

    def first_page(self, enrollment_id: str, assignment_id: str) -> int | None:
        """The number of the LMS's first page, found out with a record if it is not known yet.

        None where the record has no SCOs. Later pages are asked for accordingly; without this,
        an LMS that counts from 0 is noticed at the first record that would seem empty. Unstable
        is raised where the record changes meanwhile.
        """
        if self.numbering.first is None:
            ask = partial(self._asked, (enrollment_id, assignment_id), (), _PER_PAGE)
            self.persistently(partial(self.numbering.settle, ask))
        return self.numbering.first

    def persistently(self, read: Callable[[], T]) -> T:
        """What `read` gives, begun anew while its error is passing; for pages that belong together.

        It goes on for four timeouts after the first failure, waits that the LMS asked for aside.
        """
        attempts = ATTEMPTS if self._was_met else _FIRST_ATTEMPTS
        return _cut(partial(persistently, read, deadline=4 * self.timeout, attempts=attempts))

    def _asked(
        self, keys: tuple[str, str], names: tuple[str, ...], per_page: int, page: int
    ) -> list[Sco]:
        """A page by the LMS's own number."""
        body = {"enrollment_id": keys[0], "assignment_id": keys[1], "cmi_element_names": names}
        params = {"page": page, "per_page": per_page}
        request = partial(self._http.post, "/ScormApi/GetCmiData", params=params, json=body)
        return self._with_token(partial(self._page, request))

    def standing(self) -> Standing:
        """What the LMS says of the token that reads; asked once, or twice where that fails.

        LmsError where it gives no answer.
        """
        return _cut(partial(persistently, self._standing, deadline=self.timeout, attempts=2))

    def editor(self) -> "Editor":
        """The one object that can write."""
        return Editor(self._connection, self._write_token)

    def _page(self, request: Callable[[], httpx.Response]) -> list[Sco]:
        received = self._in_turn(request)
        scos = scos_of(received, self.redact.shown)
        self.widest = max(self.widest, len(scos))
        self._was_met = True
        self._token.accepted()
        return [_redacted(sco, self._cleared) for sco in scos]

    def _standing(self) -> Standing:
        asked = datetime.now(UTC)
        response = self._http.get("/AdminApi/ValidateAccessToken")
        answered = datetime.now(UTC)
        received = _received(response)
        if received.status != httpx.codes.OK:
            raise failure(received, self.redact.shown)
        return read_standing(received.content, response.headers.get("date"), asked, answered)

    def _in_turn(self, request: Callable[[], httpx.Response]) -> Received:
        """The answer to one request in its turn; a Retry-After gives every thread a rest."""
        with self.pace.turn() as turn:
            received = _received(request())
            turn.answered = received.status == httpx.codes.OK
            turn.overloaded = received.status in _OVERLOADED
        rest = received.retry_after or 0.0
        # What asks for a longer rest ends the run. In stamina's test mode no wait is waited.
        if turn.overloaded and 0 < rest <= LONGEST_REST and not stamina.is_testing():
            self.pace.rest(rest)
        return received

    def _with_token(self, read: Callable[[], T]) -> T:
        """What `read` gives; where the token is refused, once more with another one."""
        token = self._token.current()
        try:
            return read()
        except Unauthenticated:
            pass
        self._token.renew(token)
        return read()


class Editor:
    """Sends one edit at a time, each on a connection of its own, and never sends twice."""

    def __init__(self, connection: Connection, token: Token) -> None:
        self.base_url = connection.base_url
        self._connection, self._token = connection, token
        self._sent = SecretStr("")

    def __repr__(self) -> str:
        return f"Editor({self.base_url!r})"

    def edit(self, body: bytes) -> Answer:
        """POST these bytes to EditScormData once; what is not certain is `unknown`."""
        try:
            self._sent = self._token.current()
        except LmsError as error:
            return Answer("not_sent", error.what, stop=True)
        try:
            with self._connection.open(partial(with_token, token=self._sent)) as http:
                response = http.post(
                    "/ScormApi/EditScormData",
                    content=body,
                    headers={"content-type": "application/json"},
                )
        except Interrupted as error:
            return Answer("unknown", error.what)
        except Unreachable as error:
            return Answer("not_sent", error.what)
        answer = classify_edit(_received(response))
        if answer.outcome != "unauthenticated":
            self._token.accepted()
        return answer

    def renew(self) -> str:
        """Ask for another token in place of the one that was refused; why there is none, if so."""
        try:
            self._token.renew(self._sent)
        except LmsError as error:
            return str(error)
        return ""


def edit_body(assignment_status_id: str, sco_id: str, fields: dict[str, Any]) -> bytes:
    """The bytes of an EditScormData request; the same arguments give the same bytes."""
    body = {"assignment_status_id": assignment_status_id, "sco_id": sco_id, **fields}
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _received(response: httpx.Response) -> Received:
    return Received.of(response.status_code, response.content, response.headers)


def _redacted(sco: Sco, redact: Callable[[str], str]) -> Sco:
    """The SCO with the LMS's own words, which may echo a request, cleared of secrets."""
    errors: Mapping[str, Reading] = {
        name: replace(reading, text=redact(reading.text))
        for name, reading in sco.elements.items()
        if reading.state == "error"
    }
    return replace(sco, elements={**sco.elements, **errors}) if errors else sco


def _cut(call: Callable[[], T]) -> T:
    """What `call` gives; an LmsError without its frames, whose locals hold requests and bodies."""
    try:
        return call()
    except LmsError as error:
        failed = error.with_traceback(None)
    failed.__context__ = None
    raise failed


def _secret(text: str | SecretStr) -> SecretStr:
    return text if isinstance(text, SecretStr) else SecretStr(text)
