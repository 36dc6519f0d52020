"""Somebody at a real terminal: a process behind a pseudo-terminal, what it shows, keys to it."""

import codecs
import os
import re
import select
import signal
import subprocess
import sys

try:
    import fcntl
    import pty
    import struct
    import termios
except ImportError:  # no pseudo-terminals here
    pty = None

_PATIENCE = 60
_CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A command at a terminal of `columns`; `shown` is all that it wrote."""

    def __init__(self, *arguments, cwd, columns=80, **environment):
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        plain = {k: v for k, v in os.environ.items() if not k.startswith("SCORMAUDIT_")}
        unset = ("NO_COLOR", "COLUMNS", "LINES", "FORCE_COLOR", "TTY_COMPATIBLE")
        plain = {k: v for k, v in plain.items() if k not in unset}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "scormaudit", *arguments],
            stdin=theirs, stdout=theirs, stderr=theirs, cwd=cwd, start_new_session=True,
            env=plain | {"TERM": "xterm-256color", "PYTHONWARNINGS": "error"} | environment,
        )  # fmt: skip
        self._ours, self._theirs = ours, theirs
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self.shown, self._seen = "", 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self._ours)
        os.close(self._theirs)

    @property
    def text(self):
        """What was shown, without colours and with plain line ends."""
        return _CODES.sub("", self.shown).replace("\r\n", "\n")

    def until(self, words):
        """Wait until `words` are shown after what was last waited for; the text up to there."""
        while (at := self.text.find(words, self._seen)) < 0:
            assert self._listen(), f"{words!r} was not shown:\n{self.text[self._seen :]}"
        shown = self.text[self._seen : at + len(words)]
        self._seen = at + len(words)
        return shown

    def key(self, key):
        """Press a key when the program waits for one."""
        self.until("q quit")
        while termios.tcgetattr(self._theirs)[3] & termios.ICANON:
            self._listen(0.01)
        os.write(self._ours, key.encode())

    def line(self, question, answer):
        """Answer a question with a line."""
        self.until(question)
        self.until(": ")
        os.write(self._ours, f"{answer}\n".encode())

    def end_of_file(self, question):
        """Answer a question with Ctrl-D."""
        self.until(question)
        self.until(": ")
        os.write(self._ours, b"\x04")

    def end(self):
        """Wait for the end of the command; its exit code."""
        while self.process.poll() is None:
            self._listen(0.05)
        while self._listen(0):
            pass
        return self.process.returncode

    def kill(self):
        """End it at once, as a closed lid does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def _listen(self, patience=_PATIENCE):
        """Take what was written; False if nothing came."""
        ready, _, _ = select.select([self._ours], [], [], patience)
        if ready:
            self.shown += self._decoder.decode(os.read(self._ours, 65536))
        return bool(ready)
