"""Several faces, whose mood it is, what would help, how steady it all is, and what a face says at rest."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.acts import PHONE, SMALL_DESK, camera_flags, turn_on_camera, violations, wait_for_expression
from tests.waiting import wait_until

SCREENS = {
    "desk": {"size": SMALL_DESK},
    "phone": {"size": PHONE, "has_touch": True, "is_mobile": True},
}


def face(page, *, me):
    """The button over the face that is me, or over the other one."""
    return page.locator(f".face-button[aria-pressed={str(me).lower()}]")


def mine(page):
    """The expression that the page says is mine."""
    return page.locator(".expression-words").inner_text().lower()


@pytest.fixture(params=SCREENS)
def pair_page(request, open_page, pair_film):
    """The page before two faces, on a desk and on a phone."""
    page = open_page(*camera_flags(pair_film), **SCREENS[request.param])
    page.keyboard.press("c")
    expect(face(page, me=True)).to_have_count(1)
    expect(face(page, me=False)).to_have_count(1)
    return page


def test_clicking_a_face_selects_it_and_the_selection_can_be_undone(pair_page, sober_person):
    page = pair_page
    by_itself = face(page, me=True).get_attribute("aria-label")
    other = face(page, me=False).get_attribute("aria-label")
    expect(page.locator(".plane-group-words")).to_contain_text("everyone together")
    assert page.locator(".plane-group").is_visible()
    place = page.locator("mood-plane").bounding_box()

    # By mouse or finger, in the middle of the face.
    box = face(page, me=False).bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    (page.touchscreen.tap if page.viewport_size == PHONE else page.mouse.click)(*middle)
    expect(face(page, me=True)).to_have_attribute("aria-label", other)
    expect(page.locator(".mood-origin")).to_contain_text("from the face you chose")
    page.get_by_role("button", name="Automatic").click()
    expect(page.locator(".mood-origin")).not_to_contain_text("from the face you chose")
    expect(face(page, me=True)).to_have_attribute("aria-label", by_itself)

    # By keys: on the face itself, and from anywhere.
    face(page, me=False).press("Enter")
    expect(face(page, me=True)).to_have_attribute("aria-label", other)
    wait_for_expression(page, {True: "happy", False: str(sober_person[1])}[_smiles(page)])
    face(page, me=True).press("Enter")
    expect(page.get_by_role("button", name="Automatic")).to_be_hidden()
    expect(face(page, me=True)).to_have_attribute("aria-label", by_itself)
    page.keyboard.press("w")
    expect(face(page, me=True)).to_have_attribute("aria-label", other)
    page.keyboard.press("w")
    expect(page.get_by_role("button", name="Automatic")).to_be_hidden()
    assert page.locator("mood-plane").bounding_box() == place


def _smiles(page):
    """Whether I am the one on the right of the mirror: the film has the smile on its left."""
    middle = page.locator("camera-view").bounding_box()
    box = face(page, me=True).bounding_box()
    return box["x"] + box["width"] / 2 > middle["x"] + middle["width"] / 2


def test_a_single_face_offers_no_selection(happy_page):
    expect(happy_page.locator(".face-button")).to_have_count(0)
    expect(happy_page.locator(".plane-group-words")).to_be_hidden()
    expect(happy_page.get_by_role("button", name="Automatic")).to_be_hidden()
    happy_page.keyboard.press("w")
    wait_for_expression(happy_page, "happy")


@pytest.mark.parametrize("screen", SCREENS)
def test_a_hint_is_shown_when_the_face_is_hard_to_read(open_page, dimming_film, screen):
    page = open_page(*camera_flags(dimming_film), **SCREENS[screen])
    turn_on_camera(page)
    headline, said = page.locator("mood-words h2"), page.locator(".mood-origin")
    for words, hint in (("Too dark", "Turn towards the light."), ("The camera is covered", "Uncover the camera.")):
        expect(headline).to_have_text(words)
        expect(said).to_contain_text(hint)
        assert page.locator("main").inner_text().count(hint) <= 1


@pytest.mark.parametrize("screen", SCREENS)
def test_settings_are_sent_stored_and_accessible(open_page, smiling_film, feeds, screen):
    page = open_page(*camera_flags(smiling_film), **SCREENS[screen])
    page.get_by_role("button", name="Settings").click()
    dialog = page.get_by_role("dialog", name="Settings")
    slider = dialog.get_by_role("slider", name="Steadiness")
    expect(slider).to_have_attribute("aria-valuetext", "smoothly")
    slider.press("End")
    expect(dialog).to_contain_text("The mood follows your face very slowly.")
    page.keyboard.press("Escape")
    page.reload()
    turn_on_camera(page)
    wait_for_expression(page, "happy")
    assert feeds[-1].steadiness.value == 1
    page.keyboard.press("s")
    expect(slider).to_have_attribute("aria-valuetext", "very slowly")
    slider.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "instantly")
    wait_until(lambda: feeds[-1].steadiness.value == 0)


def test_my_neutral_is_learnt_in_ten_seconds_and_deleted_and_learning_can_be_called_off(
    open_page, smiling_film, session, feeds
):
    page = open_page(*camera_flags(smiling_film))
    page.keyboard.press("s")
    dialog = page.get_by_role("dialog", name="Settings")
    expect(dialog).to_contain_text("Only numbers are stored, on this computer, and never a picture.")
    # It turns the camera on by itself.
    dialog.get_by_role("button", name="Learn my neutral").click()
    expect(dialog).to_contain_text("Relax your face and look into the camera.")
    expect(dialog).to_contain_text("8 seconds left")
    size = dialog.bounding_box()
    dialog.get_by_role("button", name="Cancel").click()
    begin = dialog.get_by_role("button", name="Learn my neutral")
    expect(begin).to_be_focused()
    assert session.neutrals.neutral is None

    begin.click()
    assert violations(page) == []
    expect(dialog).to_contain_text("Done")
    assert session.neutrals.neutral is not None
    assert dialog.bounding_box() == size
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    expect(dialog).to_contain_text("mien knows your neutral face")
    dialog.get_by_role("button", name="Delete").click()
    expect(dialog).to_contain_text("Deleted.")
    expect(begin).to_be_focused()
    assert session.neutrals.neutral is None

    # Who leaves the dialog has called it off; so has a camera that goes.
    begin.click()
    expect(dialog).to_contain_text("9 seconds left")
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    begin.click()
    expect(dialog).to_contain_text("9 seconds left")
    page.evaluate("document.querySelector('camera-switch button').click()")
    expect(dialog).to_contain_text("The camera was turned off.")
    expect(dialog.get_by_role("button", name="Try again")).to_be_focused()
    assert session.neutrals.neutral is None


def pass_a_minute(page):
    """Let the page's clock run ahead by 75 seconds, a second and a half between readings."""
    for _ in range(50):
        page.evaluate(
            """() => {
                const now = performance.now.bind(performance);
                performance.now = () => now() + 1500;
            }"""
        )
        page.evaluate("new Promise((done) => setTimeout(done, 150))")


