"""`python -m derive` is `derive`."""

from derive.cli import main

main()
