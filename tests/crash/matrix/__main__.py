"""The long campaign: `python -m tests.crash.matrix --runs 10000`."""

import argparse
import json
import sys
from collections import defaultdict

from .campaign import WORKERS, campaign
from .case import Case, covering, spread
from .figures import table
from .mutant import MUTANTS


def main():
    """Run a campaign and print its table; exit code 1 where anything went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash.matrix", description=__doc__)
    parser.add_argument("--runs", type=int, help="so many, strewn over the whole product")
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--mutant", choices=MUTANTS)
    parser.add_argument("--behaviour", help="only this one")
    parser.add_argument("--cases", action="store_true", help="JSON from standard input")
    options = parser.parse_args()
    if options.cases:
        for facts in campaign(map(Case.of, json.load(sys.stdin)), options.workers):
            print(json.dumps(facts), flush=True)
        return 0
    name = options.mutant
    chosen = MUTANTS[name].cases(name) if name else covering()
    if options.runs is not None:
        chosen = list(spread(options.runs))
    if options.behaviour:
        chosen = [case for case in chosen if case.behaviour == options.behaviour]
    return _shown(chosen, options.workers)


def _shown(chosen, workers):
    groups, bad = defaultdict(list), 0
    for number, facts in enumerate(campaign(chosen, workers), start=1):
        groups[facts["behaviour"]].append(facts)
        bad += bool(facts["notes"])
        for note in facts["notes"] if bad < 20 else ():
            print(f"\r{facts['case']}: {note}")
        if sys.stderr.isatty():
            print(f"\r{number}/{len(chosen)}", end="", file=sys.stderr)
    print("\n".join(["", *table(groups)]))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
