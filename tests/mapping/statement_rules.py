"""What xAPI 1.0.3 asks of a statement (part 2, Data), as a JSON schema and what none can say."""

import jsonschema

IRI = {"type": "string", "pattern": r"^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+$"}
UUID = {
    "type": "string",
    "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
}
LANGUAGE_MAP = {
    "type": "object",
    "propertyNames": {"pattern": "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"},
    "additionalProperties": {"type": "string"},
}
EXTENSIONS = {"type": "object", "propertyNames": IRI}
TIMESTAMP = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)$",
}
DURATION = {
    "type": "string",
    "pattern": r"^P(?=.)(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d{1,2})?S)?)?$",
}
INTERACTIONS = [
    "true-false", "choice", "fill-in", "long-fill-in", "matching", "performance", "sequencing",
    "likert", "numeric", "other",
]  # fmt: skip


def closed(properties, *required):
    """An object of these properties alone."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
        "minProperties": 1,
    }


AGENT = closed(
    {
        "objectType": {"const": "Agent"},
        "name": {"type": "string", "minLength": 1},
        "account": closed(
            {"homePage": IRI, "name": {"type": "string", "minLength": 1}}, "homePage", "name"
        ),
    },
    "account",
)
DEFINITION = closed({
    "name": LANGUAGE_MAP,
    "description": LANGUAGE_MAP,
    "type": IRI,
    "interactionType": {"enum": INTERACTIONS},
    "correctResponsesPattern": {"type": "array", "items": {"type": "string"}},
    "extensions": EXTENSIONS,
}) | {"dependentRequired": {"correctResponsesPattern": ["interactionType"]}}  # fmt: skip
ACTIVITY = closed({"objectType": {"const": "Activity"}, "id": IRI, "definition": DEFINITION}, "id")
NUMBER = {"type": "number"}
SCORE = closed({
    "scaled": {"type": "number", "minimum": -1, "maximum": 1},
    "raw": NUMBER, "min": NUMBER, "max": NUMBER,
})  # fmt: skip
BOOLEAN = {"type": "boolean"}
RESULT = closed({
    "score": SCORE, "success": BOOLEAN, "completion": BOOLEAN,
    "response": {"type": "string"}, "duration": DURATION, "extensions": EXTENSIONS,
})  # fmt: skip
ACTIVITIES = {"type": "array", "items": ACTIVITY, "minItems": 1}
CONTEXT = closed({
    "registration": UUID,
    "contextActivities": closed(
        dict.fromkeys(("parent", "grouping", "category", "other"), ACTIVITIES)
    ),
    "extensions": EXTENSIONS,
})  # fmt: skip
STATEMENT = closed(
    {
        "id": UUID,
        "actor": AGENT,
        "verb": closed({"id": IRI, "display": LANGUAGE_MAP}, "id"),
        "object": ACTIVITY,
        "result": RESULT,
        "context": CONTEXT,
        "timestamp": TIMESTAMP,
    },
    "actor", "verb", "object",
)  # fmt: skip
_VALIDATOR = jsonschema.Draft202012Validator(STATEMENT)


def faults(statement):
    """What is wrong with a statement, in words."""
    found = [
        f"{'.'.join(map(str, e.path))}: {e.message[:80]}" for e in _VALIDATOR.iter_errors(statement)
    ]
    score = statement.get("result", {}).get("score", {})
    low, high, raw = score.get("min"), score.get("max"), score.get("raw")
    if low is not None and high is not None and low >= high:
        found.append("the minimum is not below the maximum")
    if raw is not None and ((low is not None and raw < low) or (high is not None and raw > high)):
        found.append("the raw score lies beyond its bounds")
    return found


def cmi5_faults(statement):
    """What cmi5 (section 9) does not take of a statement that says it is one of its own."""
    categories = {one["id"] for one in statement["context"]["contextActivities"]["category"]}
    if "https://w3id.org/xapi/cmi5/context/categories/cmi5" not in categories:
        return []
    verb, result = statement["verb"]["id"].rpartition("/")[2], statement.get("result", {})
    extensions = statement["context"]["extensions"]
    mastery = extensions.get("https://w3id.org/xapi/cmi5/context/extensions/masteryscore")
    scaled = result.get("score", {}).get("scaled")
    moving = "https://w3id.org/xapi/cmi5/context/categories/moveon" in categories
    rules = {
        "a timestamp in UTC": statement.get("timestamp", "").endswith("Z"),
        "a registration": "registration" in statement["context"],
        "a session": "https://w3id.org/xapi/cmi5/context/extensions/sessionid" in extensions,
        "moveon for results alone": moving == (verb in ("completed", "passed", "failed")),
        "a duration": verb == "initialized" or "duration" in result,
        "success for passed and failed alone": result.get("success")
        == {"passed": True, "failed": False}.get(verb),
        "completion for completed alone": result.get("completion") == {"completed": True}.get(verb),
        "a score for passed and failed alone": "score" not in result
        or verb in ("passed", "failed"),
        "a score that passes": verb != "passed" or None in (scaled, mastery) or scaled >= mastery,
        "a score that fails": verb != "failed" or None in (scaled, mastery) or scaled < mastery,
    }
    return [rule for rule, kept in rules.items() if not kept]
