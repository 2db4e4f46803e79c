"""Everyone can use the page: with axe-core, computed contrast on every ground, and without a mouse."""

import pytest
from playwright.sync_api import expect

from tests.browser.acts import (
    PHONE,
    SMALL_DESK,
    camera_flags,
    queue_titles,
    set_mood_by_keys,
    violations,
)

SCREENS = {"desk": {"size": SMALL_DESK}, "phone": {"size": PHONE, "has_touch": True, "is_mobile": True}}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_no_violations(open_page, pair_film, screen, scheme):
    page = open_page(*camera_flags(pair_film), color_scheme=scheme, **SCREENS[screen])
    assert violations(page) == []
    page.keyboard.press("c")
    expect(page.locator(".face-button")).to_have_count(2)
    page.keyboard.press("w")
    expect(page.get_by_role("button", name="Automatic")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("s")
    expect(page.get_by_role("dialog", name="Settings")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    set_mood_by_keys(page, right=-8, up=8)
    assert violations(page) == []
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    assert violations(page) == []


def test_axe_finds_no_violations_in_the_track_dialog_or_after_a_refused_camera(open_page):
    page = open_page("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream=deny")
    page.keyboard.press("c")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name=f"About {queue_titles(page)[0]}", exact=True).click()
    assert violations(page) == []


CONTRAST = """() => {
    const root = document.documentElement;
    const probe = document.body.appendChild(document.createElement("span"));
    const canvas = new OffscreenCanvas(1, 1);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const resolve = (name) => {
        probe.style.color = `var(--${name})`;
        return getComputedStyle(probe).color;
    };
    /** Paints colours over each other and gives the luminance of what is seen. */
    const luminance = (...colours) => {
        for (const colour of colours) {
            context.fillStyle = colour;
            context.fillRect(0, 0, 1, 1);
        }
        const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map((value) => {
            const share = value / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    let worst = Infinity;
    for (const theme of ["light", "dark"]) {
        root.dataset.theme = theme;
        for (let hue = 0; hue < 360; hue += 15) {
            for (const strength of [0, 0.5, 1]) {
                root.style.setProperty("--mood-hue", hue);
                root.style.setProperty("--mood-strength", strength);
                for (const ground of ["background", "player-background"]) {
                    for (const over of [[], [resolve("fill")]]) {
                        const behind = luminance(resolve(ground), ...over);
                        for (const text of ["text", "muted"]) {
                            worst = Math.min(worst, contrast(luminance(resolve(text)), behind));
                        }
                    }
                }
                worst = Math.min(worst, contrast(luminance(resolve("background")), luminance(resolve("text"))));
            }
        }
    }
    return worst;
}"""


def test_text_has_enough_contrast_on_the_background_of_every_mood_in_both_themes(open_page):
    assert open_page().evaluate(CONTRAST) >= 4.5


def test_every_control_has_a_name(happy_page):
    unnamed = happy_page.evaluate(
        """() => [...document.querySelectorAll("button, a, input, [role=slider], [role=meter], canvas")]
            .filter((one) => one.checkVisibility())
            .filter((one) => !(one.ariaLabel || one.textContent.trim() || one.labels?.[0]?.textContent.trim()))
            .map((one) => one.outerHTML.slice(0, 120))"""
    )
    assert unnamed == []


def test_every_control_is_reached_by_tab_with_a_visible_focus(open_page):
    page = open_page()
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        name, outline = page.evaluate(
            """() => {
                const { activeElement } = document;
                const name = activeElement.ariaLabel || activeElement.textContent.trim();
                return [name, getComputedStyle(activeElement).outlineStyle];
            }"""
        )
        if page.evaluate("document.activeElement === document.body"):
            break
        assert outline == "solid", name
        reached.append(name)
    for name in ("Turn on the camera", "Mood", "Play", "Position", "Volume", "Theme: system"):
        assert name in reached


def test_question_mark_shows_the_shortcuts_and_closing_restores_the_focus(open_page):
    page = open_page()
    page.get_by_role("button", name="Keyboard shortcuts").focus()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_contain_text("Play or pause")
    # Keys mean nothing else while it is open.
    page.keyboard.press("c")
    expect(page.locator("camera-view")).to_have_attribute("data-state", "off")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Keyboard shortcuts")).to_be_focused()
