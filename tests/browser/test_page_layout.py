"""The page fits a desk and a phone, nothing jumps while it is used, and it is light or dark as the person likes."""

import pytest
from playwright.sync_api import expect

from tests.browser.acts import PHONE, SMALL_DESK, camera_flags, turn_on_camera, wait_for_expression

PHONE_OPTIONS = {"has_touch": True, "is_mobile": True}
WIDTHS = {"a phone": PHONE, "a small phone": {"width": 320, "height": 640}, "a tablet": {"width": 820, "height": 1180}}

PLACES = """() => ["camera-view", "mood-words", "mood-plane", "expression-reading", ".bars", ".bar:last-child",
    "up-next", "music-player", ".player-controls", ".player-time"].map((name) => {
        const { x, y, width, height } = document.querySelector(name).getBoundingClientRect();
        return [name, x, y, width, height].join(" ");
    })"""


@pytest.mark.parametrize("where", WIDTHS)
def test_nothing_scrolls_horizontally(open_page, smiling_film, where):
    page = open_page(*camera_flags(smiling_film), size=WIDTHS[where], **PHONE_OPTIONS)
    too_wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(too_wide) == 0
    turn_on_camera(page)
    wait_for_expression(page, "happy")
    assert page.evaluate(too_wide) == 0
    if page.get_by_role("button", name="Show the queue").is_visible():
        page.get_by_role("button", name="Show the queue").click()
    assert page.evaluate(too_wide) == 0


def test_on_a_phone_the_camera_sits_in_the_corner_the_queue_folds_and_the_player_is_docked(open_page, smiling_film):
    page = open_page(*camera_flags(smiling_film), size=PHONE, **PHONE_OPTIONS)
    turn_on_camera(page)
    wait_for_expression(page, "happy")
    camera, plane, player = (
        page.locator(name).bounding_box() for name in ("camera-view", "mood-plane", "music-player")
    )
    assert camera["width"] < PHONE["width"] / 3 < plane["width"]
    assert camera["x"] > PHONE["width"] / 2
    assert plane["y"] + plane["height"] < player["y"]
    assert abs(player["y"] + player["height"] - PHONE["height"]) <= 1
    expect(page.locator(".queue")).to_be_hidden()
    page.get_by_role("button", name="Show the queue").click()
    expect(page.locator(".queue")).to_be_visible()
    page.get_by_role("button", name="Hide the queue").click()
    expect(page.locator(".queue")).to_be_hidden()


def test_everything_fits_on_a_desktop_screen(open_page):
    page = open_page()
    assert page.evaluate("document.documentElement.scrollHeight") <= 900


def test_a_laptop_shows_all_seven_bars_above_the_player(open_page, smiling_film):
    page = open_page(*camera_flags(smiling_film), size={"width": 1280, "height": 720})
    turn_on_camera(page)
    wait_for_expression(page, "happy")
    bar, player = (page.locator(name).bounding_box() for name in (".bar:last-child", "music-player"))
    assert bar["y"] + bar["height"] <= player["y"]
    page.get_by_text("Details", exact=True).click()
    expect(page.locator(".motion-phases")).to_be_visible()
    page.reload()
    expect(page.locator("motion-strip")).to_be_visible()


def test_the_box_for_words_is_above_the_player_when_it_gets_the_focus(open_page):
    page = open_page(size=PHONE, **PHONE_OPTIONS)
    page.keyboard.press("/")
    box, player = (page.locator(name).bounding_box() for name in (".request-words", "music-player"))
    assert box["y"] + box["height"] <= player["y"]


@pytest.mark.parametrize("width", [390, 640, 820, 1080])
def test_the_player_has_room_for_the_title_the_position_and_the_sound(open_page, width):
    page = open_page(size={"width": width, "height": 844})
    title = page.locator(".player-title")
    title.evaluate("title => { title.textContent = 'The Entertainer'; }")
    assert title.evaluate("title => title.scrollWidth <= title.clientWidth")
    assert page.get_by_role("slider", name="Position").bounding_box()["width"] >= 60
    expect(page.get_by_role("button", name="Mute")).to_be_visible()


def test_at_a_zoom_of_200_percent_the_player_covers_a_fifth_of_the_page_at_most(open_page):
    page = open_page(size={"width": 640, "height": 360})
    assert page.locator("music-player").bounding_box()["height"] <= 72
    for name in ("Play", "Pause"):
        if page.get_by_role("button", name=name, exact=True).count() > 0:
            expect(page.get_by_role("button", name=name, exact=True)).to_be_in_viewport()
    expect(page.get_by_role("slider", name="Position")).to_be_in_viewport()


@pytest.mark.parametrize("size", [SMALL_DESK, PHONE], ids=["desk", "phone"])
def test_texts_fit_where_they_are_shown(open_page, tastes, size):
    page = open_page(size=size)
    panel = page.locator(".camera-panel").bounding_box()
    for part in (".camera-title", ".camera-note"):
        box = page.locator(part).bounding_box()
        assert panel["y"] < box["y"]
        assert box["y"] + box["height"] < panel["y"] + panel["height"]
    page.keyboard.press("l")
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    box = undo.bounding_box()
    assert box["x"] + box["width"] <= size["width"]


@pytest.mark.parametrize("phone", [False, True])
def test_nothing_jumps_as_readings_arrive(open_page, changing_film, sober_person, phone):
    options = {"size": PHONE, **PHONE_OPTIONS} if phone else {}
    page = open_page(*camera_flags(changing_film), **options)
    turn_on_camera(page)
    wait_for_expression(page, "happy")
    happy = page.evaluate(PLACES)
    wait_for_expression(page, str(sober_person[1]))
    assert page.evaluate(PLACES) == happy


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_follows_the_system_until_one_is_chosen(open_page, scheme):
    page = open_page(color_scheme=scheme)
    brightness = """() => {
        const context = new OffscreenCanvas(1, 1).getContext("2d");
        context.fillStyle = getComputedStyle(document.documentElement).backgroundColor;
        context.fillRect(0, 0, 1, 1);
        return context.getImageData(0, 0, 1, 1).data[1];
    }"""
    assert (page.evaluate(brightness) > 128) == (scheme == "light")
    page.get_by_role("button", name="Theme: system").click()
    page.get_by_role("button", name="Theme: light").click()
    expect(page.get_by_role("button", name="Theme: dark")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Theme: dark")).to_be_visible()
    assert page.evaluate(brightness) < 128
