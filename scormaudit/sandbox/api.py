"""The operations of NexPort that an audit needs, and its token service."""

import json
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from scormaudit.sandbox.access import LIFETIME, Access
from scormaudit.sandbox.body import int32, read_object, text, texts, uuid
from scormaudit.sandbox.edit import changes, fields
from scormaudit.sandbox.field import field
from scormaudit.sandbox.instant import normalised
from scormaudit.sandbox.openapi import document
from scormaudit.sandbox.refusal import NOT_FOUND, Refusal, envelope, invalid
from scormaudit.sandbox.store import Store

PER_PAGE, MOST_PER_PAGE = 30, 1000
PATHS = {
    "GetCmiData": "/api/v1/ScormApi/GetCmiData",
    "EditScormData": "/api/v1/ScormApi/EditScormData",
    "Authenticate": "/api/v1/AdminApi/Authenticate",
    "ValidateAccessToken": "/api/v1/AdminApi/ValidateAccessToken",
}


class Api:
    """The endpoints over one store; token first, then the body, then the ids."""

    def __init__(self, store: Store, access: Access) -> None:
        self._store, self._access = store, access

    def app(self) -> Starlette:
        """The ASGI application."""
        posts = {
            "GetCmiData": self.get_cmi_data,
            "EditScormData": self.edit_scorm_data,
            "Authenticate": self.authenticate,
        }
        routes = [Route(PATHS[name], call, methods=["POST"]) for name, call in posts.items()]
        routes.append(Route(PATHS["ValidateAccessToken"], self.validate_access_token))
        routes.append(Route("/openapi.json", _openapi))
        return Starlette(routes=routes, exception_handlers={Refusal: _refused})

    async def get_cmi_data(self, request: Request) -> Response:
        """One item for each SCO; the page size is clamped silently, a page below 1 is page 1."""
        self._access.check(request.query_params.get("access_token"), edit=False)
        body = await read_object(request)
        keys = uuid(body, "enrollment_id"), uuid(body, "assignment_id")
        names = texts(body, "cmi_element_names")
        size = int32(request, "per_page", 0)
        size = PER_PAGE if size < 1 else min(size, MOST_PER_PAGE)
        page = max(1, int32(request, "page", 1))
        status_id = self._store.status_of(*keys)
        if status_id is None:
            raise Refusal(409, NOT_FOUND, "No entity found matching the ids in the request")
        found = self._store.page(status_id, size, (page - 1) * size)
        return _json([_item(sco_id, state, names) for sco_id, state in found])

    async def edit_scorm_data(self, request: Request) -> Response:
        """Changes what was passed, and nothing else."""
        self._access.check(request.query_params.get("access_token"), edit=True)
        body = await read_object(request)
        keys = uuid(body, "assignment_status_id"), text(body, "sco_id")
        if not self._store.change(*keys, changes(body), edit=fields(body)):
            raise Refusal(409, NOT_FOUND, "No entity found matching the ids in the request")
        return _json(envelope())

    async def authenticate(self, request: Request) -> Response:
        """A token for a user name and a password; `expires_in` only where no end was asked."""
        body = await read_object(request)
        if text(body, "grant_type") != "password":
            raise invalid("grant_type must be password")
        asked = body.get("utc_expiration_date")
        ends = normalised(asked) if isinstance(asked, str) else None
        if asked is not None and ends is None:
            raise invalid("utc_expiration_date is not a date")
        token = self._access.grant(text(body, "username"), text(body, "password"), ends)
        answer = {"access_token": token, "token_type": "bearer", **envelope()}
        return _json(answer if ends else {**answer, "expires_in": LIFETIME})

    async def validate_access_token(self, request: Request) -> Response:
        """Always 200: a date, or a message for an invalid token, or neither for no end."""
        grant = self._access.find(request.query_params.get("access_token"))
        if grant is None:
            return _json(envelope(0, "The access token is not valid"))
        ends = {} if grant.ends is None else {"utc_expiration_date": grant.ends}
        return _json({**ends, **envelope()})


def _item(sco_id: str, state: dict[str, Any], names: list[str]) -> dict[str, Any]:
    item = {"title": state["title"], "sco_id": sco_id}
    for name in ("start_date_utc", "exit_date_utc"):
        if state[name] is not None:
            item[name] = state[name]
    return {**item, "cmi_fields": [field(name, state) for name in names], **envelope()}


def _json(content: Any, status: int = 200) -> Response:
    return Response(json.dumps(content), status, media_type="application/json")


async def _openapi(_: Request) -> Response:
    return _json(document())


async def _refused(_: Request, refusal: Exception) -> Response:
    if not isinstance(refusal, Refusal):
        raise refusal
    return _json(envelope(refusal.code, refusal.message), refusal.status)
