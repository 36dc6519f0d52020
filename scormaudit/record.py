"""One of the user's own records as a cassette in which nobody can be found again.

Ids, names, labels and free text are replaced by what a key makes of them, and the key is
thrown away; lengths and kinds of characters stay, and so does every value that a rule judges.
"""

import hmac
import json
import os
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

from scormaudit.errors import SettingsError
from scormaudit.fetch import read_scos
from scormaudit.lms.client import Client
from scormaudit.lms.wire import Reading, Sco, instant
from scormaudit.privacy import open_file
from scormaudit.worklist import Source, Worklist, read_worklist

BASE_URL = "https://lms.example.org"
_PATH = "/api/v1/ScormApi/GetCmiData"
_FREE = re.compile(
    r"cmi\.(core\.(student_id|student_name|lesson_location|suspend_data)|suspend_data|launch_data"
    r"|comments|comments_from_lms|objectives\.\w+\.id|interactions\.[\w-]+\.(objectives\.\d+\.)?id"
    r"|interactions\.\d+\.(student_response|correct_responses\.\d+\.pattern))"
)
_SHORT_ANSWER = re.compile(r"\{?[0-9a-z]([.,][0-9a-z])*\}?|-?[0-9.]{1,6}|", re.ASCII)
_SETS = ("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789")
_FOREIGN = "äöüßéèñøåç"
_UUID = re.compile(r"[\da-f]{8}-([\da-f]{4}-){3}[\da-f]{12}", re.IGNORECASE | re.ASCII)
_DRAWS = 200
# What run-time errors are told with; any other word of a message may name somebody.
_TOLD = re.compile(
    r"^\s*\d{1,3}(?!\w)|(?<![^\W_])(a|an|argument|array|be|can|cannot|children|cmi|core|count|data|does"
    r"|element|error|exception|exist|failed|general|get|has|have|implemented|incorrect|initialized"
    r"|invalid|is|it|keyword|known|lms|no|not|notimplemented|of|only|or|read|readable|set|supported|the|this|type"
    r"|undefined|unknown|unsupported|value|was|write|writeonly)(?![^\W_])",
    re.IGNORECASE | re.ASCII,
)
T = TypeVar("T")


@dataclass(slots=True)
class Disguise:
    """Replaces the same by the same, as long as the key lives; nothing leads back without it."""

    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    _hidden: dict[str, str] = field(default_factory=dict, repr=False)
    _taken: set[str] = field(default_factory=set, repr=False)

    def uuid(self, text: str) -> str:
        """A UUID for a UUID; its fourth group and the six zeros after it say that it is made up."""
        digits = self._digest(text.lower()).hex()
        return f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-8000-000000{digits[15:21]}"

    def words(self, text: str) -> str:
        """Letters for letters, digits for digits; blanks and punctuation stay.

        Two texts do not become one, so that no id comes twice that came once. Only where letters
        beyond ASCII run out, which are ten here, they may.
        """
        if text not in self._hidden:
            for draw in range(_DRAWS):
                hidden = self._drawn(text, draw)
                if hidden not in self._taken:
                    break
            self._hidden[text] = hidden
            self._taken.add(hidden)
        return self._hidden[text]

    def _drawn(self, text: str, draw: int) -> str:
        stream, out = b"", []
        for at, char in enumerate(text):
            if at % 32 == 0:
                stream = self._digest(f"{draw}:{at}:{text}")
            foreign = _FOREIGN if char.isalpha() or char.isdecimal() else ""
            letters = next((s for s in _SETS if char in s), foreign)
            out.append(letters[stream[at % 32] % len(letters)] if letters else char)
        return "".join(out)

    def told(self, text: str) -> str:
        """An LMS's message with the words of run-time errors left in it, and no others."""
        parts, end = [], 0
        for known in _TOLD.finditer(text):
            parts += [self.words(text[end : known.start()]), known[0]]
            end = known.end()
        return "".join([*parts, self.words(text[end:])])

    def date(self, text: str | None) -> str | None:
        """All dates moved by the same number of days; what is no date stays."""
        moment = instant(text or "")
        if text is None or moment is None:
            return text
        days = timedelta(days=1 + self._digest("days")[0])
        moved = datetime.fromisoformat(text[:10]) - days if text[:4] > "0002" else moment
        return f"{moved:%Y-%m-%d}{text[10:]}"

    def sco(self, sco: Sco) -> Sco:
        """An SCO in which only what a rule judges is as it was."""
        return replace(
            sco,
            sco_id=(self.uuid if _UUID.fullmatch(sco.sco_id) else self.words)(sco.sco_id),
            title=self.words(sco.title),
            start_date_utc=self.date(sco.start_date_utc),
            exit_date_utc=self.date(sco.exit_date_utc),
            elements={name: self._reading(name, r) for name, r in sco.elements.items()},
        )

    def _reading(self, name: str, reading: Reading) -> Reading:
        if reading.state == "error":
            return Reading("error", self.told(reading.text))
        if reading.state != "value" or not _FREE.fullmatch(name):
            return reading
        answer = name.endswith(("student_response", "pattern"))
        if answer and _SHORT_ANSWER.fullmatch(reading.text):
            return reading
        return Reading("value", self.words(reading.text))

    def _digest(self, text: str) -> bytes:
        return hmac.digest(self._key, text.encode(), "sha256")


