"""The tags of a file before they are interpreted: values by field name, and pictures."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class RawTags:
    """A file's tags as a reader collects them.

    Attributes:
        fields: Values in their order, by field name in lower case: title, artist, albumartist, album, genre, year,
            language, and whatever else the file names.
        picture: The encoded front cover, or else the first picture; empty if there is none.
        is_front: Whether ``picture`` is marked as the front cover.
    """

    fields: dict[str, list[str]] = field(default_factory=dict)
    picture: bytes = b""
    is_front: bool = False

    def add(self, name: str, value: str) -> None:
        """Add a value to a field, unless it is empty or there already."""
        if value.strip() and value not in self.fields.get(name, ()):
            self.fields.setdefault(name, []).append(value)

    def add_picture(self, data: bytes, *, is_front: bool) -> None:
        """Keep a picture if it is the first, or the first front cover."""
        if data and (not self.picture or (is_front and not self.is_front)):
            self.picture, self.is_front = data, is_front

    def add_missing(self, other: RawTags | None) -> None:
        """Take the fields and the picture that are missing from other tags of the same file."""
        if other is None:
            return
        for name, values in other.fields.items():
            self.fields.setdefault(name, list(values))
        if not self.picture:
            self.picture, self.is_front = other.picture, other.is_front
