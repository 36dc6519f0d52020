"""Where the findings come from: what was read, and how to find them again."""

import platform
from importlib.metadata import version
from urllib.parse import urlsplit

from scormaudit.audit import Report
from scormaudit.report import gap
from scormaudit.report.chart import mark, stack
from scormaudit.report.download import Downloads
from scormaudit.report.markup import counted, text
from scormaudit.report.row import percent
from scormaudit.report.veil import bounded

_GOOD = {"ok": "held", "empty": "info"}
_MEANING = {
    "ok": "read whole",
    "empty": "read, and without a record yet",
    "forbidden": "the token may not read it",
    "not_found": "unknown to the LMS",
    "unstable": "changed while it was read",
    "ambiguous": "can be read in two ways",
    "error": "no usable answer",
}


def source(report: Report) -> str:
    """A few words on what was audited, and when it was read."""
    if report.snapshot is None:
        return " of a table"
    manifest = report.snapshot.manifest
    host = urlsplit(manifest.base_url).hostname or manifest.base_url
    return f' of {bounded(host)}, read <span class="whole">{text(manifest.to_utc[:10])}</span>'


def coverage(report: Report) -> str:
    """How many assignments were read, and what became of the others."""
    if report.snapshot is None:
        return "<p>A table was audited, so nothing is known of records that are not in it.</p>"
    manifest = report.snapshot.manifest
    states = sorted(manifest.coverage.items(), key=lambda item: (item[0] not in _GOOD, -item[1]))
    total, read = sum(manifest.coverage.values()), sum(manifest.coverage.get(s, 0) for s in _GOOD)
    listed = "".join(
        f'<li><span class="{_GOOD.get(state, "error")}">{mark(_GOOD.get(state, "error"))}</span>'
        f"{number:,} {text(_MEANING.get(state, state))}</li>"
        for state, number in states
    )
    drawn = stack((_GOOD.get(state, "error"), number) for state, number in states)
    return (
        f"<p>{read:,} of {counted(total, 'assignment')} read ({percent(read / max(total, 1))}), "
        f"{counted(report.records, 'record')}.</p>{_lost(report)}{drawn}"
        f"<ul class='legend'>{listed}</ul>"
    )


def _lost(report: Report) -> str:
    """Which parts of the snapshot cannot be read, and what that means."""
    if not report.lost:
        return ""
    assert report.snapshot is not None
    named = ", ".join(f"<code>{bounded(file)}</code>" for file in gap.named(report))
    records = counted(report.snapshot.lost_rows("records"), "record")
    return (
        f'<p><span class="error">{mark("error")}</span>{counted(len(report.lost), "part")} cannot '
        f"be read, so {records} more were not judged: {named}. Fetch the snapshot anew.</p>"
    )


def again(report: Report, files: Downloads, command: str) -> str:
    """Snapshot, rules, versions, digests of the files beside the page, and the command."""
    manifest = report.snapshot and report.snapshot.manifest
    read = (
        {
            "snapshot": manifest.id,
            "read from": manifest.base_url,
            "between": f"{manifest.from_utc} and {manifest.to_utc}",
            "read by": f"scormaudit {manifest.tool_version}",
        }
        if manifest
        else {}
    )
    facts = read | {
        "rules": f"{len(report.pack.rules)}, pack {report.pack.digest}",
        "audited by": f"scormaudit {version('scormaudit')}, Python {platform.python_version()}",
    }
    facts |= {file.name: f"{counted(file.findings, 'finding')}, SHA-256 {file.digest}"
              for file in files.beside}  # fmt: skip
    listed = "".join(
        f"<dt>{name}</dt><dd><code>{bounded(fact, 200)}</code></dd>" for name, fact in facts.items()
    )
    command = command or "scormaudit report SNAPSHOT -o report.html"
    return f"""<dl class="facts">{listed}</dl><pre><code>{text(command)}</code></pre>
<p class="note">The same snapshot, rules and version give the same findings.</p>"""
