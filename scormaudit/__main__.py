"""`python -m scormaudit` is the command."""

from scormaudit.cli import main

main()
