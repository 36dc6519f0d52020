"""The inside of suspend data: cut off, or changed on its way (RTE 3-33)."""

import json
import re

from pandera.pandas import Check

from scormaudit import Edit, Row, Rule

_LIMIT = 4096
_JSON = json.JSONDecoder(strict=False)
_OPENING = re.compile(r'\s*(\{\s*"|\[\s*["{\[])')
_WELL = r'[^"\\]*(?:"[^"\\]*"[^"\\]*)*[}\]]'
"""What ends as JSON does and has no string in it that can be open."""
_MAYBE_ESCAPED = r'[^"&\\]*[&\\]'
"""What may be under a layer, which leaves no quote bare: a bare one must not come first."""
_BASE64 = re.compile(r"(?=.*[A-Z])(?=.*[a-z])(?=.*[0-9])(?=.*[+/])[A-Za-z0-9+/]{64,}")
_ENTITIES = (("&quot;", '"'), ("&#039;", "'"), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"))


def _parsed(text: str) -> object:
    """What a text is as JSON, or None where it is none."""
    try:
        return _JSON.decode(text)
    except (ValueError, RecursionError):
        return None


def _closed(text: str) -> bool:
    """Whether a text that begins as JSON does not end before it does."""
    if not _OPENING.match(text):
        return True
    try:
        _JSON.decode(text)
    except json.JSONDecodeError as fault:
        near = fault.pos >= len(text.rstrip()) - 5 and not text.rstrip(" ;").endswith(("}", "]"))
        return not (fault.msg.startswith("Unterminated") or (near and fault.msg != "Extra data"))
    except (ValueError, RecursionError):
        pass
    return True


def _fits(text: str) -> bool:
    """Whether there is room left, in characters and in bytes, or the text is known to be whole or
    known to be broken off."""
    full = _LIMIT in (len(text), len(text.encode("utf-8", "surrogatepass")))
    return not full or _parsed(text) is not None or not _closed(text)


def _without_entities(text: str) -> tuple[str, str]:
    """One layer of HTML entities less, and what that gives with the layer put back."""
    plain, names = text, dict.fromkeys(name for name, _ in _ENTITIES if name in text)
    for name, sign in _ENTITIES:
        plain = plain.replace(name, sign)
    plain = plain.replace("&amp;", "&")
    again = plain.replace("&", "&amp;")
    for name, sign in _ENTITIES:
        again = again.replace(sign, name) if name in names else again
    return plain, again


def _without_backslashes(text: str) -> tuple[str, str]:
    """One layer of backslashes less, and what that gives with the layer put back."""
    plain = re.sub(r"\\([\\\"'])", r"\1", text)
    signs = r"[\\\"']" if "\\'" in text else r"[\\\"]"
    return plain, re.sub(f"({signs})", r"\\\1", plain)


def _unescaped(text: str) -> str | None:
    """The JSON below one layer of escaping, if it was put there whole; otherwise None."""
    if not re.match(r"\s*[\[{]", text):
        return None
    if _parsed(text) is not None:
        return None
    for plain, again in (_without_entities(text), _without_backslashes(text)):
        if plain != text and again == text and isinstance(_parsed(plain), dict | list):
            return plain
    return None


class SuspendDataUnclosed(Rule, code="RE201"):
    """The suspend data is JSON that breaks off before its end.

    Some store had less room than the course needed. The course cannot read what is left and
    starts again or stays at one page; the missing part is nowhere in the record.
    """

    severity = "warning"
    page = "3-33"
    element = "suspend_data"
    glance = Check(lambda texts: texts.eq("") | texts.str.fullmatch(_WELL))
    check = Check(_closed, element_wise=True)
    good = (
        {"suspend_data": '{"page": 3, "seen": [1, 2]}'},
        {"suspend_data": "{page:3"},
        {"suspend_data": "[1] of 9"},
        {"suspend_data": '{"p": 3}|7f'},
        {"suspend_data": '{"p": 3};'},
        {"suspend_data": '{"a": 1,}'},
        {"suspend_data": '{"a" and then something else entirely}'},
        {"suspend_data": ""},
        {"suspend_data": None},
    )
    bad = (
        {"suspend_data": '{"page": 3, "seen": [1, 2'},
        {"suspend_data": '{"page": 3, "note": "the lear'},
        {"suspend_data": '[{"id": 1}, {"id": 2, "done": tr'},
    )


class SuspendDataFull(Rule, code="RE202"):
    """The suspend data takes exactly the 4096 characters or bytes there are.

    It may end there by chance. More often the course wrote more and the rest was cut, and
    then the learner is taken back to a page of long ago, or to the beginning.
    """

    severity = "info"
    page = "3-33"
    element = "suspend_data"
    glance = Check(lambda texts: texts.str.len() * 4 < _LIMIT)
    check = Check(_fits, element_wise=True)
    good = (
        {"suspend_data": "x" * 4095},
        {"suspend_data": "x" * 4097},
        {"suspend_data": '{"a": "' + "x" * 4087 + '"}'},
        {"suspend_data": '{"a": "' + "x" * 4089},
        {"suspend_data": None},
    )
    bad = ({"suspend_data": "x" * 4096}, {"suspend_data": "é" * 2048})


class SuspendDataBase64(Rule, code="RE203"):
    """The suspend data looks like Base64, but no Base64 has this length.

    Base64 writes three bytes in four letters, so one letter beyond a multiple of four is a
    rest of something longer. Courses that pack their data this way cannot unpack it.
    """

    severity = "info"
    page = "3-33"
    element = "suspend_data"
    glance = Check(lambda texts: texts.str.len().mod(4).ne(1) | texts.str.startswith(("{", "[")))
    check = Check(
        lambda text: not (len(text) % 4 == 1 and _BASE64.fullmatch(text)), element_wise=True
    )
    good = (
        {"suspend_data": "aB3+" * 20},
        {"suspend_data": "aB3+" * 20 + "aB3"},
        {"suspend_data": "2N1a506070801001112" * 7},
        {"suspend_data": "aB3+a"},
        {"suspend_data": "page=3;" * 15},
        {"suspend_data": None},
    )
    bad = ({"suspend_data": "aB3+" * 20 + "a"},)


class SuspendDataEscaped(Rule, code="RE211"):
    """The suspend data is JSON under a layer of escaping that some program added.

    Quotes stand as `&quot;` or behind a backslash, so the course cannot read its own data.
    The layer is whole: taken off it gives JSON, put on again it gives this very text. That
    the course wrote it without the layer is likely, and a person decides.
    """

    severity = "warning"
    fix = "judgement"
    page = "3-33"
    element = "suspend_data"
    glance = Check(lambda texts: ~texts.str.match(_MAYBE_ESCAPED))
    check = Check(lambda text: _unescaped(text) is None, element_wise=True)
    good = (
        {"suspend_data": '{"say": "\\"hello\\" & more"}'},
        {"suspend_data": '"{\\"page\\": 3}"'},
        {"suspend_data": "a &quot;word&quot;"},
        {"suspend_data": "{page: &quot;3}"},
        {"suspend_data": '{"page": &quot;3&quot;}'},
        {"suspend_data": ""},
        {"suspend_data": None},
    )
    bad = (
        {"suspend_data": "{&quot;page&quot;: 3, &quot;by&quot;: &quot;O&#039;Hara&quot;}"},
        {"suspend_data": '{\\"page\\": 3, \\"note\\": \\"a\\\\\\\\b\\"}'},
    )

    @staticmethod
    def repair(row: Row) -> Edit | None:
        """The text without the layer."""
        text = _unescaped(row["suspend_data"])
        return Edit("suspend_data", text) if text is not None else None
