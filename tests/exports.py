"""Small files as other systems export them, with nobody's data in them."""

import csv
import json

from scormaudit.cmi import INTERACTIONS, NESTED, OBJECTIVES, SCALARS

MOODLE = """id,userid,scormid,scoid,attempt,element,value,timemodified,username
1,5,12,40,1,cmi.core.lesson_status,passed,1700000000,anna
2,5,12,40,1,cmi.core.score.raw,80,1700000000,anna
3,6,12,40,1,cmi.core.lesson_status,incomplete,1700000000,ben
4,5,12,40,1,cmi.interactions_0.id,q1,1700000000,anna
5,5,12,40,1,cmi.interactions_0.correct_responses_0.pattern,a,1700000000,anna
6,5,12,40,1,x.start.time,1700000000,1700000000,anna
7,5,12,40,2,cmi.core.lesson_status,failed,1700000000,anna
8,5,12,40,2,cmi.evaluation.comments_0.content,hm,1700000000,anna
"""
RUNTIME = {
    "completionStatus": "completed", "runtimeSuccessStatus": "PASSED", "credit": "Credit",
    "entry": "AbInitio", "exit": "Unknown", "location": "3", "mode": "Normal",
    "scoreScaled": "0.8", "scoreRaw": "80", "scoreMin": "0", "scoreMax": "100",
    "totalTime": "0000:05:00.00", "timeTracked": "0000:05:01.00", "suspendData": "abc",
    "learnerPreference": {"language": "en", "audioCaptioning": 0, "audioLevel": 1.0},
    "learnerComments": [{"value": "good", "location": "p3"}, {"value": "bye"}],
    "runtimeInteractions": [{
        "id": "q1", "type": "choice", "objectives": ["o1"], "timestamp": "10:00:00",
        "correctResponses": ["a", "b"], "weighting": "1", "learnerResponse": "a",
        "result": "correct", "latency": "00:00:05", "description": "Which?",
    }],
    "runtimeObjectives": [{
        "id": "o1", "scoreRaw": "5", "runtimeObjectiveSuccessStatus": "UNKNOWN",
        "runtimeObjectiveCompletionStatus": "INCOMPLETE",
    }],
}  # fmt: skip


def registration(number=1, runtime=RUNTIME, **more):
    """One registration with one SCO below its root, as SCORM Cloud's API gives it."""
    activity = {"id": "i1", "title": "One", "children": [], "runtime": runtime,
                "staticProperties": {"launchData": "x=1", "scaledPassingScore": 0.85,
                                     "scaledPassingScoreUsed": True}}  # fmt: skip
    return {
        "id": f"r{number}",
        "firstAccessDate": "2026-01-02T03:04:05.678Z",
        "lastAccessDate": "2026-01-02T04:00:00Z",
        "course": {"id": "c1", "title": "Golf"},
        "learner": {"id": f"l{number}", "firstName": "Ann", "lastName": "Example"},
        "activityDetails": {"id": "ROOT", "title": "Golf", "children": [activity]},
        **more,
    }


def as_cloud(path, *registrations):
    """A file of registrations."""
    path.write_text(json.dumps({"registrations": list(registrations), "more": None}))
    return path


def as_long(snapshot, path):
    """A snapshot as long CSV: a row an element, and one for each record."""
    names = ["enrollment_id", "assignment_id", "sco_id", "assignment_status_id", "element", "value",
             "message", *snapshot.manifest.labels]  # fmt: skip
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, names, restval="")
        writer.writeheader()
        for row in _rows(snapshot):
            writer.writerow({name: row[name] for name in names if row.get(name) is not None})
    return path


KEYS = ["enrollment_id", "assignment_id", "sco_id", "assignment_status_id"]


def _rows(snapshot):
    for record in _table(snapshot, "records"):
        own = {name: record[name] for name in (*KEYS, *snapshot.manifest.labels)}
        yield own
        named = {e.name: record[e.column] for e in SCALARS}
        named |= {name: record[name] for name in ("title", "start_date_utc", "exit_date_utc")}
        yield from _elements(own, named)
    for table, elements in (("objectives", OBJECTIVES), ("interactions", INTERACTIONS)):
        for item in _table(snapshot, table):
            own, place = {name: item[name] for name in KEYS}, f".{item['index']}."
            named = {e.name: item[e.column] for e in elements}
            for element in NESTED if table == "interactions" else ():
                texts = enumerate(item[element.column])
                named |= {element.name.replace(".m.", f".{m}."): text for m, text in texts}
            yield from _elements(own, {n.replace(".n.", place): t for n, t in named.items()})
    for table in ("element_errors", "strays"):
        yield from _table(snapshot, table)


def _elements(own, named):
    return ({**own, "element": n, "value": text} for n, text in named.items() if text is not None)


def _table(snapshot, name):
    frame = snapshot.table(name).astype("object")
    return frame.where(frame.notna(), None).to_dict("records")
