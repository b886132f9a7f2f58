"""`python -m slingshot` is the `slingshot` command."""

from slingshot.cli import main

main()
