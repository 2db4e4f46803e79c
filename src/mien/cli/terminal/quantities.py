"""Formats quantities for people: counts with their noun, and durations."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """A count with its noun: "1 track", "2 tracks"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def clock_time(duration_s: float) -> str:
    """A duration in s as m:ss, or h:mm:ss from an hour on; fractions are dropped."""
    minutes, seconds = divmod(int(duration_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
