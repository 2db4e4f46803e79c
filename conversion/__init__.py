"""Turns published networks into the format that mien runs; used by the build hook alone, with Python alone."""
