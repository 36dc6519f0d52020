"""What several rules ask of the same records, answered once for all of them."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    Ask = Callable[[pd.DataFrame], pd.Series]


def shared(ask: "Ask") -> "Ask":
    """A question about the records of a check, which is answered once for each part of a snapshot.

    It may depend on nothing but the records. Each rule gets a Series of its own.
    """

    @wraps(ask)
    def answer(cmi: Any) -> "pd.Series":
        if not hasattr(type(cmi), "kept"):  # a frame keeps nothing
            return ask(cmi)
        found: pd.Series = cmi.kept(ask, lambda: ask(cmi))
        return found.copy(deep=False)

    return answer
