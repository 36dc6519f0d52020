"""Names that xAPI knows things by: the published ones, and those of a record."""

import re
from urllib.parse import quote
from uuid import NAMESPACE_URL, UUID, uuid5

VERBS = "http://adlnet.gov/expapi/verbs"
ACTIVITIES = "http://adlnet.gov/expapi/activities"
SCORM = "https://w3id.org/xapi/scorm"
CMI5 = "https://w3id.org/xapi/cmi5/context/categories/cmi5"
MOVE_ON = "https://w3id.org/xapi/cmi5/context/categories/moveon"
SESSION_ID = "https://w3id.org/xapi/cmi5/context/extensions/sessionid"
MASTERY_SCORE = "https://w3id.org/xapi/cmi5/context/extensions/masteryscore"
ATTEMPT_STATE = "http://adlnet.gov/xapi/profile/scorm/attempt-state"
ACTIVITY_PROFILE = "http://adlnet.gov/xapi/profile/scorm/activity-profile"

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")


def home_of(base_url: str) -> str:
    """The system that a learner's id is of, as an IRI without its last slash."""
    plain = base_url.rstrip("/")
    return plain if _SCHEME.fullmatch(plain) else f"urn:scormaudit:{quote(plain or 'unknown')}"


def under(parent: str, *words: str) -> str:
    """An IRI below another; what an IRI may not hold is percent-encoded."""
    return "/".join([parent, *(quote(word, safe="") for word in words)])


def number(*words: str) -> str:
    """The UUID that always stands for the same words, so that nothing is sent twice."""
    return str(uuid5(NAMESPACE_URL, "\n".join(words)))


def registration(enrollment_id: str) -> str:
    """The enrollment's own UUID, or one made of its id."""
    try:
        return str(UUID(enrollment_id))
    except ValueError:
        return number("enrollment", enrollment_id)
