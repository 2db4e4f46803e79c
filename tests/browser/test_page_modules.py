"""The modules of the page by themselves: words, geometry, the live client and the crossfade."""

from pathlib import Path

import pytest

from mien.cli.terminal.reason_words import reason_words
from mien.errors import LibraryError, Remedy, SourceError
from mien.mood.circumplex import describe
from mien.music.recommender.goals import Goal
from mien.types import Mood, Reason, ReasonKind
from mien.web.responses import error_json
from tests.browser.acts import PATIENCE_MS


@pytest.fixture(scope="module")
def page(launch, server):
    context = launch().new_context()
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    # Any file but the page itself, whose modules are linked into one: each of them is imported here on its own.
    page.goto(f"{server.url}/static/css/tokens.css")
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


def test_reasons_have_the_same_words_on_the_page_as_on_the_command_line(page):
    numeric = [kind for kind in ReasonKind if kind not in {ReasonKind.GOAL, ReasonKind.REQUESTED}]
    stations = [
        [*(Reason(kind, level) for kind in numeric if kind is not ReasonKind.TEMPO), Reason(ReasonKind.GOAL, goal)]
        for level in (-0.49, -0.25, 0.1, 0.25, 0.51, 0.9)
        for goal in Goal
    ]
    stations += [[Reason(kind, 71.6), Reason(ReasonKind.GOAL, "lift")] for kind in numeric]
    stations += [[Reason(ReasonKind.REQUESTED, "piano, slow"), Reason(ReasonKind.SIMILAR, 0.4)]]
    wire = [[{"kind": one.kind, "value": one.value} for one in reasons] for reasons in stations]
    words, unnamed, alike = page.evaluate(
        """async (stations) => {
            const { reasonWords } = await import("/static/js/reason-words.js");
            const fit = [{ kind: "tempo", value: 90 }, { kind: "mood_fit", value: 0.2 }];
            return [
                stations.map((reasons) => reasonWords({ reasons })),
                reasonWords({ reasons: fit, chosenFor: "" }),
                reasonWords({ reasons: fit, chosenFor: "“Moss”" }),
            ];
        }""",
        wire,
    )
    assert words == [reason_words(reasons) for reasons in stations]
    assert (unnamed, alike) == ("90 bpm", "90 bpm, close to “Moss”")


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


