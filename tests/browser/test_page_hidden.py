"""In a hidden tab, where a page of music lives, the face goes on being read and the music goes on."""

from __future__ import annotations

import itertools
import json
import time

import pytest

from tests.browser.acts import AUDIO, PATIENCE_MS, camera_flags


class RawTab:
    """A tab that Playwright does not know: it keeps its own tabs from ever being hidden."""

    def __init__(self, browser, url):
        self._session = browser.new_browser_cdp_session()
        self._answers = {}
        self._numbers = itertools.count(1)
        self._session.on("Target.receivedMessageFromTarget", self._receive)
        self.target = self._session.send("Target.createTarget", {"url": url})["targetId"]
        attached = self._session.send("Target.attachToTarget", {"targetId": self.target, "flatten": False})
        self._id = attached["sessionId"]

    def evaluate(self, expression):
        """The value of an expression or of its promise, as if a person had asked for it; None while the page loads."""
        number = next(self._numbers)
        parameters = {"expression": expression, "awaitPromise": True, "userGesture": True, "returnByValue": True}
        message = {"id": number, "method": "Runtime.evaluate", "params": parameters}
        self._session.send("Target.sendMessageToTarget", {"sessionId": self._id, "message": json.dumps(message)})
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while number not in self._answers:
            assert time.monotonic() < deadline, f"no answer to {expression}"
            self._session.send("Browser.getVersion")  # lets Playwright take in what has come
        return self._answers.pop(number).get("result", {}).get("result", {}).get("value")

    def wait_for(self, condition):
        """Wait until an expression is true."""
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while not self.evaluate(f"Boolean({condition})"):
            assert time.monotonic() < deadline, f"it never came true: {condition}"
            self.evaluate("new Promise((done) => setTimeout(done, 100))")

    def hide(self):
        """Put another tab in front of this one."""
        other = self._session.send("Target.createTarget", {"url": "about:blank"})["targetId"]
        self._session.send("Target.activateTarget", {"targetId": other})
        self.wait_for("document.visibilityState === 'hidden'")
        return other

    def show(self, other):
        """Bring this tab to the front again."""
        self._session.send("Target.closeTarget", {"targetId": other})
        self._session.send("Target.activateTarget", {"targetId": self.target})
        self.wait_for("document.visibilityState === 'visible'")

    def close(self):
        self._session.send("Target.closeTarget", {"targetId": self.target})
        self._session.detach()

    def _receive(self, event):
        message = json.loads(event["message"])
        if "id" in message:
            self._answers[message["id"]] = message


@pytest.fixture
def tab(launch, server, smiling_film):
    tab = RawTab(launch(*camera_flags(smiling_film)), server.url)
    tab.wait_for("document.querySelector('.queue li')")
    yield tab
    tab.close()


def wait_for_frames(tab, reader, count):
    """Wait until so many more frames were read."""
    wanted = reader.frames + count
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while reader.frames < wanted:
        assert time.monotonic() < deadline, f"{wanted - reader.frames} of {count} frames were never read"
        tab.evaluate("document.visibilityState")


def test_reading_and_music_continue_while_the_tab_is_hidden(tab, reader):
    tab.evaluate("document.querySelector('camera-view button').click()")
    tab.wait_for("document.querySelector('.expression-words').textContent === 'Happy'")
    tab.wait_for(f"{AUDIO}.currentTime > 0.2")
    other = tab.hide()
    wait_for_frames(tab, reader, 10)
    heard_s = tab.evaluate(f"{AUDIO}.currentTime")
    tab.wait_for(f"{AUDIO}.currentTime > {heard_s + 0.5}")
    assert tab.evaluate("document.visibilityState") == "hidden"
    # What was read meanwhile is on the page at once when the person comes back.
    assert tab.evaluate("document.querySelector('.expression-words').textContent") == "Happy"
    tab.show(other)
    wait_for_frames(tab, reader, 5)


def test_a_hidden_tab_without_a_track_processor_keeps_reading(tab, reader):
    tab.evaluate("delete window.MediaStreamTrackProcessor")
    tab.evaluate("document.querySelector('camera-view button').click()")
    tab.wait_for("document.querySelector('.expression-words').textContent === 'Happy'")
    other = tab.hide()
    wait_for_frames(tab, reader, 2)
    tab.show(other)
    wait_for_frames(tab, reader, 5)
