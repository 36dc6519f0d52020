"""The rules as a pandera schema, for pipelines that know nothing of audits."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from pandera.pandas import Check, Column, DataFrameSchema

from scormaudit.answer import holds
from scormaudit.columns import columns_of
from scormaudit.frame import types
from scormaudit.pack import Pack, choose, load
from scormaudit.rule import Rule, columns, title


def schema(
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    rules: Pack | Path | str | None = None,
) -> DataFrameSchema:
    """The chosen rules about `records` as a schema over its text columns.

    Each check is named by its code; a frame may lack columns, and what cannot be judged
    holds. `schema().validate(frame, lazy=True)` breaks on the rows that `audit(frame)` finds.
    """
    if not isinstance(rules, Pack):
        rules = load(Path(rules)) if rules else load()
    chosen = [rule for rule in choose(rules, select, ignore).rules if rule.table == "records"]
    by_element: dict[str, list[Check]] = {}
    for rule in chosen:
        if not (rule.needs or rule.unique):
            by_element.setdefault(rule.element, []).append(_check(rule))
    return DataFrameSchema(
        {
            name: Column(None, checks, nullable=True, required=False)
            for name, checks in by_element.items()
        },
        checks=[_check(rule) for rule in chosen if rule.needs or rule.unique],
    )


def _check(rule: type[Rule]) -> Check:
    error = f"{rule.code} {title(rule)}"
    return Check(partial(_holds, rule), name=rule.code, error=error, ignore_na=False)


def _holds(rule: type[Rule], asked: pd.Series | pd.DataFrame) -> pd.Series:
    frame = asked.to_frame(rule.element) if isinstance(asked, pd.Series) else asked
    if not {*columns(rule)} <= {*frame.columns}:
        return pd.Series(np.ones(len(frame), dtype=bool), index=frame.index)
    answers = holds(rule, columns_of(frame, columns(rule), types("records")))
    return pd.Series(answers, index=frame.index)
