"""Whether a learner may be in the course now, so that what a record holds is on its way."""

from typing import TYPE_CHECKING

from scormaudit.shared import shared

if TYPE_CHECKING:
    import pandas as pd


@shared
def in_course(cmi: "pd.DataFrame") -> "pd.Series":
    """Records of a learner who may be in the course now: started, and no exit since."""
    there: pd.Series = cmi.start_utc.notna() & ~cmi.exit_utc.ge(cmi.start_utc)
    return there
