"""Shared by all commands: output, progress, options, files and errors."""
