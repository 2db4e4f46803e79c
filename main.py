"""Serve the page."""

import sys

from mien.cli import main

main(["serve", *sys.argv[1:]])
