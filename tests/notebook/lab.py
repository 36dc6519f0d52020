"""A JupyterLab of its own on this machine: a folder, a token, and nothing of the user's."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex
from threading import Thread

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

_TESTS = Path(__file__).parents[1]
_THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
_METADATA = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
_QUIET = (
    "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0",
    "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
    "--LabApp.news_url=", "--LabApp.expose_app_in_browser=True",
    "--KernelSpecManager.ensure_native_kernel=True",
)  # fmt: skip


class Lab:
    """A running JupyterLab; its notebooks and their files are in `folder`."""

    def __init__(self, folder):
        self.folder = folder / "notebooks"
        self.folder.mkdir()
        self.token = token_hex(16)
        homes = {
            "HOME": "", "USERPROFILE": "", "IPYTHONDIR": "ipython",
            "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime", "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        }  # fmt: skip
        env = os.environ | {name: str(folder / inner) for name, inner in homes.items()}
        env |= {"JUPYTER_TOKEN": self.token, "PYTHONPATH": str(_TESTS), "JUPYTER_NO_CONFIG": "1"}
        self._settings = folder / "settings"
        self._set("notification", '{"fetchNews": "false", "checkForUpdates": false}')
        self._process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *_QUIET, str(self.folder)],
            env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.url = self._address()
        self._reader = Thread(target=self._process.stderr.read)  # else its pipe would fill
        self._reader.start()

    def _address(self):
        """Where it listens, as it says itself."""
        said = []
        for line in self._process.stderr:
            said.append(line)
            if found := re.search(r"(http://127\.0\.0\.1:\d+)/", line):
                return found[1]
        pytest.fail("JupyterLab did not start:\n" + "".join(said[-20:]))

    def write(self, path, *cells):
        """A notebook of these cells in `folder`."""
        cells = [new_code_cell(source) for source in cells]
        nbformat.write(new_notebook(cells=cells, metadata=_METADATA), self.folder / path)

    def theme(self, name):
        """Which theme pages opened from now on have: light or dark."""
        self._set("themes", f'{{"theme": "{_THEMES[name]}", "adaptive-theme": false}}')

    def _set(self, plugin, settings):
        file = (
            self._settings / "@jupyterlab" / "apputils-extension" / f"{plugin}.jupyterlab-settings"
        )
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(settings)

    def address(self, name):
        """The page of a notebook without anything around it, in a workspace of its own."""
        return f"{self.url}/doc/workspaces/{token_hex(4)}/tree/{name}?token={self.token}"

    def close(self):
        """Stop it and its kernels."""
        self._process.terminate()
        self._process.wait()
        self._reader.join()
        self._process.stderr.close()


def need():
    """Skip where there is no JupyterLab; fail where CI=true."""
    lacks = [name for name in ("jupyterlab", "anywidget") if find_spec(name) is None]
    if lacks:
        why = f"{' and '.join(lacks)} not installed (extra: notebook)"
        pytest.fail(why) if os.environ.get("CI") == "true" else pytest.skip(why)
