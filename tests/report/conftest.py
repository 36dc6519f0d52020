"""What tests of the report share."""

from browser import browser

__all__ = ["browser"]
