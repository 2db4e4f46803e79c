"""A face before the camera is read live, and each reason why there is no camera has an explanation."""

import pytest
from playwright.sync_api import expect

from benchmarks.films import framed, least_happy, write_film
from mien.capture.photo import read_photo
from mien.errors import ModelError
from mien.face.reader import FaceReader
from mien.web.serve import WebServer
from tests.browser.acts import (
    FAKE_CAMERA,
    camera_flags,
    let_it_act,
    queue_titles,
    set_mood_by_keys,
    shown_mood,
    turn_on_camera,
    wait_for_expression,
)

NO_FACE = "Let the camera see your face."


def test_a_smile_is_read_as_happy_and_moves_the_mood_into_the_pleasant_half(happy_page):
    happy_page.wait_for_function("() => +document.querySelector('.plane-point').ariaValueNow > 40")
    valence, arousal = shown_mood(happy_page)
    assert valence > 0.4
    assert arousal > 0
    expect(happy_page.locator("mood-words h2")).to_have_text("Happy")
    assert float(happy_page.get_by_role("meter", name="happy").get_attribute("aria-valuenow")) > 50


def test_the_expression_changes_when_the_face_does(open_page, changing_film, sober_person):
    page = open_page(*camera_flags(changing_film))
    turn_on_camera(page)
    wait_for_expression(page, "happy")
    wait_for_expression(page, str(sober_person[1]))
    wait_for_expression(page, "happy")


def test_the_expression_of_photographs_changes_as_they_are_exchanged(open_page, smile, shared_data, tmp_path):
    photos = (framed(read_photo(path), top_share=0.3) for path in sorted((shared_data / "faces").glob("img*.jpg")))
    other, expression = least_happy(FaceReader(), photos)
    film = write_film(tmp_path / "photographs.mjpeg", [(smile, 3), (other, 3)])
    page = open_page(*camera_flags(film))
    turn_on_camera(page)
    wait_for_expression(page, "happy")
    wait_for_expression(page, str(expression))
    wait_for_expression(page, "happy")


def test_a_lost_face_is_said_once_until_it_returns(open_page, leaving_film):
    page = open_page(*camera_flags(leaving_film))
    turn_on_camera(page)
    wait_for_expression(page, "happy")
    words = page.locator("mood-words h2")
    expect(page.locator("mood-words")).to_have_attribute("data-source", "held")
    expect(words).to_have_text("Nobody in view")
    expect(page.locator(".mood-origin")).to_contain_text(NO_FACE)
    expect(page.locator(".camera-notice")).to_be_hidden()
    expect(page.locator(".expression-words")).to_have_text("Expression")
    assert page.locator("main").inner_text().count(NO_FACE) == 1
    expect(page.locator("mood-words")).to_have_attribute("data-source", "unknown")
    expect(words).to_have_text("Nobody in view")
    wait_for_expression(page, "happy")
    expect(words).to_have_text("Happy")
    expect(page.locator(".camera-notice")).to_be_hidden()


def test_the_page_reports_why_a_frame_could_not_be_read(open_page, reader, smiling_film):
    reader.failure = ModelError("the network that finds faces is missing; install mien again")
    try:
        page = open_page(*camera_flags(smiling_film))
        turn_on_camera(page)
        expect(page.locator(".camera-notice")).to_have_text(str(reader.failure))
    finally:
        reader.failure = None
    wait_for_expression(page, "happy")
    expect(page.locator(".camera-notice")).to_be_hidden()


def test_faces_are_read_without_a_track_processor_too(open_page, smiling_film):
    page = open_page(*camera_flags(smiling_film))
    page.evaluate("delete window.MediaStreamTrackProcessor")
    turn_on_camera(page)
    wait_for_expression(page, "happy")


def test_the_picture_is_drawn_as_in_a_mirror(open_page, tmp_path, smile):
    marked = smile.copy()
    marked[:, :40] = (0, 255, 0)
    page = open_page(*camera_flags(write_film(tmp_path / "marked.mjpeg", [(marked, 1)])))
    turn_on_camera(page)
    wait_for_expression(page, "happy")
    left, right = page.evaluate(
        """() => {
            const canvas = document.querySelector("camera-view canvas");
            const copy = new OffscreenCanvas(canvas.width, canvas.height);
            const context = copy.getContext("2d", { willReadFrequently: true });
            context.drawImage(canvas, 0, 0);
            const at = (share) => [...context.getImageData(copy.width * share, copy.height * 0.9, 1, 1).data];
            return [at(0.02), at(0.98)];
        }"""
    )
    assert right[1] > 200 > left[1]


