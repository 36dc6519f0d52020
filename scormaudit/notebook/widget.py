"""The review widget: a page in the notebook that asks a sitting and shows its answers."""

from pathlib import Path
from typing import Any

import anywidget

from scormaudit.notebook.sitting import Sitting
from scormaudit.notebook.static import page, sentence

_PAGE = Path(__file__).parent / "page"
_PARTS = ("node", "list", "rules", "card", "kernel", "docket", "review")


def _script() -> str:
    """One module of all parts: the page is given as text, in which no part could import another."""
    return "\n".join((_PAGE / f"{part}.js").read_text(encoding="utf-8") for part in _PARTS)


class Widget(anywidget.AnyWidget):
    """A review in the notebook.

    Nothing is kept in the widget's state: a page asks for what it shows, so a notebook that
    is saved with its widgets holds no learner's value.
    """

    _esm = _script()
    _css = (_PAGE / "review.css").read_text(encoding="utf-8")

    def __init__(self, sitting: Sitting) -> None:
        super().__init__()
        self._sitting = sitting
        self.on_msg(self._heard)

    def _heard(self, _: object, message: dict[str, Any], buffers: object) -> None:
        del buffers
        answer = self._sitting.answer(message)
        self.send(answer.content, list(answer.buffers))

    def __repr__(self) -> str:
        return sentence(self._sitting)

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The widget, and for whoever cannot run it the static table."""
        made: tuple[dict[str, Any], dict[str, Any]] | None = super()._repr_mimebundle_(**options)
        if made is not None:
            why = "The widget needs a running kernel; run the cell to decide."
            made[0]["text/html"] = page(self._sitting, why)
        return made
