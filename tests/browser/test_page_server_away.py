"""The server goes away and comes back: the player says so, keeps its queue, and plays on."""

import pytest
from playwright.sync_api import expect

from mien.web.serve import WebServer
from tests.browser.acts import AUDIO, playing_title, queue_titles, wait_for_music


class MortalServer:
    """A server that can be stopped, and started again at the same address."""

    def __init__(self, session):
        self._session = session
        self._running = WebServer(session).__enter__()
        self.url, self._port = self._running.url, self._running.port

    def stop(self):
        if self._running is not None:
            self._running.__exit__()
        self._running = None

    def start(self):
        self._running = WebServer(self._session, port=self._port).__enter__()


@pytest.fixture
def mortal(session):
    mortal = MortalServer(session)
    yield mortal
    mortal.stop()


@pytest.fixture
def orphan(open_page, mortal):
    """A page that played, whose server has gone, and where somebody pressed N."""
    page = open_page(url=mortal.url, complains=True)
    page.get_by_role("button", name="Play", exact=True).click()
    wait_for_music(page)
    following = queue_titles(page)
    mortal.stop()
    page.keyboard.press("n")
    expect(page.locator(".player-title")).to_have_text(following[0])
    expect(page.locator(".player-note")).to_contain_text("server is not responding. Start it again")
    page.wait_for_function(f"() => {AUDIO}.error !== null")
    return page, following


def test_an_unreachable_server_does_not_drop_tracks(orphan):
    page, following = orphan
    for _ in range(2):
        page.keyboard.press("Space")
        page.wait_for_function(f"() => {AUDIO}.error !== null")
        expect(page.locator(".player-note")).to_contain_text("server is not responding")
        expect(page.get_by_role("button", name="Play", exact=True)).to_be_enabled()
    assert [playing_title(page), *queue_titles(page)] == following


def test_play_resumes_when_the_server_is_back(orphan, mortal):
    page, following = orphan
    mortal.start()
    page.keyboard.press("Space")
    wait_for_music(page)
    assert playing_title(page) == following[0]
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.locator(".player-note")).to_be_hidden()


def test_icons_do_not_need_the_server(orphan):
    page, _ = orphan
    widths = page.evaluate(
        "[...document.querySelectorAll('svg.icon use')]"
        ".filter((use) => use.checkVisibility()).map((use) => use.getBBox().width)"
    )
    assert len(widths) > 10
    assert min(widths) > 0


def test_an_empty_queue_is_refilled_on_the_next_play(orphan, mortal):
    page, following = orphan
    page.locator(".queue-play").last.click()
    expect(page.locator(".queue-empty")).to_contain_text("server is not responding")
    # Space would pause a piece that is still being asked for: first the player has to have given up on it.
    page.wait_for_function(f"() => {AUDIO}.error !== null")
    page.evaluate("fetch('/api/v1/status').catch(() => {})")
    mortal.start()
    page.keyboard.press("Space")
    wait_for_music(page)
    assert playing_title(page) == following[-1]
    expect(page.locator(".queue li").first).to_be_visible()
