"""Who may do what: tokens, their ends and their permissions."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe
from uuid import uuid4

from scormaudit.sandbox.instant import passed
from scormaudit.sandbox.refusal import AUTHENTICATION, AUTHORIZATION, Refusal

LIFETIME = 3600


@dataclass(frozen=True, slots=True)
class Grant:
    """What one token allows, and until when; None means for ever."""

    may_edit: bool
    ends: str | None = None


class Access:
    """The tokens of one sandbox, in memory only: none outlives the server."""

    def __init__(self, token: str | None = None) -> None:
        self.token = token or str(uuid4())
        self.viewer_token = str(uuid4())
        self.username = "auditor"
        self.password = token_urlsafe(12)
        self._grants = {self.token: Grant(True), self.viewer_token: Grant(False)}

    def check(self, token: str | None, *, edit: bool) -> None:
        """Raises 403: code 4 for an unknown or expired token, 5 for a missing permission.

        The vendor does not document what an expired token gets; 403 with code 4 is our choice.
        """
        grant = self._grants.get(token or "")
        if grant is None or (grant.ends is not None and passed(grant.ends)):
            raise Refusal(403, AUTHENTICATION, "The access token is not valid")
        if edit and not grant.may_edit:
            raise Refusal(403, AUTHORIZATION, "Not authorized to edit SCORM data")

    def grant(self, username: str, password: str, ends: str | None) -> str:
        """A fresh token that may read and edit until `ends`, by default for an hour."""
        if (username, password) != (self.username, self.password):
            raise Refusal(403, AUTHENTICATION, "Cannot authenticate")
        token = str(uuid4())
        last = datetime.now(UTC) + timedelta(seconds=LIFETIME)
        self._grants[token] = Grant(True, ends or last.isoformat())
        return token

    def find(self, token: str | None) -> Grant | None:
        """The grant of a token, or None where it is unknown or expired."""
        grant = self._grants.get(token or "")
        return None if grant is None or (grant.ends and passed(grant.ends)) else grant
