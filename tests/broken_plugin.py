"""A package whose plug-ins cannot be imported."""

from __future__ import annotations

from pathlib import Path


def install_broken_plugin(folder: Path) -> Path:
    """Write an installed package with a source and a classifier called "bad"; returns its folder for ``sys.path``."""
    site = folder / "site"
    about = site / "mien_bad-1.0.dist-info"
    about.mkdir(parents=True)
    (site / "mien_bad.py").write_text('raise RuntimeError("tape heads\\nare dirty")\n', encoding="utf-8")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: mien-bad\nVersion: 1.0\n", encoding="utf-8")
    lines = ["[mien.sources]", "bad = mien_bad:Source", "[mien.classifiers]", "bad = mien_bad:Classifier"]
    (about / "entry_points.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return site
