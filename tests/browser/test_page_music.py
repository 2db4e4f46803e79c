"""Music plays for the mood: it starts with a gesture, goes on by itself, and obeys its controls."""

from pathlib import Path

from playwright.sync_api import expect

from mien.music.library.catalogue import AwayFolder
from mien.music.location import LocalFile
from tests.browser.acts import (
    AUDIO,
    elapsed_s,
    let_it_act,
    playing_title,
    queue_titles,
    set_mood_by_keys,
    wait_for_music,
)

CALM = {"valence": 0.1, "arousal": 0.0, "confidence": 1.0}
PICTURED = "document.querySelector('.player-title').textContent"


def wait_for_another_title(page, before):
    page.wait_for_function(f"(before) => {PICTURED} !== before", arg=before)


def test_turning_on_the_camera_starts_music_for_the_face(happy_page):
    wait_for_music(happy_page)
    expect(happy_page.get_by_role("button", name="Pause")).to_be_visible()
    first = happy_page.locator(".plane-mark.current")
    # The mark of what plays lies in the pleasant half of the plane, where the mood is.
    assert float(first.get_attribute("cx")) > 0


def test_the_queue_is_filled_at_start_and_every_track_has_a_reason(open_page):
    page = open_page()
    assert len(queue_titles(page)) >= 5
    assert len(set(queue_titles(page))) == len(queue_titles(page))
    for reason in page.locator(".queue-reason").all_text_contents():
        assert len(reason) > 5
        assert "your mood" not in reason
    set_mood_by_keys(page, right=4)
    expect(page.locator(".queue-reason").first).to_contain_text("your mood")
    assert page.locator(".queue-play", has_text="bpm").count() > 0


def test_the_clock_advances_and_the_play_is_reported(open_page):
    page = open_page()
    with page.expect_response("**/api/v1/plays") as answer:
        page.get_by_role("button", name="Play", exact=True).click()
    assert answer.value.status == 204
    assert answer.value.request.post_data_json["event"] == "started"
    position_s = wait_for_music(page)
    wait_for_music(page, beyond_s=position_s)
    assert page.locator(".duration").first.inner_text().count(":") == 1


def test_the_tab_and_the_system_media_controls_show_the_track(playing_page):
    title = playing_title(playing_page)
    assert playing_page.title().startswith(title)
    assert playing_page.evaluate("navigator.mediaSession.metadata.title") == title
    assert playing_page.evaluate("navigator.mediaSession.playbackState") == "playing"