@pytest.mark.parametrize("screen", SCREENS.values(), ids=SCREENS)
def test_learning_is_suggested_once_to_a_face_that_stays_away_from_the_middle(open_page, stern_film, feeds, screen):
    page = open_page(*camera_flags(stern_film), **screen)
    page.keyboard.press("c")
    wait_for_expression(page, "angry")
    suggestion = page.get_by_role("region", name="Suggestion")
    expect(suggestion).to_be_hidden()
    pass_a_minute(page)
    expect(suggestion).to_contain_text("mien can learn it in ten seconds and read it as neutral.")
    assert violations(page) == []
    suggestion.get_by_role("button", name="Learn my neutral face").press("Enter")
    expect(page.get_by_role("dialog", name="Settings")).to_contain_text("Relax your face and look into the camera.")
    expect(suggestion).to_be_hidden()


def test_a_suggestion_that_is_declined_is_not_made_again(open_page, stern_film, feeds):
    page = open_page(*camera_flags(stern_film))
    page.keyboard.press("c")
    wait_for_expression(page, "angry")
    pass_a_minute(page)
    suggestion = page.get_by_role("region", name="Suggestion")
    suggestion.get_by_role("button", name="Not now").press("Enter")
    expect(suggestion).to_be_hidden()
    expect(page.get_by_role("dialog", name="Settings")).to_be_hidden()
    pass_a_minute(page)
    expect(suggestion).to_be_hidden()

    page.reload()
    page.keyboard.press("c")
    wait_for_expression(page, "angry")
    pass_a_minute(page)
    expect(suggestion).to_be_hidden()


def test_a_smile_that_is_held_for_a_minute_is_no_resting_face(open_page, smiling_film, feeds):
    page = open_page(*camera_flags(smiling_film))
    page.keyboard.press("c")
    wait_for_expression(page, "happy")
    pass_a_minute(page)
    expect(page.get_by_role("region", name="Suggestion")).to_be_hidden()


def test_several_browsers_are_served_at_once(open_page, pair_film, smiling_film, reader):
    begun = len(reader.followers)
    pages = [open_page(*camera_flags(film)) for film in (smiling_film, pair_film, smiling_film)]
    for page in pages:
        turn_on_camera(page)
    for page in pages:
        expect(page.locator("mood-words")).to_have_attribute("data-source", "face")
    followers = reader.followers[begun:]
    assert len(followers) == 3
    before = [follower.frames for follower in followers]

    def read():
        """The number of frames read for each page."""
        return [follower.frames - frames for follower, frames in zip(followers, before, strict=True)]

    wait_until(lambda: min(read()) >= 20, read)
