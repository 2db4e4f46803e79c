"""A person says where the music should lead, and what they think of a piece; both count from then on."""

import re

from playwright.sync_api import expect

from mien.music.recommender.feedback import Rating
from tests.browser.acts import playing_title, press_twice, queue_titles, wait_for_music


def asks(**wanted):
    """Whether an answer is that to a request for music with these fields; None for one that it lacks."""

    def fits(answer):
        if not answer.url.endswith("/station"):
            return False
        asked = answer.request.post_data_json
        return all(asked.get(name) == value for name, value in wanted.items())

    return fits


def test_a_goal_is_chosen_stored_and_reached(playing_page):
    page = playing_page
    goals = page.get_by_role("group", name="Where the music leads")
    expect(goals.get_by_role("radio", name="match")).to_be_checked()
    expect(page.locator(".plane-target")).to_be_hidden()
    title = playing_title(page)
    with page.expect_response(asks(goal="calm")) as answer:
        page.keyboard.press("3")
    led = answer.value.json()
    expect(goals.get_by_role("radio", name="calm")).to_be_checked()
    expect(page.locator(".plane-target")).to_be_visible()
    way = page.locator(".plane-path").get_attribute("points").split()
    shown = page.locator(".plane-target").get_attribute("transform")
    assert len(way) == len(led["path"])
    assert [float(part) for part in way[-1].split(",")] == [float(part) for part in re.findall(r"[-\d.]+", shown)]
    assert way[0] != way[-1]
    expect(page.locator(".queue-reason").last).to_contain_text("calm")
    assert playing_title(page) == title, "it is led, not cut"
    # Who has been led there stays there.
    with page.expect_response(asks(goal="match")) as answer:
        page.locator(".queue-play").nth(7).click()
    asked = answer.value.request.post_data_json
    assert [asked["valence"], asked["arousal"]] == [led["goal"]["valence"], led["goal"]["arousal"]]
    expect(page.locator(".queue li")).not_to_have_count(2)
    assert "your mood" not in " ".join(page.locator(".queue-reason").all_text_contents())
    with page.expect_response(asks(goal="calm")):
        page.reload()
    expect(goals.get_by_role("radio", name="calm")).to_be_checked()
    # By the arrow keys of the group, and back by its own.
    goals.get_by_role("radio", name="calm").focus()
    with page.expect_response(asks(goal="focus")):
        page.keyboard.press("ArrowRight")
    with page.expect_response(asks(goal="match")):
        page.keyboard.press("1")
    expect(page.locator(".plane-target")).to_be_hidden()


def test_a_track_is_liked_excluded_and_restored(playing_page, tastes, session):
    page = playing_page
    ids = {track.title: track.id for track in session.library.tracks()}
    title = playing_title(page)
    like = page.get_by_role("group", name="This track").get_by_role("button", name="Like", exact=True)

    def plays(name):
        told = [told for told in tastes.export() if told["kind"] == "play"]
        return [one["event"] for one in told if one["track_id"] == ids[name]]

    # Pressed twice at once it is liked and not, in this order.
    press_twice(page, "l")
    expect(page.locator(".player-undo")).to_contain_text("no longer liked")
    expect(like).to_have_attribute("aria-pressed", "false")
    assert tastes.ratings() == {}
    page.keyboard.press("u")
    expect(like).to_have_attribute("aria-pressed", "true")
    assert tastes.ratings() == {ids[title]: Rating.LIKE}
    page.reload()
    like.locator("xpath=self::*[@aria-pressed]").wait_for()
    page.locator(".queue-play").first.click()
    wait_for_music(page)
    unwanted, following = playing_title(page), queue_titles(page)[0]
    with page.expect_response(lambda answer: "skipped" in (answer.request.post_data or "")):
        press_twice(page, "x")
    expect(page.locator(".player-title")).to_have_text(following)
    expect(page.locator(".player-undo")).to_contain_text(f"“{unwanted}” will not be played again.")
    assert tastes.never() == {ids[unwanted]}, "a second press is not meant for the next piece"
    assert plays(unwanted)[-2:] == ["started", "skipped"]
    with page.expect_response(asks(goal="lift")) as answer:
        page.keyboard.press("2")
    assert ids[unwanted] not in [pick["track"]["id"] for pick in answer.value.json()["picks"]]
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".queue-title").first).to_have_text(unwanted)
    assert tastes.never() == frozenset()
    assert plays(unwanted)[-1] == "started", "nobody skipped it"
    # More like what plays, until that is enough.
    page.locator(".player-track").click()
    with page.expect_response(asks(like=[ids[following]], goal="match")):
        page.get_by_role("dialog", name=following).get_by_role("button", name="More like this").click()
    expect(page.locator(".queue-reason").first).to_contain_text(f"“{following}”")
    with page.expect_response(asks(like=None, goal="lift")):
        page.get_by_role("button", name=f"Stop playing more like “{following}”").click()
    expect(page.locator(".similar-chip")).to_be_hidden()