@dataclass(frozen=True, slots=True)
class Recorder:
    """Stands in for a client: reads through it, hands on the disguise, and keeps the exchange."""

    client: Client
    disguise: Disguise = field(default_factory=Disguise)
    exchanges: list[dict[str, Any]] = field(default_factory=list)

    def page(
        self, enrollment_id: str, assignment_id: str, names: tuple[str, ...], page: int
    ) -> list[Sco]:
        """As `Client.page`, of a learner who does not exist."""
        scos = self.client.page(enrollment_id, assignment_id, names, page)
        scos = sorted(map(self.disguise.sco, scos), key=lambda sco: sco.sco_id)
        ids = self.disguise.uuid(enrollment_id), self.disguise.uuid(assignment_id)
        self.exchanges.append(_exchange(*ids, names, page, scos))
        return scos

    def first_page(self, enrollment_id: str, assignment_id: str) -> int | None:
        """As `Client.first_page`, kept for every record: any may be the first of a replay."""
        self.client.first_page(enrollment_id, assignment_id)
        ask = partial(self.page, enrollment_id, assignment_id, ())
        scos = self.persistently(partial(ask, 1))
        ids = self.disguise.uuid(enrollment_id), self.disguise.uuid(assignment_id)
        self.exchanges.append(_exchange(*ids, (), 0, scos))
        return 1

    def persistently(self, read: Callable[[], T]) -> T:
        """As `Client.persistently`; of what was begun anew only the last exchange is kept."""
        kept = len(self.exchanges)

        def anew() -> T:
            del self.exchanges[kept:]
            return read()

        return self.client.persistently(anew)

    @property
    def widest(self) -> int:
        """As `Client.widest`."""
        return self.client.widest


def record(client: Client, worklist: Source | Worklist, out: Path | str) -> list[dict[str, str]]:
    """Read every assignment of `worklist` into a new cassette; the worklist that replays it.

    The cassette is for vcrpy, matched on method, path, query and body. SettingsError where
    the file exists; LmsError where a record cannot be read.
    """
    if not isinstance(worklist, Worklist):
        worklist = read_worklist(worklist)
    recorder, rows = Recorder(client), []
    for enrollment_id, assignment_id in worklist.frame[
        ["enrollment_id", "assignment_id"]
    ].itertuples(index=False):
        read_scos(recorder, enrollment_id, assignment_id)
        ids = recorder.disguise.uuid(enrollment_id), recorder.disguise.uuid(assignment_id)
        rows.append({"enrollment_id": ids[0], "assignment_id": ids[1]})
    text = json.dumps({"interactions": recorder.exchanges, "version": 1}, indent=1)
    try:
        with os.fdopen(open_file(Path(out), new=True), "wb") as stream:
            stream.write(f"{text}\n".encode())
    except OSError as error:
        raise SettingsError(
            f"The cassette cannot be written ({error.strerror}).", where=str(out)
        ) from None
    return rows


def _exchange(
    enrollment_id: str, assignment_id: str, names: tuple[str, ...], page: int, scos: list[Sco]
) -> dict[str, Any]:
    """One request and its answer as vcrpy keeps them; JSON is YAML, so no YAML is written."""
    asked = {
        "enrollment_id": enrollment_id,
        "assignment_id": assignment_id,
        "cmi_element_names": names,
    }
    query = urlencode({"page": page, "per_page": 1000})
    return {
        "request": {
            "method": "POST",
            "uri": f"{BASE_URL}{_PATH}?{query}",
            "body": json.dumps(asked, separators=(",", ":")),
            "headers": {"content-type": ["application/json"]},
        },
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": {"content-type": ["application/json"]},
            "body": {"string": json.dumps([_item(sco) for sco in scos])},
        },
    }


def _item(sco: Sco) -> dict[str, Any]:
    dates = {"start_date_utc": sco.start_date_utc, "exit_date_utc": sco.exit_date_utc}
    return {
        "title": sco.title,
        "sco_id": sco.sco_id,
        **{name: text for name, text in dates.items() if text is not None},
        "cmi_fields": [_field(name, reading) for name, reading in sco.elements.items()],
        "api_error_entity": {"error_code": 0, "warning_messages": []},
    }


def _field(name: str, reading: Reading) -> dict[str, str]:
    match reading.state:
        case "absent":
            return {"cmi_element_name": name}
        case "error":
            return {
                "cmi_element_name": name,
                "cmi_element_value": "",
                "error_message": reading.text,
            }
        case _:
            return {"cmi_element_name": name, "cmi_element_value": reading.text}
