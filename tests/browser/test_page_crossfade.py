"""One piece gives way to the next: both are heard for a while, and in the end only one."""

import math

import pytest
from playwright.sync_api import expect

from tests.browser.acts import AUDIO, playing_title, queue_titles, wait_for_music
from tests.waiting import wait_until

PAUSE_ONCE_BOTH_PLAY = """() => {
    const pause = () => {
        if ([...document.querySelectorAll("audio")].some((audio) => audio.paused)) return;
        removeEventListener("play", pause, true);
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key: " ", bubbles: true, cancelable: true }));
    };
    addEventListener("play", pause, true);
}"""

LISTEN = """() => {
    window.listened = new Promise((done) => {
        const heard = [];
        let ended = 0;
        const timer = setInterval(() => {
            const find = (name) => document.querySelector(`audio[data-channel=${name}]`);
            const [current, other] = ["current", "other"].map(find);
            const leftS = other.duration - other.currentTime;
            if (!other.paused) heard.push([current.volume, other.volume, current.currentTime, leftS]);
            if (!other.paused || heard.length === 0) return;
            // It is paused a moment before the page hears of its end.
            if (other.hasAttribute("src") && ++ended < 50) return;
            clearInterval(timer);
            const { volume, currentTime: ended_s } = current;
            done({ heard, volume, ended_s, left: other.getAttribute("src") });
        }, 100);
    });
}"""


def go_to_its_last(page, seconds):
    page.evaluate(f"(left) => {{ {AUDIO}.currentTime = {AUDIO}.duration - left; }}", seconds)


def events(tastes):
    return [(told["track_id"], told["event"]) for told in tastes.export() if told["kind"] == "play"]


def test_crossfaded_tracks_pause_together_and_the_first_ends(playing_page, tastes, session):
    page = playing_page
    ids = {track.title: track.id for track in session.library.tracks()}
    first, second = playing_title(page), queue_titles(page)[0]
    volume = page.evaluate(f"{AUDIO}.volume")
    page.evaluate(PAUSE_ONCE_BOTH_PLAY)
    go_to_its_last(page, 8)
    expect(page.locator(".player-title")).to_have_text(second)
    page.wait_for_function("() => [...document.querySelectorAll('audio')].every((audio) => audio.paused)")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    page.evaluate(LISTEN)
    page.keyboard.press("Space")
    told = page.evaluate("window.listened")
    coming, leaving, at_s, left_s = zip(*told["heard"], strict=True)
    # Four seconds, or what was left of the first when the second began.
    overlap_s = min(4.0, at_s[0] + left_s[0])
    for into, out, now_s in zip(coming, leaving, at_s, strict=True):
        assert into**2 + out**2 == pytest.approx(volume**2, rel=0.03)
        share = min(1.0, (now_s + 0.1) / overlap_s)
        assert into < 1.03 * volume * math.sin(math.pi / 2 * share), "the fade is ahead of the coming track's clock"
    assert list(coming) == sorted(coming)
    assert told["ended_s"] > overlap_s - 0.1
    assert told["volume"] == pytest.approx(volume, rel=0.02)
    assert told["left"] is None
    # What was heard until it faded was heard out, and nothing was skipped.
    wait_until(lambda: {(ids[first], "finished"), (ids[second], "started")} <= set(events(tastes)))
    assert "skipped" not in {event for _, event in events(tastes)}


def test_without_a_crossfade_tracks_follow_without_a_gap_and_failed_ones_are_skipped(open_page):
    page = open_page(complains=True)
    page.keyboard.press("s")
    page.get_by_role("slider", name="Crossfade").press("Home")
    expect(page.get_by_role("dialog", name="Settings")).to_contain_text("Tracks follow each other without a gap.")
    page.keyboard.press("Escape")
    page.reload()
    page.locator(".queue li").first.wait_for(state="attached")
    page.get_by_role("button", name="Play", exact=True).click()
    wait_for_music(page)
    broken, following = queue_titles(page)[:2]
    page.evaluate("window.ends = 0; addEventListener('ended', () => (window.ends += 1), true)")
    page.route("**/audio", lambda route: route.fulfill(status=404, json={"error": {"message": "gone"}}), times=1)
    go_to_its_last(page, 12)
    expect(page.locator(".player-note")).to_contain_text(f"“{broken}” cannot be played and was skipped.")
    assert queue_titles(page)[0] == following
    expect(page.locator(".player-title")).to_have_text(following)
    wait_for_music(page)
    playing = page.evaluate("[...document.querySelectorAll('audio')].filter((audio) => !audio.paused).length")
    assert playing == 1
    assert page.evaluate("window.ends") <= 1
