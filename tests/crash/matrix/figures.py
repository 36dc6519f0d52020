"""What is counted in a run, and how it is added up and shown."""

from collections import Counter

FIGURES = ("lost", "false", "doubled", "unapproved", "unintended", "damaged", "late")
"""`late` is no fault: a commit after the settle time, which nobody can rule out (I6).

An unintended edit had no intent in the journal; a damaged journal is broken or left open.
"""
COUNTED = ("kills", *FIGURES, "errors")


def total(told):
    """Runs and the sum of every figure."""
    return {"runs": len(told), **{name: sum(one[name] for one in told) for name in COUNTED}}


def table(groups):
    """A line for each group of results, and their sum."""
    groups = {**groups, "all": [one for told in groups.values() for one in told]}
    rows = [("", *total([]), "  ends of the changes")]
    rows += [(name, *map(str, total(told).values()), ends(told)) for name, told in groups.items()]
    width = max(len(row[0]) for row in rows)
    return [
        row[0].ljust(width) + "".join(cell.rjust(11) for cell in row[1:-1]) + "  " + row[-1]
        for row in rows
    ]


def ends(told):
    """How the changes ended, the most frequent first."""
    counts = Counter(end for one in told for end in one["ends"])
    return ", ".join(f"{number} {state}" for state, number in counts.most_common())
