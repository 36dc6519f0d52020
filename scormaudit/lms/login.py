"""A token for a user name and a password."""

from datetime import UTC, datetime, timedelta
from functools import partial

import httpx
from pydantic import SecretStr

from scormaudit.errors import Forbidden, Unauthenticated
from scormaudit.lms.classification import Received, failure
from scormaudit.lms.connection import Connection
from scormaudit.lms.redaction import Redactor
from scormaudit.lms.retry import persistently
from scormaudit.lms.token import LIFETIME
from scormaudit.lms.transport import with_password
from scormaudit.lms.wire import read_error, read_token

_ATTEMPTS = 5


def authenticated(
    connection: Connection, username: str, password: SecretStr, redact: Redactor
) -> SecretStr:
    """A fresh token from Authenticate; Unauthenticated where the password is not accepted."""
    ask = partial(_ask, connection, username, password, redact)
    return persistently(ask, deadline=2 * connection.timeout, attempts=_ATTEMPTS)


def _ask(connection: Connection, username: str, password: SecretStr, redact: Redactor) -> SecretStr:
    until = datetime.now(UTC) + timedelta(seconds=LIFETIME)
    body = {
        "username": username,
        "grant_type": "password",
        "utc_expiration_date": f"{until:%Y-%m-%dT%H:%M:%SZ}",
    }
    with connection.open(partial(with_password, password=password)) as http:
        response = http.post("/AdminApi/Authenticate", json=body)
    received = Received.of(response.status_code, response.content, response.headers)
    error = read_error(received.content)
    if received.status == httpx.codes.OK and not (error and error.error_code):
        return read_token(received.content)
    failed = failure(received, redact.shown)
    if isinstance(failed, Unauthenticated | Forbidden):
        todo = "Check SCORMAUDIT_USERNAME and SCORMAUDIT_PASSWORD."
        raise Unauthenticated(failed.what, todo=todo)
    raise failed
