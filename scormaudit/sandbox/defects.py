"""What can be wrong with a record, one labelled defect a row; the common ones come first."""

from itertools import zip_longest

from scormaudit.sandbox.defects_common import COMMON
from scormaudit.sandbox.defects_model import MODELS
from scormaudit.sandbox.defects_number import NUMBERS
from scormaudit.sandbox.defects_objective import GOALS
from scormaudit.sandbox.defects_question import QUESTIONS
from scormaudit.sandbox.defects_status import STATUSES
from scormaudit.sandbox.defects_text import TEXTS
from scormaudit.sandbox.defects_time import TIMES

_OTHERS = zip_longest(TIMES, TEXTS, NUMBERS, STATUSES, GOALS, QUESTIONS, MODELS)

DEFECTS = (*COMMON, *(defect for turn in _OTHERS for defect in turn if defect))
"""Each defect once, of each table in turn, so that few records show all themes."""

TURNS = (*COMMON, *DEFECTS)
"""The order to plant them in, over and over: the common ones twice in every round."""
