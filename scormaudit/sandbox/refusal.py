"""How NexPort says no: a status and an envelope with its own code."""

from typing import Any

UNKNOWN, VALIDATION, NOT_FOUND, AUTHENTICATION, AUTHORIZATION = 1, 2, 3, 4, 5


class Refusal(Exception):
    """Ends a request with an envelope; raised anywhere below the routes."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def envelope(code: int = 0, message: str | None = None) -> dict[str, Any]:
    """The `api_error_entity` of every answer, in its wrapping."""
    entity: dict[str, Any] = {"error_code": code}
    if message is not None:
        entity["error_message"] = message
    entity["warning_messages"] = []
    return {"api_error_entity": entity}


def invalid(message: str) -> Refusal:
    """A fault in what was sent: 422, code 2."""
    return Refusal(422, VALIDATION, message)
