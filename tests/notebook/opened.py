"""A notebook opened in a browser and run, with the review widget in it."""

import json

PATIENCE = 120_000
"""Milliseconds that a busy machine is given before a page counts as broken."""

_RUN = """async () => {
  const app = window.jupyterapp;
  await app.restored;
  const panel = app.shell.currentWidget;
  await panel.context.ready;
  await panel.sessionContext.ready;
  await panel.sessionContext.session.kernel.info;
  void app.commands.execute("notebook:run-all-cells");
}"""


class Opened:
    """One page; `dialogs` and `faults` are what a hostile text or a broken script would cause."""

    def __init__(self, lab, browser, name, *, width=1280, height=1300):
        self.page = browser.new_page(viewport={"width": width, "height": height})
        self.page.set_default_timeout(PATIENCE)
        self.dialogs, self.faults = [], []
        self.page.on("dialog", self._dialog)
        self.page.on("pageerror", lambda fault: self.faults.append(str(fault)))
        self.page.goto(lab.address(name))
        self.page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        self.page.evaluate(_RUN)
        self.widget = self.page.locator(".scormaudit-review")

    def _dialog(self, dialog):
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def close(self):
        """Stop the kernel and close the page, if it is still open."""
        if not self.page.is_closed():
            self.stop()
            self.page.close()

    def stop(self):
        """Stop the kernel."""
        self.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")

    def field(self, label):
        """An input by its label."""
        return self.widget.get_by_label(label, exact=True)

    @property
    def rows(self):
        """The rows of the list that are in the page."""
        return self.widget.get_by_role("listbox", name="Changes").get_by_role("option")

    @property
    def current(self):
        """The row of the present change."""
        return self.widget.locator('[role="option"][aria-selected="true"]')

    def at(self):
        """The short name of the present change."""
        return self.current.get_attribute("id").split("-")[1]

    def names(self):
        """The short names of the changes in the page, in order."""
        return [id_.split("-")[1] for id_ in self.rows.evaluate_all("rows => rows.map(r => r.id)")]

    def introduce(self, reviewer, reason):
        """Type who decides and why; then the list has the keys."""
        self.current.wait_for()
        self.field("Reviewer").click()
        self.page.keyboard.type(f"{reviewer}\n{reason}\n")

    def type(self, *keys):
        """Press these keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def told(self, words):
        """Wait until the counter says this."""
        self.widget.get_by_role("status").filter(has_text=words).wait_for()

    def alarmed(self, words):
        """Wait until the alert says this."""
        self.widget.get_by_role("alert").filter(has_text=words).wait_for()


def kept(file):
    """What a decisions file says: meaning, short names, reviewer and reason a line."""
    lines = file.read_text(encoding="utf-8").splitlines()
    decisions = [json.loads(line)["decision"] for line in lines]
    return [
        (d["meaning"], [hash_[:12] for hash_ in d["changes"]], d["reviewer"], d["reason"])
        for d in decisions
    ]
