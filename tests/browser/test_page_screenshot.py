"""Takes the README's picture of the page; it is written only when asked for: MIEN_UPDATE_SCREENSHOT=1."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
from PIL import Image

from tests.browser.acts import wait_for_music

SHOWN_AT = "docs/images/page.png"
SIDES = {"width": 1440, "height": 900}


def test_a_screenshot_is_written(happy_page, repository: Path):
    happy_page.emulate_media(color_scheme="dark")
    wait_for_music(happy_page, beyond_s=6)
    happy_page.wait_for_function(
        "() => +getComputedStyle(document.documentElement).getPropertyValue('--mood-strength') > 0.95"
    )
    data = happy_page.screenshot()
    picture = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    assert picture.shape == (SIDES["height"], SIDES["width"], 3)
    camera = happy_page.locator("camera-view").bounding_box()
    left, top = round(camera["x"]), round(camera["y"])
    seen = picture[top : top + round(camera["height"]), left : left + round(camera["width"])]
    assert seen.std() > 30, "the camera's picture is in it"
    if os.environ.get("MIEN_UPDATE_SCREENSHOT") == "1":
        target = repository / SHOWN_AT
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
