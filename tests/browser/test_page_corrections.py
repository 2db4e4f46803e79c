"""Corrections on the page: by dragging the point or with "Not my mood"; then the face is read differently."""

from playwright.sync_api import expect

from tests.browser.acts import camera_flags, shown_mood, turn_on_camera, violations
from tests.waiting import wait_until

HAPPY = "() => +document.querySelector('.plane-point').ariaValueNow > 60"
SHIFTED = "() => +document.querySelector('.plane-point').ariaValueNow < 35"
ONE_LANGUAGE = """() => {
    const words = (selector) => document.querySelector(selector).textContent;
    const longest = [...document.querySelectorAll(".bar")].reduce((one, other) => {
        const share = (bar) => +bar.querySelector(".bar-track").ariaValueNow;
        return share(other) > share(one) ? other : one;
    });
    const bar = longest.querySelector(".bar-name").textContent;
    return words(".mood-words") === words(".expression-words") && words(".mood-words").toLowerCase() === bar;
}"""


def drag_to_the_middle(page):
    point = page.locator(".plane-point").bounding_box()
    plane = page.locator("mood-plane").bounding_box()
    page.mouse.move(point["x"] + point["width"] / 2, point["y"] + point["height"] / 2)
    page.mouse.down()
    page.mouse.move(plane["x"] + plane["width"] / 2, plane["y"] + plane["width"] / 2, steps=4)
    page.mouse.up()


def test_a_drag_is_learnt_lasts_after_a_reload_and_can_be_undone_and_deleted(open_page, smiling_film, session):
    page = open_page(*camera_flags(smiling_film))
    turn_on_camera(page)
    for count in (1, 2, 3):
        page.wait_for_function(HAPPY if count == 1 else "() => document.querySelector('.plane-point') !== null")
        drag_to_the_middle(page)
        expect(page.locator(".mood-origin")).to_contain_text("set by hand")
        wait_until(lambda count=count: len(session.corrections.corrections) == count)
        page.get_by_role("button", name="Follow my face").click()
        expect(page.locator("mood-words")).to_have_attribute("data-source", "face")
    page.wait_for_function(SHIFTED)
    page.wait_for_function(ONE_LANGUAGE)
    expect(page.locator(".expression-words")).not_to_have_text("Happy")
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_visible()

    page.goto("about:blank")
    page.go_back()
    turn_on_camera(page)
    page.wait_for_function(SHIFTED)
    assert shown_mood(page)[0] < 0.35

    page.keyboard.press("s")
    dialog = page.get_by_role("dialog", name="Settings")
    expect(dialog).to_contain_text("Learnt from 3 corrections.")
    assert violations(page) == []
    with page.expect_download() as download:
        dialog.get_by_role("link", name="Export").click()
    assert download.value.suggested_filename == "mien-corrections.json"
    dialog.get_by_role("button", name="Undo last").click()
    expect(dialog).to_contain_text("Learnt from 2 corrections.")
    dialog.get_by_role("button", name="Delete all").click()
    expect(dialog).to_contain_text("drag the point")
    assert session.corrections.corrections == ()
    page.keyboard.press("Escape")
    page.wait_for_function(HAPPY)


def test_not_my_mood_offers_others_and_the_point_goes_on_following_the_face(happy_page, session):
    page = happy_page
    page.wait_for_function(HAPPY)
    page.get_by_role("button", name="Not my mood").click()
    dialog = page.get_by_role("dialog", name="What is your mood?")
    expect(dialog.get_by_role("button")).to_have_count(10)
    assert violations(page) == []
    dialog.get_by_role("button").nth(5).click()
    expect(dialog).to_be_hidden()
    expect(page.locator("undo-note")).to_contain_text("mien learns from your correction.")
    expect(page.locator("mood-words")).to_have_attribute("data-source", "face")
    (kept,) = session.corrections.corrections
    assert kept.target == (0, 0)
    page.get_by_role("button", name="Undo", exact=True).click()
    wait_until(lambda: session.corrections.corrections == ())


def test_a_point_that_is_set_without_a_camera_is_no_label(open_page, session):
    page = open_page()
    drag_to_the_middle(page)
    expect(page.locator("mood-words")).to_have_attribute("data-source", "hand")
    assert session.corrections.corrections == ()
