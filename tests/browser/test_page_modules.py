"""The page's own arithmetic: words for moods as the server's, the plane's map, when the queue is planned anew."""

import pytest

from mien.mood.circumplex import describe
from mien.types import Mood


@pytest.fixture(scope="module")
def page(launch, server):
    context = launch().new_context()
    page = context.new_page()
    page.goto(server.url)
    yield page
    context.close()


def test_a_mood_has_the_same_words_on_the_page_as_on_the_server(page):
    steps = [step / 20 for step in range(-20, 21)]
    moods = [{"valence": valence, "arousal": arousal} for valence in steps for arousal in steps]
    words = page.evaluate(
        "async (moods) => { const { describe } = await import('/static/js/mood-words.js');"
        " return moods.map(describe); }",
        moods,
    )
    assert words == [describe(Mood(mood["valence"], mood["arousal"])) for mood in moods]


def test_the_plane_shows_every_mood_inside_the_disc_and_back(page):
    worst, farthest = page.evaluate(
        """async () => {
            const { toDisc, fromDisc } = await import("/static/js/mood-space.js");
            let [worst, farthest] = [0, 0];
            for (let valence = -1; valence <= 1.0001; valence += 0.05) {
                for (let arousal = -1; arousal <= 1.0001; arousal += 0.05) {
                    const mood = { valence: Math.min(1, valence), arousal: Math.min(1, arousal) };
                    const { x, y } = toDisc(mood);
                    const back = fromDisc(x, y);
                    farthest = Math.max(farthest, Math.hypot(x, y));
                    worst = Math.max(worst, Math.hypot(back.valence - mood.valence, back.arousal - mood.arousal));
                }
            }
            return [worst, farthest];
        }"""
    )
    assert worst < 1e-6
    assert farthest <= 1 + 1e-9


def test_the_queue_is_planned_anew_when_the_mood_stays_far_away_and_only_then(page):
    told = page.evaluate(
        """async () => {
            const { Drift } = await import("/static/js/drift.js");
            const drift = new Drift();
            const at = (valence, second) => drift.update({ valence, arousal: 0 }, 1000 * second);
            drift.settle({ valence: 0, arousal: 0 });
            return [at(0.3, 0), at(0.9, 1), at(0.9, 12.9), at(0.1, 12.95), at(0.9, 13), at(0.9, 24), at(0.9, 25),
                (drift.settle({ valence: 0.9, arousal: 0 }), at(0.9, 60))];
        }"""
    )
    assert told == [False, False, False, False, False, False, True, False]


def test_a_reading_comes_back_with_the_very_picture_that_was_sent(page):
    pairs = page.evaluate(
        """async () => {
            const { LiveFeed } = await import("/static/js/live-feed.js");
            const url = location.origin.replace("http", "ws") + "/api/v1/live";
            const pairs = [];
            let opened;
            const open = new Promise((done) => (opened = done));
            let answered;
            const feed = new LiveFeed(url, {
                onReading: (reading, picture) => {
                    pairs.push([reading.width, reading.height, picture.width, picture.height]);
                    answered();
                },
                onStatus: ({ state }) => state === "open" && opened(),
            });
            await open;
            for (const [width, height] of [[64, 48], [80, 60], [96, 72]]) {
                const canvas = new OffscreenCanvas(width, height);
                canvas.getContext("2d").fillRect(0, 0, 8, 8);
                const jpeg = await canvas.convertToBlob({ type: "image/jpeg" });
                const answer = new Promise((done) => (answered = done));
                feed.send(jpeg, canvas.transferToImageBitmap());
                const busy = !feed.idle;
                feed.send(jpeg, canvas.transferToImageBitmap());
                await answer;
                pairs.push(busy);
            }
            feed.close();
            return pairs;
        }"""
    )
    assert pairs == [[64, 48, 64, 48], True, [80, 60, 80, 60], True, [96, 72, 96, 72], True]


def test_a_frame_that_cannot_be_read_does_not_end_the_feed(page):
    width = page.evaluate(
        """async () => {
            const { LiveFeed } = await import("/static/js/live-feed.js");
            const url = location.origin.replace("http", "ws") + "/api/v1/live";
            const canvas = new OffscreenCanvas(64, 48);
            canvas.getContext("2d").fillRect(0, 0, 8, 8);
            const jpeg = await canvas.convertToBlob({ type: "image/jpeg" });
            return new Promise((done) => {
                const feed = new LiveFeed(url, {
                    onReading: (reading) => (feed.close(), done(reading.width)),
                    onStatus: ({ state }) => state === "open" && feed.send(new Blob(["no picture"]), canvas),
                });
                const timer = setInterval(() => {
                    if (!feed.idle) return;
                    clearInterval(timer);
                    feed.send(jpeg, canvas);
                }, 10);
            });
        }"""
    )
    assert width == 64
