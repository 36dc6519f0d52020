"""Files and folders that their owner alone may look at, whatever the umask."""

import os
import stat
from pathlib import Path

_BINARY = getattr(os, "O_BINARY", 0)  # Windows would write line ends of its own


def make_folder(path: Path, *, exist_ok: bool = False) -> None:
    """Make a folder (0700), and those above it that are missing; OSError as of `mkdir`."""
    for parent in reversed(path.parents):
        if not parent.exists():
            parent.mkdir(mode=0o700, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=exist_ok)


def open_file(path: Path, *, new: bool = False) -> int:
    """A handle to write a file (0600) from its beginning; with `new` it must not be there yet.

    An older file that others could read is closed to them before anything stands in it; what is
    no file, as a device, keeps its mode. OSError as of `open`.
    """
    there = os.O_EXCL if new else os.O_TRUNC
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | there | _BINARY, 0o600)
    try:
        if stat.S_ISREG(os.fstat(handle).st_mode):
            path.chmod(0o600)
    except OSError:
        os.close(handle)
        raise
    return handle
