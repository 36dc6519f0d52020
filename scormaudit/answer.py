"""What a rule answers for each row, taken from its pandera Check."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from scormaudit.columns import Columns, columns_of
from scormaudit.frame import types
from scormaudit.repetition import repeated
from scormaudit.rule import Row, Rule, columns
from scormaudit.text import Text

if TYPE_CHECKING:
    from pandera.pandas import Check


def holds(rule: type[Rule], asked: Columns) -> np.ndarray:
    """True for each row that holds.

    A rule about one element is asked about its distinct values; null always holds.
    """
    if rule.unique:
        return ~repeated(asked, columns(rule))
    if rule.needs:
        return _of_rows(rule, asked)
    text = asked.texts[rule.element]
    if rule.glance or _quick(rule):
        if rule.glance and not text.many():
            text = asked.distinct(rule.element)
        key = (rule.element, "str", text.codes is None)
        words = asked.kept(key, lambda: pd.Series(text.there(), dtype="str"))
        return text.spread(_at_a_glance(rule, words), True)
    if rule.alike:
        alike: Text = asked.kept((rule.element, rule.alike), partial(text.alike, rule.alike))
        return alike.spread(_of_words(rule, alike.words.to_numpy(zero_copy_only=False)), True)
    words = asked[rule.element].cat.categories
    return asked.distinct(rule.element).spread(_of_words(rule, words), True)


def _at_a_glance(rule: type[Rule], words: pd.Series) -> np.ndarray:
    """As `holds` of words; Python's own strings are made of those alone that a look at all of
    them leaves open."""
    answers = np.array(_bools(_ask(rule.glance or rule.check, words.rename(rule.element))))
    if rule.glance and not answers.all():
        answers[~answers] = _of_words(rule, words[~answers].astype("object"))
    return answers


def _of_words(rule: type[Rule], words: Any) -> np.ndarray:
    """As `holds` of words that are Python's own strings."""
    strings = pd.Series(words, dtype="object", name=rule.element, copy=False)
    return _bools(_ask(rule.check, strings))


def _quick(rule: type[Rule]) -> bool:
    """Whether a check says the same of Arrow's strings as of Python's, so that none are made.

    Patterns do not: they mean something else in Arrow's.
    """
    return rule.check.name in _QUICK and not rule.check.element_wise


_QUICK = ("isin", "notin", "str_length", "equal_to", "not_equal_to")


def breaks(rule: type[Rule], row: Row, *beside: Row) -> bool:
    """Whether a row, given as column → text, breaks a rule; columns left out are null.

    A rule about repetition looks at the rows `beside` it too. A rule that crashes raises here,
    so that its author sees the traceback.
    """
    frame = pd.DataFrame([dict.fromkeys(columns(rule)) | dict(given) for given in (row, *beside)])
    return not holds(rule, columns_of(frame, columns(rule), types(rule.table)))[0]


def _of_rows(rule: type[Rule], asked: Columns) -> np.ndarray:
    """As `holds`, from a check of whole rows.

    Most checks look at a few columns; those are all that is made for them. One that wants more
    of a frame than that gets the frame.
    """
    backend: Any = rule.check.get_backend(_FRAME)(rule.check)
    if not rule.check.element_wise and rule.check.groupby is None:
        try:
            answer = backend.check_fn(_Narrow(asked))
        except Exception:  # noqa: BLE001, S110 - the frame itself will tell what is wrong
            pass
        else:
            if isinstance(answer, pd.Series) and len(answer) == len(asked):
                return _bools(answer)
    return _bools(_ask(rule.check, asked.frame()))


_FRAME = pd.DataFrame()


class _Narrow:
    """Looks like a frame to a check that asks for columns by name."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def __len__(self) -> int:
        return len(self._columns)

    def kept(self, what: Any, make: Callable[[], Any]) -> Any:
        """As the columns have it."""
        return self._columns.kept(what, make)

    def __getattr__(self, name: str) -> Any:
        if name == "index":
            return self._columns.index
        if hasattr(pd.DataFrame, name) or name not in self._columns:
            return getattr(self._columns.frame(), name)
        return self._columns[name]

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return self._columns[key]
        if isinstance(key, list):
            return self._columns.frame(key)
        return self._columns.frame()[key]


def _ask(check: "Check", asked: pd.Series | pd.DataFrame) -> pd.Series:
    backend: Any = check.get_backend(asked)(check)
    if isinstance(asked, pd.DataFrame) or check.groupby is not None:
        answer = backend.apply(backend.preprocess(asked, None))
    elif check.element_wise:
        return pd.Series(np.fromiter(map(backend.check_fn, asked), bool, len(asked)))
    else:
        answer = backend.check_fn(asked)
    if not isinstance(answer, pd.Series) or len(answer) != len(asked):
        raise TypeError("a check must answer for every row")
    return answer


def _bools(answer: pd.Series) -> np.ndarray:
    return np.asarray(answer, dtype=bool)
