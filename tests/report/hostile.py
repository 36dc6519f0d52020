"""A snapshot in which everything that may hold text holds an attack."""

from many import record, snapshot, uuid

PAYLOADS = (
    "<script>alert(1)</script>",
    "</style><b onload=alert(1)>",
    '"><img src=http://127.0.0.1:9/x onerror=alert(1)>',
    "</title></bdi></code><base href=http://127.0.0.1:9>",
    "\u202eevil\u2066 bidi \u200b\ufeff",
    "\x1b[31m\x00\x07\u0085\u2028",
    "=1+1",
    "&lt;b&gt; &amp; &#x3c;",
    "]]><!-- --><![CDATA[",
    "x" * 6000,
    "\U0001f600" * 3000,
    "W" * 200 + "\u3164",
    "\ud800",
    "\\x3c",
)


def hostile(folder):
    """Each payload in every text of a record, and in the names of labels."""
    rows, errors = [], []
    for at, text in enumerate(PAYLOADS):
        safe = text.encode("utf-8", "replace").decode()
        elements = dict.fromkeys(
            ("title", "lesson_status", "entry", "credit", "exit", "score_raw", "total_time",
             "suspend_data", "lesson_location", "student_name", "student_id", "start_date_utc"),
            safe,
        )  # fmt: skip
        label = {"<b>name": safe, "learner": safe}
        rows.append(record(at, course=safe, sco_id=safe, labels=label, **elements))
        errors.append(
            {"enrollment_id": uuid(at), "assignment_id": uuid(at), "sco_id": safe,
             "assignment_status_id": uuid(at), "element": "cmi.comments", "message": safe}
        )  # fmt: skip
    return snapshot(folder, *rows, element_errors=errors, states={safe: 1, "error": 2})
