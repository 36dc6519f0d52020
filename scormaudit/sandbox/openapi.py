"""Our own OpenAPI 3.1 document of the two operations of ScormApi."""

from typing import Any

Json = dict[str, Any]

TEXT: Json = {"type": "string"}
UUID: Json = {"type": "string", "format": "uuid"}
DATE: Json = {"type": "string", "format": "date-time"}
INT32: Json = {"type": "integer", "format": "int32"}
FLOAT: Json = {"type": "number", "format": "float"}
FLAG: Json = {"type": "boolean"}


def _list(items: Json) -> Json:
    return {"type": "array", "items": items}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(*required: str, **properties: Json) -> Json:
    return {"type": "object", "required": list(required), "properties": properties}


def _content(schema: Json) -> Json:
    return {media_type: {"schema": schema} for media_type in ("application/json", "text/json")}


def _query(name: str, schema: Json, *, required: bool = False) -> Json:
    return {"name": name, "in": "query", "required": required, "schema": schema}


def _post(name: str, summary: str, answer: Json, parameters: list[Json]) -> Json:
    refused = {
        "403": "The token is unknown or may not do this",
        "409": "Nothing has these ids",
        "422": "The request breaks this document",
    }
    responses = {
        status: {"description": meaning, "content": _content(_ref("ApiResponseBase"))}
        for status, meaning in refused.items()
    }
    return {
        "post": {
            "operationId": f"ScormApi_{name}",
            "tags": ["ScormApi"],
            "summary": summary,
            "parameters": [*parameters, _query("access_token", TEXT, required=True)],
            "requestBody": {"required": True, "content": _content(_ref(f"{name}Request"))},
            "responses": {"200": {"description": "Done", "content": _content(answer)}, **responses},
        }
    }


_PATHS: Json = {
    "/api/v1/ScormApi/GetCmiData": _post(
        "GetCmiData",
        "Read CMI elements of every SCO of an assignment, ordered by SCO id",
        _list(_ref("GetCmiDataResponseItem")),
        [_query("page", INT32), _query("per_page", INT32)],
    ),
    "/api/v1/ScormApi/EditScormData": _post(
        "EditScormData",
        "Change some fields of one SCO and leave the others",
        _ref("EditScormDataResponse"),
        [],
    ),
}

_ENVELOPE = _object("api_error_entity", api_error_entity=_ref("ApiErrorEntity"))

_SCHEMAS: Json = {
    "ApiErrorEntity": _object(
        "error_code",
        error_code={**INT32, "enum": list(range(9))},
        error_message=TEXT,
        warning_messages={**_list(TEXT), "readOnly": True},
    ),
    "ApiResponseBase": _ENVELOPE,
    "EditScormDataResponse": _ENVELOPE,
    "CmiField": _object(
        "cmi_element_name",
        cmi_element_name=TEXT,
        cmi_element_value=TEXT,
        error_message=TEXT,
    ),
    "GetCmiDataRequest": _object(
        "enrollment_id",
        "assignment_id",
        "cmi_element_names",
        enrollment_id=UUID,
        assignment_id=UUID,
        cmi_element_names=_list(TEXT),
    ),
    "GetCmiDataResponseItem": _object(
        "title",
        "sco_id",
        "cmi_fields",
        "api_error_entity",
        title=TEXT,
        sco_id=TEXT,
        start_date_utc=DATE,
        exit_date_utc=DATE,
        cmi_fields=_list(_ref("CmiField")),
        api_error_entity=_ref("ApiErrorEntity"),
    ),
    "EditScormDataRequest": _object(
        "assignment_status_id",
        "sco_id",
        assignment_status_id=UUID,
        sco_id=TEXT,
        title=TEXT,
        start_date_utc=DATE,
        exit_date_utc=DATE,
        lesson_mode=TEXT,
        lesson_status=TEXT,
        lesson_location=TEXT,
        exit_status=TEXT,
        session_time=TEXT,
        total_time=TEXT,
        raw_score=FLOAT,
        suspend_data=TEXT,
        entry=TEXT,
        preference_language=TEXT,
        preference_speed=INT32,
        for_credit=FLAG,
    ),
}


def document() -> Json:
    """The document served at /openapi.json."""
    return {
        "openapi": "3.1.1",
        "info": {"title": "scormaudit sandbox", "version": "v1"},
        "paths": _PATHS,
        "components": {"schemas": _SCHEMAS},
    }
