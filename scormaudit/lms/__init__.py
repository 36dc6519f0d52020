"""The LMS over HTTP: the only rooms that know httpx."""
