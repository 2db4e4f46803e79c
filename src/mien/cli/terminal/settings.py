"""Loads the user's settings."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mien.config import Settings


def settings() -> Settings:
    """The settings of this process; raises ``ConfigError``."""
    from mien.config import load_settings

    return load_settings(os.environ)
