"""Commands run by processes whose disk fails at a moment that can be chosen.

As a script: one fork for each line of JSON read; the line that is written tells how it ended.
The parent has loaded everything and has no threads, so that a fork costs next to nothing.
"""

import ctypes
import json
import os
import sys
import traceback

import scormaudit.apply
import scormaudit.report.terminal  # noqa: F401 - loaded once, before any fork
from scormaudit.cli import main as command
from scormaudit.lms.client import Client, Editor

SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static int kind, left, told = -1;

void arm(int which, int when, int fd) { kind = which; left = when; told = fd; }

static int fails(int which, int why, int is_folder) {
  static ssize_t (*real)(int, const void *, size_t);
  if (which != kind || left <= 0 || --left) return 0;
  if (!real) *(void **)&real = dlsym(RTLD_NEXT, "write");
  real(told, is_folder ? "folder\n" : "fault\n", is_folder ? 7 : 6);
  errno = why;
  return 1;
}

static int kept(int fd) {
  struct stat about;
  return fd > 2 && fd != told && !fstat(fd, &about) && S_ISREG(about.st_mode);
}

static int folder(int fd) {
  struct stat about;
  return !fstat(fd, &about) && S_ISDIR(about.st_mode);
}

#define PASS(name, result, takes, given, which, why, when, is_folder) \
  result name takes { \
    static result (*real) takes; \
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, #name); \
    return (when) && fails(which, why, is_folder) ? -1 : real given; \
  }

PASS(fsync, int, (int fd), (fd), 1, EIO, 1, folder(fd))
PASS(fdatasync, int, (int fd), (fd), 1, EIO, 1, folder(fd))
PASS(write, ssize_t, (int fd, const void *b, size_t n), (fd, b, n), 2, ENOSPC, kept(fd), 0)
#define PLACE(name, takes, given) PASS(name, ssize_t, takes, given, 2, ENOSPC, 1, 0)
PLACE(pwrite, (int fd, const void *b, size_t n, off_t o), (fd, b, n, o))
PLACE(pwrite64, (int fd, const void *b, size_t n, off64_t o), (fd, b, n, o))
PASS(unlink, int, (const char *name), (name), 3, EIO, 1, 0)
"""
KINDS = ("sync", "write", "unlink")


def run(arguments, settings, told, *, fault="", moment=0, room=None):
    """Run a command; at `moment`, its fault happens once, and no file grows beyond `room` bytes.

    Each edit and the fault (`fault`, or `folder` where a folder is not synced) are told, in
    their order, to the file descriptor `told`.
    """
    edit = Editor.edit

    def telling(self, body):
        os.write(told, b"edit\n")
        return edit(self, body)

    Editor.edit = telling
    os.environ.update(settings)
    sys.argv = ["scormaudit", *arguments]
    if room is not None:
        import resource  # not everywhere

        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    if fault:
        ctypes.CDLL(None).arm(1 + KINDS.index(fault), moment, told)
    command()


def forked(errand):
    """The exit code of a command in a process of its own, what it said, and what happened."""
    said, told = os.pipe(), os.pipe()
    pid = os.fork()
    if not pid:
        code = 70
        try:
            os.dup2(said[1], 1)
            os.dup2(said[1], 2)
            run(**errand, told=told[1])
            code = 0
        except SystemExit as end:
            code = end.code or 0
        except BaseException:  # noqa: BLE001 - a fork must never come back
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    texts = []
    for source, sink in (said, told):
        os.close(sink)
        with os.fdopen(source, encoding="utf-8") as pipe:
            texts.append(pipe.read())
    return {"code": code, "said": texts[0], "told": texts[1].split()}


if __name__ == "__main__":
    Client("http://127.0.0.1:9", "token").close()  # loads what a first client loads
    for line in sys.stdin:
        print(json.dumps(forked(json.loads(line))), flush=True)