def test_turning_the_camera_off_releases_it(happy_page):
    happy_page.get_by_role("button", name="Camera on").click()
    expect(happy_page.get_by_role("button", name="Turn on the camera")).to_be_visible()
    expect(happy_page.locator(".expression-words")).to_have_text("Expression")
    expect(happy_page.locator(".expression-hint")).to_have_text("")


def test_c_turns_the_camera_on_and_off(open_page, smiling_film):
    page = open_page(*camera_flags(smiling_film))
    page.keyboard.press("c")
    expect(page.get_by_role("button", name="Camera on")).to_be_visible()
    page.keyboard.press("c")
    expect(page.get_by_role("button", name="Camera off")).to_be_visible()


def test_camera_permission_is_requested_only_after_the_button_is_pressed(open_page):
    page = open_page(FAKE_CAMERA, "--use-fake-ui-for-media-stream=deny")
    expect(page.locator("camera-view")).to_have_attribute("data-state", "off")
    expect(page.get_by_text("Frames stay on this machine and are never stored.")).to_be_visible()


NO_CAMERA = {
    "refused": ((FAKE_CAMERA, "--use-fake-ui-for-media-stream=deny"), "The camera is blocked for this page."),
    "missing": (
        ("--use-fake-device-for-media-stream=device-count=0", "--use-fake-ui-for-media-stream"),
        "No camera found.",
    ),
}


@pytest.mark.parametrize("why", NO_CAMERA)
def test_without_a_camera_it_says_why_and_a_mood_set_by_hand_still_chooses_music(open_page, why):
    flags, sentence = NO_CAMERA[why]
    page = open_page(*flags)
    turn_on_camera(page)
    expect(page.locator(".camera-title")).to_have_text(sentence)
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    before = queue_titles(page)
    set_mood_by_keys(page, right=-14, up=-8)
    page.wait_for_function(
        "(before) => [...document.querySelectorAll('.queue-title')].map((e) => e.textContent).join() !== before.join()",
        arg=before,
    )


# What Chromium cannot be made to do is done to the page: it sees what a browser would show it.
STAND_INS = {
    "another program has it": (
        "() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'AbortError')); }",
        "Another program is using the camera.",
    ),
    "the browser gives it to nobody here": (
        "() => { Object.defineProperty(Navigator.prototype, 'mediaDevices', { get: () => undefined }); }",
        "Browsers allow the camera only on this computer's own address.",
    ),
    "something else": (
        "() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new TypeError('odd')); }",
        "The camera could not be started.",
    ),
}


@pytest.mark.parametrize("why", STAND_INS)
def test_a_camera_error_is_explained(open_page, why):
    stand_in, sentence = STAND_INS[why]
    page = open_page()
    page.evaluate(stand_in)
    turn_on_camera(page)
    expect(page.locator(".camera-title")).to_have_text(sentence)
    expect(page.locator(".camera-panel .primary:visible")).to_have_count(1)


def test_an_unplugged_camera_is_reported_and_reading_resumes_when_it_returns(open_page, smiling_film):
    page = open_page(*camera_flags(smiling_film))
    page.evaluate(
        """() => {
            const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
            navigator.mediaDevices.getUserMedia = async (constraints) => (window.lent = await open(constraints));
        }"""
    )
    turn_on_camera(page)
    wait_for_expression(page, "happy")
    page.evaluate("window.lent.getVideoTracks()[0].dispatchEvent(new Event('ended'))")
    expect(page.locator(".camera-title")).to_have_text("The camera was disconnected.")
    # Something else is plugged in: it goes on waiting.
    page.evaluate(
        """async () => {
            const { mediaDevices } = navigator;
            mediaDevices.enumerateDevices = async () => [{ kind: "audioinput" }];
            mediaDevices.dispatchEvent(new Event("devicechange"));
            await new Promise((done) => setTimeout(done, 200));
            delete mediaDevices.enumerateDevices;
        }"""
    )
    expect(page.locator("camera-view")).to_have_attribute("data-state", "trouble")
    page.evaluate("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    expect(page.locator("camera-view")).to_have_attribute("data-state", "on")
    wait_for_expression(page, "happy")
    # Turned off by hand, it is missed no longer.
    page.keyboard.press("c")
    page.evaluate("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    let_it_act(page)
    expect(page.locator("camera-view")).to_have_attribute("data-state", "off")


def test_it_waits_for_a_server_that_went_away(open_page, session, smiling_film):
    with WebServer(session) as server:
        page = open_page(*camera_flags(smiling_film), url=server.url, complains=True)
        turn_on_camera(page)
        wait_for_expression(page, "happy")
    expect(page.locator(".camera-notice")).to_contain_text("mien's server is not responding")
    with WebServer(session, port=server.port):
        wait_for_expression(page, "happy")
        expect(page.locator(".camera-notice")).to_be_hidden()
