"""The plane: set by mouse, finger or keys, left to the face again, kept in the address, shown in the page's colours."""

from playwright.sync_api import expect

from tests.browser.acts import PHONE, camera_flags, set_mood_by_keys, shown_mood, turn_on_camera, wait_for_expression


def place_on_plane(page, x, y):
    """Where a point of the unit disc (y up) is on the screen."""
    box = page.locator("mood-plane").bounding_box()
    radius = 0.45 * box["width"]
    return box["x"] + box["width"] / 2 + x * radius, box["y"] + box["height"] / 2 - y * radius


def test_the_arrow_keys_move_the_point(open_page):
    page = open_page()
    set_mood_by_keys(page, right=4, up=-6)
    assert shown_mood(page) == (0.2, -0.3)
    point = page.get_by_role("slider", name="Mood")
    assert point.get_attribute("aria-valuetext") == "calm, pleasant 20, excited -30"
    expect(page.locator("mood-words h2")).to_have_text("Calm")
    point.press("Shift+ArrowRight")
    assert shown_mood(page) == (0.4, -0.3)


def test_the_point_can_be_dragged_and_stays_on_the_plane(open_page):
    page = open_page()
    page.mouse.move(*place_on_plane(page, 0, 0))
    page.mouse.down()
    page.mouse.move(*place_on_plane(page, -0.5, 0), steps=4)
    valence, arousal = shown_mood(page)
    assert abs(valence + 0.5) < 0.03
    assert abs(arousal) < 0.03
    page.mouse.move(*place_on_plane(page, -1.4, 0), steps=4)
    page.mouse.up()
    assert shown_mood(page)[0] == -1
    page.mouse.move(*place_on_plane(page, 0.5, 0.5))
    assert shown_mood(page)[0] == -1


def test_a_click_on_the_plane_moves_the_point(open_page):
    page = open_page()
    page.mouse.click(*place_on_plane(page, 0.4, 0.4))
    valence, arousal = shown_mood(page)
    assert valence > 0.3
    assert arousal > 0.3


def test_a_tap_on_a_phone_moves_the_point(open_page):
    page = open_page(size=PHONE, has_touch=True, is_mobile=True)
    page.locator("mood-plane").scroll_into_view_if_needed()
    page.touchscreen.tap(*place_on_plane(page, 0.3, -0.2))
    page.wait_for_function("() => +document.querySelector('.plane-point').ariaValueNow > 20")


def test_the_face_does_not_move_a_point_that_was_set_by_hand_until_it_may(happy_page):
    happy_page.wait_for_function("() => +document.querySelector('.plane-point').ariaValueNow > 40")
    set_mood_by_keys(happy_page, right=-30)
    by_hand = shown_mood(happy_page)
    expect(happy_page.locator(".mood-origin")).to_contain_text("set by hand")
    # The face goes on being read meanwhile.
    wait_for_expression(happy_page, "happy")
    assert shown_mood(happy_page) == by_hand
    happy_page.get_by_role("button", name="Follow my face").click()
    happy_page.wait_for_function("() => +document.querySelector('.plane-point').ariaValueNow > 40")
    expect(happy_page.locator(".mood-origin")).to_contain_text("from your expression")


def test_f_follows_the_face_and_turns_the_camera_on_for_it(open_page, smiling_film):
    page = open_page(*camera_flags(smiling_film))
    set_mood_by_keys(page, right=-10)
    page.keyboard.press("f")
    page.wait_for_function("() => +document.querySelector('.plane-point').ariaValueNow > 40")


def test_the_address_keeps_a_mood_that_was_set(open_page):
    page = open_page()
    set_mood_by_keys(page, right=-6, up=6)
    assert page.url.endswith("#mood=-0.30,0.30")
    page.reload()
    page.wait_for_function("() => document.querySelector('.plane-point').ariaValueNow === '-30'")
    expect(page.locator("mood-words h2")).to_have_text("A little tense")


def test_an_invalid_mood_in_the_address_is_ignored(open_page, server):
    page = open_page(url=f"{server.url}#mood=1.2.3,x")
    expect(page.locator("mood-words h2")).to_have_text("How are you?")


def test_the_trail_shows_where_the_mood_was(happy_page):
    happy_page.wait_for_function(
        "() => document.querySelector('.plane-trail polyline:last-child').getAttribute('points').split(' ').length > 8"
    )


def test_hovering_over_a_track_highlights_it_on_the_plane(open_page):
    page = open_page()
    page.locator(".queue-play").nth(1).hover()
    expect(page.locator(".plane-mark.highlighted")).to_have_count(1)
    page.mouse.move(5, 5)
    expect(page.locator(".plane-mark.highlighted")).to_have_count(0)


def ground(page):
    return page.evaluate("getComputedStyle(document.documentElement).backgroundColor")


def test_the_background_and_the_tab_icon_take_the_colour_of_the_mood(open_page):
    page = open_page()
    before, icon = ground(page), page.locator("link[rel=icon]").get_attribute("href")
    set_mood_by_keys(page, right=-12, up=-12)
    low_moods_are_blue = """() => {
        const style = getComputedStyle(document.documentElement);
        const value = (name) => Number(style.getPropertyValue(name));
        return value("--mood-strength") > 0.5 && Math.abs(value("--mood-hue") - 255) < 8;
    }"""
    page.wait_for_function(low_moods_are_blue)
    page.wait_for_function(
        "(before) => getComputedStyle(document.documentElement).backgroundColor !== before", arg=before
    )
    assert page.locator("link[rel=icon]").get_attribute("href") != icon


def test_the_background_is_static_with_reduced_motion(open_page):
    page = open_page(reduced_motion="reduce")
    icon = page.locator("link[rel=icon]").get_attribute("href")
    before = ground(page)
    set_mood_by_keys(page, right=-12, up=-12)
    page.wait_for_function("(icon) => document.querySelector('link[rel=icon]').href !== icon", arg=icon)
    assert ground(page) == before


def test_the_mood_is_announced_once_it_has_settled(open_page):
    page = open_page()
    set_mood_by_keys(page, right=-10, up=-10)
    page.wait_for_function("() => document.querySelector('#announcer').textContent === 'Mood: sad'")


def test_the_camera_alone_changes_nothing_about_a_mood_in_the_address(open_page, server, smiling_film):
    page = open_page(*camera_flags(smiling_film), url=f"{server.url}#mood=-0.50,-0.50")
    turn_on_camera(page)
    wait_for_expression(page, "happy")
    assert shown_mood(page) == (-0.5, -0.5)
