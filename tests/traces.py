"""What a cassette must not hold: a token, an address, or an id that nobody made up."""

import re

_SECRETS = r'access_token\W{1,12}\w|password\W{0,2}"\W{0,2}:\W{0,3}"\w|password=\w'
_HOSTS = r"https?(?:://|%3a%2f%2f)(?!(?:127\.0\.0\.1|lms\.example\.org)(?![\w.-]))[^\s/\"'\\]+"
# Disguised text keeps its shape, so only ends that are known are told from made up ones.
_MAIL = r"[\w.+-]+@(?!example\.)(?:[\w-]+\.)+(?:com|org|net|edu|gov|mil|info)\b"
_IDS = (
    r"(?<![\da-f])(?![\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-8000-000000)"
    r"[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}(?![\da-f])"
)
_ANY = re.compile("|".join((_SECRETS, _HOSTS, _MAIL, _IDS)), re.IGNORECASE)


def traces(text: str) -> list[str]:
    """What stands in a cassette that leads to somebody or lets somebody in."""
    return [match[0] for match in _ANY.finditer(text)]