def test_a_reading_comes_back_with_the_picture_that_was_sent(page):
    pairs = page.evaluate(
        """async () => {
            const { LiveClient } = await import("/static/js/live-client.js");
            const url = location.origin.replace("http", "ws") + "/api/v1/live";
            const pairs = [];
            let opened;
            const open = new Promise((done) => (opened = done));
            let answered;
            const feed = new LiveClient(url, {
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
            const { LiveClient } = await import("/static/js/live-client.js");
            const url = location.origin.replace("http", "ws") + "/api/v1/live";
            const canvas = new OffscreenCanvas(64, 48);
            canvas.getContext("2d").fillRect(0, 0, 8, 8);
            const jpeg = await canvas.convertToBlob({ type: "image/jpeg" });
            return new Promise((done) => {
                const feed = new LiveClient(url, {
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


def test_the_page_waits_for_its_turn_and_drops_a_stale_frame(page):
    told = page.evaluate(
        """async () => {
            const { LiveClient } = await import("/static/js/live-client.js");
            const real = WebSocket;
            let socket;
            globalThis.WebSocket = class {
                static OPEN = 1;
                readyState = 1;
                constructor() { socket = this; }
                send() {}
                close() {}
            };
            const told = [];
            const feed = new LiveClient("ws://nowhere", {
                onReading: (reading, picture) => told.push([reading.index, picture.width]),
                onStatus: ({ state }) => told.push(state),
            });
            const say = (message) => {
                socket.onmessage({ data: JSON.stringify(message) });
                told.push(feed.idle);
            };
            const send = (width) => feed.send(new Blob(), new OffscreenCanvas(width, 1));
            send(1);
            say({ type: "reading", index: 0, wait: true });
            send(2);
            say({ type: "error", error: { message: "a command" }, index: null, wait: null });
            say({ type: "next" });
            send(3);
            say({ type: "next" });
            send(4);
            say({ type: "reading", index: 2, wait: false });
            send(5);
            say({ type: "error", error: { message: "a frame" }, index: 3, wait: true });
            socket.onclose();
            told.push(feed.idle);
            feed.close();
            globalThis.WebSocket = real;
            return told;
        }"""
    )
    assert told == [
        "connecting",
        *([0, 1], False),
        *("failed", False),
        *(True, True),
        *([2, 4], True),
        *("failed", False),
        *("waiting", False),
    ]


def test_a_held_mood_is_shown_as_held_after_a_moment_even_if_the_clock_jumps(page):
    sources = page.evaluate(
        """async () => {
            const { MoodState } = await import("/static/js/mood-state.js");
            const state = new MoodState();
            const mood = { valence: 0.5, arousal: 0.5 };
            const reading = { hint: null, chosen: false };
            const see = (held, nowMs, it = mood) => (state.update({ ...reading, mood: it, held }, nowMs), state.source);
            state.startLooking();
            return [
                see(true, 0, null), see(false, 1000), see(true, 2000), see(true, 2500), see(true, 2600),
                see(false, 2700), see(true, 2800), see(true, -5000), see(true, -4500), see(true, 1e9),
                see(true, 1e9, null), see(false, 1e9),
            ];
        }"""
    )
    assert sources == [
        *("looking", "face", "face", "face", "held"),
        *("face", "face", "face", "face", "held"),
        *("unknown", "face"),
    ]


def test_the_next_face_cycles_through_the_others_and_then_back_to_automatic(page):
    chosen = page.evaluate(
        """async () => {
            const { FaceSelection } = await import("/static/js/face-selection.js");
            const selection = new FaceSelection();
            const faces = [{ id: 5, box: [400] }, { id: 2, box: [10] }, { id: 9, box: [200] }];
            const see = (me, chosen, all = faces) => (selection.update({ faces: all, me, chosen }), selection.next());
            return [new FaceSelection().next(), see(9, false), see(5, true), see(2, true), see(9, true), see(7, true),
                see(9, false, [faces[2]]), see(null, false, [])];
        }"""
    )
    assert chosen == [None, 5, 2, None, None, None, None, None]


def test_the_strip_shows_blinks_speech_and_phases_even_if_the_clock_jumps(page):
    shown = page.evaluate(
        """async () => {
            await import("/static/js/elements/motion-strip.js");
            const strip = document.body.appendChild(document.createElement("motion-strip"));
            const motion = { brows: 1, lids: 1, jaw: 1, mouth_corners: 1 };
            const canvas = strip.querySelector(".motion-phases");
            const ink = (y, height) => {
                const context = canvas.getContext("2d");
                return context.getImageData(0, y, canvas.width, height).data.some((value) => value > 0);
            };
            const rows = () => [ink(0, 7), ink(12, 3), ink(44, 4), ink(56, 4)];
            const words = () => strip.querySelector(".motion-caption").textContent;
            const live = (activity, ...timesMs) => {
                strip.clear();
                for (const nowMs of timesMs) strip.add({ motion, activity }, nowMs);
                return [words(), ...rows()];
            };
            const shown = [
                live({ speaking: false, blinking: false, phase: "rest" }, 200, 400),
                live({ speaking: true, blinking: false, phase: "onset" }, 600, 800),
                live({ speaking: false, blinking: true, phase: "apex" }, -1e9, -1e9 + 200, 1e12),
                live({ speaking: false, blinking: false, phase: "offset" }, 1000),
                live(null, 2000),
            ];
            strip.clear();
            shown.push([words(), ...rows()]);
            for (let index = 0; index < 1000; index += 1) strip.add({ motion, activity: null }, 3000 + 30 * index);
            strip.remove();
            return shown;
        }"""
    )
    # A dot for a blink, the expression's height, its foot, a line while talking.
    assert shown == [
        ["at rest", False, False, True, False],
        ["startingtalking", False, False, True, True],
        ["at its peak", True, True, True, False],
        ["fading", False, False, True, False],
        ["at rest", False, False, True, False],
        ["Motion", False, False, False, False],
    ]


def test_an_invalid_command_does_not_affect_the_frame_that_is_being_read(page):
    heard = page.evaluate(
        """async () => {
            const { LiveClient } = await import("/static/js/live-client.js");
            const url = location.origin.replace("http", "ws") + "/api/v1/live";
            const canvas = new OffscreenCanvas(64, 48);
            canvas.getContext("2d").fillRect(0, 0, 8, 8);
            const jpeg = await canvas.convertToBlob({ type: "image/jpeg" });
            return new Promise((done) => {
                const heard = {};
                const hear = (news) => {
                    Object.assign(heard, news);
                    if (Object.keys(heard).length < 2) return;
                    feed.close();
                    done(heard);
                };
                const feed = new LiveClient(url, {
                    onReading: ({ index }) => hear({ index }),
                    onStatus: ({ state, message }) => {
                        if (state === "failed") hear({ message });
                        if (state !== "open") return;
                        feed.send(jpeg, canvas);
                        feed.sendCommand({ type: "steadiness", value: 2 });
                        feed.sendCommand({ type: "select", face: null });
                    },
                });
                feed.sendCommand({ type: "learn_neutral" });
            });
        }"""
    )
    assert heard == {"message": "“value” must be a number from 0 to 1.", "index": 0}


def test_the_selected_face_is_marked_and_others_are_drawn_faintly(page):
    bright = page.evaluate(
        """async () => {
            const { drawScene } = await import("/static/js/overlay.js");
            const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
            const picture = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
            const square = (x, y) => [[x, y], [x + 100, y], [x + 100, y + 100], [x, y + 100], [x, y]];
            const at = (id, x) => ({
                id, box: [x, 180, 100, 100], contours: { oval: square(x, 180) }, expression: "happy", confident: true,
            });
            const reading = { width: 640, height: 480, faces: [at(1, 60), at(2, 460)], me: 1, chosen: false };
            drawScene(canvas, picture, reading);
            const context = canvas.getContext("2d");
            const sum = (x) => context.getImageData(x, 160, 160, 150).data.reduce((all, value) => all + value, 0);
            const empty = 160 * 150 * 255;
            return [sum(450) - empty, sum(50) - empty];
        }"""
    )
    # Mirrored, mine is the one on the right.
    assert bright[0] > 2 * bright[1] > 0


def test_loud_tracks_are_turned_down_and_a_crossfade_keeps_the_power(page):
    levels, powers, plain, overlaps = page.evaluate(
        """async () => {
            const { volumeFactor } = await import("/static/js/loudness.js");
            const { gainsAt, overlapOf } = await import("/static/js/crossfade.js");
            const levels = [-8, -18, -30, -70, null].map((lufs) => volumeFactor({ loudness_lufs: lufs }));
            const shares = [-1, 0, 0.25, 0.5, 0.75, 1, 2];
            const gains = shares.map((share) => gainsAt(share, 4));
            const powers = gains.map(([out, into]) => [out, into, out ** 2 + into ** 2]);
            const plain = shares.map((share) => gainsAt(share, overlapOf(0, [60, 60]))).flat();
            const overlaps = [[4, [60, 60]], [12, [60, 6]], [4, [NaN, Infinity]]].map((of) => overlapOf(...of));
            return [levels, powers, plain, overlaps];
        }"""
    )
    assert levels == pytest.approx([10**-0.5, 1, 1, 1, 1])
    assert [power for *_, power in powers] == pytest.approx([1] * 7)
    leaving, coming = [out for out, *_ in powers], [into for _, into, _ in powers]
    assert leaving == sorted(leaving, reverse=True)
    assert coming == sorted(coming)
    assert (leaving[1], coming[-2]) == (1, 1)
    assert plain == [1] * 14
    assert overlaps == [4, 3, 4]


def test_an_error_has_a_remedy_in_the_pages_words_or_else_the_servers_sentence(page):
    errors = [SourceError("did not answer", remedy, subject="home") for remedy in (*Remedy, "try again", "")]
    errors.append(LibraryError("is gone", Remedy.ADD_FOLDER, subject=Path("music")))
    words = page.evaluate(
        """async (errors) => {
            const { errorWords } = await import("/static/js/error-words.js");
            return errors.map(errorWords);
        }""",
        [error_json(error) for error in errors],
    )
    assert words.pop() == "music is gone; add its folder again in the terminal: mien library add DIR."
    assert all(sentence.startswith("“home” did not answer") and sentence.endswith(".") for sentence in words)
    assert words[-2:] == ["“home” did not answer; try again.", "“home” did not answer."]
    assert words[list(Remedy).index(Remedy.SIGN_IN)].endswith("; sign in again in the terminal: mien source login.")


def watch_rest(page, seconds, *, reading="still", step_ms=100):
    """When a resting face is noticed, in seconds; None if it is not. ``reading`` makes the reading of second ``s``."""
    return page.evaluate(
        """async ([seconds, reading, stepMs]) => {
            const { RestingWatch } = await import("/static/js/resting-watch.js");
            const watch = new RestingWatch();
            const at_rest = { speaking: false, blinking: false, phase: "rest" };
            const still = { mood: { valence: -0.5, arousal: 0.4 }, activity: at_rest, posed: false };
            const kinds = {
                still,
                speaking: { ...still, activity: { ...at_rest, speaking: true } },
                onset: { ...still, activity: { ...at_rest, phase: "onset" } },
                middle: { ...still, mood: { valence: 0.1, arousal: 0.1 } },
                other: { ...still, mood: { valence: 0.8, arousal: 0.5 } },
                smile: { ...still, mood: { valence: 0.8, arousal: 0.5 }, posed: true },
                posed: { ...still, posed: true },
                nobody: { mood: null, activity: null, posed: false },
            };
            const [kind, every, lasts] = reading.split(" ");
            for (let ms = 0; ms <= seconds * 1000; ms += stepMs) {
                const now = every === undefined || (ms / 1000) % Number(every) < Number(lasts) ? kinds[kind] : still;
                if (watch.update(now, ms)) return ms / 1000;
            }
            return null;
        }""",
        [seconds, reading, step_ms],
    )


@pytest.mark.parametrize("step_ms", [33, 100, 500])
def test_a_still_face_away_from_the_middle_is_noticed_after_a_minute(page, step_ms):
    assert watch_rest(page, 70, step_ms=step_ms) == pytest.approx(60, abs=0.5)


@pytest.mark.parametrize(
    "reading",
    [
        "middle",
        "speaking",
        "nobody",
        "smile",
        "posed",
        "middle 20 4",
        "speaking 20 4",
        "onset 20 4",
        "nobody 20 4",
        "other 20 10",
    ],
)
def test_other_faces_are_not_taken_for_resting_ones(page, reading):
    assert watch_rest(page, 200, reading=reading) is None


def test_a_word_now_and_then_only_delays_the_notice(page):
    assert watch_rest(page, 100, reading="speaking 10 2") == pytest.approx(76, abs=3)


def test_a_clock_that_jumps_is_not_a_minute_of_rest(page):
    assert watch_rest(page, 1200, step_ms=60_000) is None
