"""A NexPort for practice and tests: real HTTP, fictional learners, faults on request."""

from scormaudit.sandbox.attempt import Attempt, Sco
from scormaudit.sandbox.server import Sandbox

__all__ = ["Attempt", "Sandbox", "Sco"]
