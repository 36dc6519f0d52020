"""A campaign in an interpreter of its own, since the one of the tests has threads."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

FOLDER = Path(__file__).parent


def told(cases):
    """What became of each case."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", FOLDER.name, "--cases"],
        input=json.dumps([asdict(case) for case in cases]),
        stdout=subprocess.PIPE,
        encoding="utf-8",
        cwd=FOLDER.parent,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]