def test_a_radio_and_a_path_are_chosen_in_the_dialog_of_a_track(playing_page, session):
    page = playing_page
    ids = {track.title: track.id for track in session.library.tracks()}
    playing, next_title = playing_title(page), queue_titles(page)[0]
    page.locator(".queue button[data-part=about]").first.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name=next_title)
    with page.expect_response(asks(path={"start": ids[playing], "end": ids[next_title]})) as answer:
        dialog.get_by_role("button", name="Path to this song").press("Enter")
    assert answer.value.json()["picks"][-1]["track"]["id"] == ids[next_title]
    expect(page.locator(".queue-title").last).to_have_text(next_title)
    expect(page.locator(".queue-title").first).not_to_have_text(playing)
    expect(page.locator(".similar-chip")).to_have_text(f"From “{playing}” to “{next_title}”")
    # What plays begins no path to itself, but a radio.
    page.locator(".player-track").click()
    dialog = page.get_by_role("dialog", name=playing)
    expect(dialog.get_by_role("button", name="Path to this song")).to_be_hidden()
    with page.expect_response(asks(radio={"track": ids[playing]})):
        dialog.get_by_role("button", name="Radio from this song").click()
    expect(page.locator(".similar-chip")).to_have_text(f"Radio from “{playing}”")
    with page.expect_response(asks(radio=None)):
        page.get_by_role("button", name=f"Stop playing radio from “{playing}”").click()
    expect(page.locator(".similar-chip")).to_be_hidden()


def test_a_like_that_cannot_be_stored_is_reported_and_not_shown(open_page):
    page = open_page(complains=True)
    page.route(
        "**/api/v1/ratings", lambda route: route.fulfill(status=500, json={"error": {"message": "The disk is full."}})
    )
    page.keyboard.press("l")
    expect(page.locator(".player-note")).to_have_text("The disk is full.")
    like = page.get_by_role("group", name="This track").get_by_role("button", name="Like", exact=True)
    expect(like).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".player-undo")).to_be_hidden()


def test_music_is_asked_for_in_words_and_parts_are_taken_off(playing_page):
    page = playing_page
    page.keyboard.press("/")
    box = page.get_by_role("searchbox", name="Ask for music in words")
    expect(box).to_be_focused()
    with page.expect_response(asks(words="calm piano, gribbly, no vocals")) as answer:
        page.keyboard.type("calm piano, gribbly, no vocals")
        page.keyboard.press("Enter")
    assert answer.value.ok
    chips = page.get_by_role("list", name="What was understood")
    expect(chips.get_by_role("button")).to_have_text(["calm", "piano", "no vocals", "gribbly: not understood"])
    expect(page.locator(".queue-reason").first).to_contain_text("as asked:")
    with page.expect_response(asks(words="calm piano, gribbly")):
        chips.get_by_role("button", name="Take off “no vocals”").click()
    expect(box).to_have_value("calm piano, gribbly")
    expect(chips.get_by_role("button")).to_have_count(3)
    # An empty box follows the mood again.
    with page.expect_response(asks(words="")):
        box.fill("")
    expect(chips).to_be_hidden()


def test_words_that_are_not_understood_are_refused_beside_the_box(open_page):
    page = open_page(complains=True)  # the browser logs every answer of 400
    box = page.get_by_role("searchbox", name="Ask for music in words")
    box.fill("calm piano")
    box.press("Enter")
    chips = page.get_by_role("list", name="What was understood").get_by_role("button")
    expect(chips).to_have_count(2)
    box.fill("gribbly")
    box.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Nothing in the request says what music to choose")
    expect(chips).to_have_count(2)  # what was asked for before still counts