def test_space_pauses_and_plays(playing_page):
    playing_page.locator("body").press("Space")
    playing_page.wait_for_function(f"() => {AUDIO}.paused")
    expect(playing_page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    playing_page.locator("body").press("Space")
    wait_for_music(playing_page, beyond_s=elapsed_s(playing_page))


def test_skipping_plays_the_next_of_the_queue_and_is_reported(playing_page):
    following = queue_titles(playing_page)[0]
    with playing_page.expect_response(lambda answer: "skipped" in (answer.request.post_data or "")) as answer:
        playing_page.get_by_role("button", name="Next").click()
    assert answer.value.status == 204
    expect(playing_page.locator(".player-title")).to_have_text(following)
    assert following not in queue_titles(playing_page)
    wait_for_music(playing_page)


def test_n_skips_and_p_goes_back(playing_page):
    first = playing_title(playing_page)
    playing_page.keyboard.press("n")
    wait_for_another_title(playing_page, first)
    wait_for_music(playing_page)
    playing_page.keyboard.press("p")
    expect(playing_page.locator(".player-title")).to_have_text(first)


def test_clicking_a_track_in_the_queue_plays_it(playing_page):
    chosen = playing_page.locator(".queue-play").nth(2)
    title = chosen.locator(".queue-title").inner_text()
    chosen.click()
    expect(playing_page.locator(".player-title")).to_have_text(title)
    wait_for_music(playing_page)


def test_seeking_by_slider_and_by_keys(playing_page):
    position = playing_page.get_by_role("slider", name="Position")
    position.focus()
    position.press("PageUp")
    playing_page.wait_for_function(f"() => {AUDIO}.currentTime > 1.5")
    landed_s = wait_for_music(playing_page, beyond_s=1.5)
    playing_page.locator("body").evaluate("document.activeElement.blur()")
    playing_page.keyboard.press("ArrowRight")
    playing_page.wait_for_function(f"(then) => {AUDIO}.currentTime > then + 4", arg=landed_s)
    before_s = elapsed_s(playing_page)
    playing_page.keyboard.press("ArrowLeft")
    playing_page.wait_for_function(f"(then) => {AUDIO}.currentTime < then - 3", arg=before_s)


def test_the_next_track_starts_when_one_ends(playing_page):
    first, following = playing_title(playing_page), queue_titles(playing_page)[0]
    with playing_page.expect_response(lambda answer: "finished" in (answer.request.post_data or "")) as answer:
        playing_page.get_by_role("slider", name="Position").press("End")
    assert answer.value.status == 204
    wait_for_another_title(playing_page, first)
    assert playing_title(playing_page) == following
    wait_for_music(playing_page)


def test_the_queue_is_refilled_before_it_is_empty(playing_page):
    for _ in range(12):
        title = playing_title(playing_page)
        playing_page.keyboard.press("n")
        wait_for_another_title(playing_page, title)
        playing_page.wait_for_function("() => document.querySelectorAll('.queue li').length > 0")


def test_a_mood_set_by_hand_plans_other_music_without_cutting_the_song(playing_page):
    title, before = playing_title(playing_page), queue_titles(playing_page)
    set_mood_by_keys(playing_page, right=-14, up=-8)
    playing_page.wait_for_function(
        "(before) => [...document.querySelectorAll('.queue-title')].map((e) => e.textContent).join() !== before",
        arg=",".join(before),
    )
    assert playing_title(playing_page) == title
    wait_for_music(playing_page, beyond_s=elapsed_s(playing_page))


def test_a_mood_set_by_hand_starts_the_music_if_there_was_none(open_page):
    page = open_page()
    set_mood_by_keys(page, right=8, up=8)
    wait_for_music(page)


def test_paused_music_stays_paused_when_the_mood_is_set(playing_page):
    playing_page.keyboard.press("Space")
    playing_page.wait_for_function(f"() => {AUDIO}.paused")
    with playing_page.expect_response("**/api/v1/station"):
        set_mood_by_keys(playing_page, right=-10)
    assert playing_page.evaluate(f"{AUDIO}.paused")


def test_volume_and_mute(playing_page):
    volume = playing_page.get_by_role("slider", name="Volume")
    volume.press("Home")
    assert playing_page.evaluate(f"{AUDIO}.volume") == 0
    volume.press("End")
    assert playing_page.evaluate(f"{AUDIO}.volume") > 0.98  # but for its loudness
    playing_page.keyboard.press("m")
    expect(playing_page.get_by_role("button", name="Mute")).to_have_attribute("aria-pressed", "true")
    assert playing_page.evaluate(f"{AUDIO}.muted")
    playing_page.reload()
    expect(volume).to_have_value("100")


def test_track_details_name_the_maker_and_that_it_is_synthesised(open_page):
    page = open_page()
    title = queue_titles(page)[0]
    page.get_by_role("button", name=f"About {title}", exact=True).click()
    dialog = page.get_by_role("dialog", name=title)
    expect(dialog).to_be_visible()
    expect(dialog.locator("dd").last).to_contain_text("ynthesised")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_an_unplayable_track_is_skipped(open_page):
    page = open_page(complains=True)
    following = queue_titles(page)[1]
    page.route("**/audio", lambda route: route.fulfill(status=404, json={"error": {"message": "gone"}}), times=1)
    page.locator(".queue-play").first.click()
    expect(page.locator(".player-note")).to_contain_text("was skipped")
    expect(page.locator(".player-title")).to_have_text(following)
    wait_for_music(page)


ASK_FOR_MUSIC_WITHOUT_A_GESTURE = """
    new Promise((done) => {
        let asked = false;
        const timer = setInterval(() => {
            const note = document.querySelector(".player-note");
            if (note !== null && !note.hidden) {
                clearInterval(timer);
                done(note.textContent);
            } else if (!asked && document.querySelector(".queue li") !== null) {
                asked = true;
                const mood = { detail: { valence: 0.5, arousal: 0.5 } };
                document.querySelector("mood-plane").dispatchEvent(new CustomEvent("mood-change", mood));
            }
        }, 50);
    })"""


def test_a_refused_autoplay_is_explained(open_page):
    policy = "--autoplay-policy=document-user-activation-required"
    page = open_page(policy, untouched=True)
    # All that Playwright does in a page counts as a person's gesture; what goes through this does not.
    shown = page.context.new_cdp_session(page).send(
        "Runtime.evaluate",
        {"expression": ASK_FOR_MUSIC_WITHOUT_A_GESTURE, "awaitPromise": True, "userGesture": False},
    )
    assert shown["result"]["value"] == "Press play to start the music."
    page.get_by_role("button", name="Play", exact=True).click()
    wait_for_music(page)
    expect(page.locator(".player-note")).to_be_hidden()


def test_without_any_music_it_says_how_to_add_some(open_page, server):
    page = open_page(untouched=True)
    empty = {"version": "0", "model": "mien", "tracks": 0, "starter_tracks": 0, "emotions": {}, "away": []}
    page.route("**/api/v1/status", lambda route: route.fulfill(json=empty))
    page.reload()
    expect(page.locator(".queue-empty p")).to_have_text("There is no music yet. Add a folder: mien library add DIR")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_disabled()
    page.route("**/api/v1/station", lambda route: route.fulfill(json={"goal": CALM, "path": [], "picks": []}))
    with page.expect_response("**/api/v1/station"):
        set_mood_by_keys(page, right=2)
    let_it_act(page)
    expect(page.locator(".queue-empty p")).to_contain_text("There is no music yet.")


def test_music_that_fails_to_load_can_be_loaded_later(open_page):
    page = open_page(complains=True)
    page.route(
        "**/api/v1/station",
        lambda route: route.fulfill(status=500, json={"error": {"message": "Out of order."}}),
        times=1,
    )
    page.reload()
    expect(page.locator(".queue-empty")).to_contain_text("Out of order.")
    page.locator(".queue-empty").get_by_role("button", name="Try again").click()
    expect(page.locator(".queue li").first).to_be_visible()


def test_without_the_server_it_says_how_to_start_it(open_page):
    page = open_page(complains=True)
    page.context.set_offline(True)
    set_mood_by_keys(page, right=3)
    expect(page.locator(".player-note")).to_contain_text("mien serve")


def test_the_page_says_what_is_away_and_that_it_is_back(open_page, session, monkeypatch):
    away = [AwayFolder(LocalFile(Path("/media/disk")), 7)]
    monkeypatch.setattr(session.library, "away", lambda: away)
    page = open_page()
    expect(page.get_by_text("/media/disk is away with 7 tracks, kept but not played until it is back.")).to_be_visible()
    away.clear()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(".queue-away")).to_be_empty()
