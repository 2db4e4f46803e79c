"""The music follows the mood: the page's planner and follower, played through in simulated time."""

import math

import numpy as np
import pytest
from playwright.sync_api import expect

from mien.mood.music_mood import MusicMoodFilter
from mien.types import Mood
from tests.browser.acts import (
    PATIENCE_MS,
    camera_flags,
    elapsed_s,
    playing_title,
    set_mood_by_keys,
    turn_on_camera,
    wait_for_music,
)

STEP_S = 0.25
HAPPY, SAD, TENSE, CALM = (0.7, 0.4), (-0.6, -0.4), (-0.6, 0.6), (0.4, -0.5)

PLAYER = """async ({ steps, stepS, policy, songS, crossfadeS, exitAfterS, wishes }) => {
    const { Emitter } = await import("/static/js/events.js");
    const { Playback } = await import("/static/js/playback.js");
    const { Planner } = await import("/static/js/planner.js");
    const { MusicFollower } = await import("/static/js/music-follower.js");
    const real = { fetch: globalThis.fetch, now: performance.now, setTimeout: globalThis.setTimeout };
    let nowS = 0;
    performance.now = () => 1000 * nowS;
    const channel = new MessageChannel();
    const settle = () => new Promise((done) => ((channel.port1.onmessage = done), channel.port2.postMessage(null)));
    globalThis.setTimeout = (call) => (call(), 0);
    const tracks = [];
    for (let v = -0.9; v < 1; v += 0.3) {
        for (let a = -0.9; a < 1; a += 0.3) {
            for (const twin of [1, 2, 3]) {
                const title = `${v.toFixed(1)} ${a.toFixed(1)} ${twin}`;
                tracks.push({ id: title, title, valence: v, arousal: a, duration_s: songS });
            }
        }
    }
    const reply = (body) => ({ ok: true, json: async () => body });
    globalThis.fetch = async (url, options) => {
        if (url.includes("/exit?")) {
            const fromS = Number(new URLSearchParams(url.split("?")[1]).get("from_s"));
            return exitAfterS === null ? { ok: false, json: async () => ({}) }
                : reply({ position_s: fromS + exitAfterS, kind: "quiet" });
        }
        if (!url.endsWith("/station")) return reply({});
        const { valence, arousal, count, played } = JSON.parse(options.body);
        const far = ({ valence: v, arousal: a }) => Math.hypot(v - valence, a - arousal);
        const picks = tracks.filter(({ id }) => !played.includes(id)).sort((x, y) => far(x) - far(y)).slice(0, count);
        const mood = { valence, arousal };
        const path = picks.map(() => mood);
        return reply({ goal: mood, path, picks: picks.map((track) => ({ track, reasons: [] })) });
    };
    class Player extends Emitter {
        paused = true; failed = false; ended = false; positionS = 0; crossfadeS = crossfadeS; exit = null;
        #track = null; #next = null;
        get durationS() { return this.#track?.duration_s ?? NaN; }
        get untilNextS() { return this.durationS - this.positionS - this.crossfadeS; }
        load(track) { this.#track = track; this.positionS = 0; this.exit = null; }
        setNext(track) { this.#next = track; }
        async play() { this.paused = false; this.emit("playing"); }
        pause() { this.paused = true; }
        seek(positionS) { this.positionS = positionS; }
        leaveAt(atS) { this.exit = atS; }
        stay() { this.exit = null; }
        advance(seconds) {
            if (this.paused) return;
            this.positionS += seconds;
            const early = this.exit !== null && this.positionS >= this.exit;
            if (this.#next !== null && (early || this.untilNextS <= 0)) {
                const leftAtS = this.positionS;
                this.load(this.#next);
                this.emit("handover", { leftAtS, early });
                this.emit("playing");
            }
            this.emit("time");
        }
    }
    const player = new Player();
    const playback = new Playback(player);
    const planner = new Planner(playback, "match");
    const undo = [];
    const undoNote = { offer: (sentence, act) => undo.push(act) };
    new MusicFollower({ playback, planner, undoNote, policy: () => policy }).start();
    const heard = [];
    const cuts = [];
    playback.on("track", () => heard.push({ atS: nowS, valence: playback.current.track.valence,
        arousal: playback.current.track.arousal, id: playback.current.track.id }));
    playback.on("left", ({ pick, positionS }) => cuts.push({ atS: nowS, id: pick.track.id, positionS }));
    playback.wanted = true;
    for (const [index, { moment, music }] of steps.entries()) {
        nowS = index * stepS;
        const wish = wishes[index];
        if (wish === "undo") undo.pop()();
        else if (wish) planner.setMood(wish);
        else if (moment !== null) planner.updateFromFace(music);
        await settle();
        player.advance(stepS);
    }
    await settle();
    const upcoming = playback.upcoming.map(({ track }) => track.id);
    const result = { heard, cuts, upcoming, positionS: player.positionS };
    Object.assign(globalThis, { fetch: real.fetch, setTimeout: real.setTimeout });
    performance.now = real.now;
    return result;
}"""


@pytest.fixture(scope="module")
def page(launch, server):
    context = launch().new_context()
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(server.url)
    page.locator(".queue li").first.wait_for(state="attached")
    yield page
    context.close()


def shown(scenes):
    """The moment's mood at each step of scenes: a mood, or None for no face, with its seconds."""
    return [mood for mood, seconds in scenes for _ in range(round(seconds / STEP_S))]


@pytest.fixture
def listen(page):
    """Plays music for scenes, and returns what was heard and when."""

    def listen(scenes, *, policy="promptly", song_s=240, crossfade_s=4, exit_after_s=2.0, wishes=None):
        moods, mood_filter, steps = shown(scenes), MusicMoodFilter(), []
        for index, point in enumerate(moods):
            music = mood_filter.update(None if point is None else Mood(*point), at_s=index * STEP_S)
            steps.append(
                {
                    "moment": None if point is None else {"valence": point[0], "arousal": point[1]},
                    "music": music
                    and {
                        "valence": music.mood.valence,
                        "arousal": music.mood.arousal,
                        "moment": {"valence": music.moment.valence, "arousal": music.moment.arousal},
                        "settled": music.settled,
                        "held_s": music.held_s,
                        "away_s": music.away_s,
                    },
                }
            )
        options = {"steps": steps, "stepS": STEP_S, "policy": policy, "songS": song_s, "crossfadeS": crossfade_s}
        named = {str(round(at_s / STEP_S)): wish for at_s, wish in (wishes or {}).items()}
        return page.evaluate(PLAYER, {**options, "exitAfterS": exit_after_s, "wishes": named})

    return listen


def apart(piece, mood):
    return math.dist((piece["valence"], piece["arousal"]), mood)


def first_fit_s(heard, mood, after_s):
    """Seconds from a change until music plays that fits."""
    return next(piece["atS"] for piece in heard if piece["atS"] >= after_s and apart(piece, mood) < 0.35) - after_s


@pytest.mark.parametrize("seed", range(12))
def test_no_piece_begins_that_contradicts_a_mood_that_has_held(listen, seed):
    rng = np.random.default_rng(seed)
    scenes = [
        (tuple(rng.uniform(-1, 1, 2).tolist()) if rng.random() < 0.9 else None, float(rng.choice([2, 5, 7, 15, 60])))
        for _ in range(20)
    ]
    policy = str(rng.choice(["gently", "promptly", "at once"]))
    options = {"song_s": float(rng.choice([20, 47, 180])), "crossfade_s": float(rng.choice([0.06, 4, 12]))}
    result = listen(scenes, policy=policy, **options)
    moods = shown(scenes)
    steady_steps = round(6 / STEP_S)
    for piece in result["heard"]:
        index = round(piece["atS"] / STEP_S)
        held = moods[max(0, index - steady_steps) : index + 1]
        if len(held) > steady_steps and len(set(held)) == 1 and held[0] is not None:
            assert apart(piece, held[0]) <= 0.6
    assert len(result["heard"]) > 1
    cuts_s = [cut["atS"] for cut in result["cuts"]]
    assert all(later - early >= 300 for early, later in zip(cuts_s, cuts_s[4:], strict=False))
    if policy == "gently":
        assert cuts_s == []
    if policy == "promptly":
        assert all(cut["positionS"] >= 20 for cut in result["cuts"])


@pytest.mark.parametrize(("policy", "limit_s"), [("promptly", 19), ("at once", 6)])
@pytest.mark.parametrize("exit_after_s", [0.0, 5.5, None])
def test_fitting_music_plays_soon_after_a_clear_change(listen, policy, limit_s, exit_after_s):
    result = listen([(HAPPY, 60), (SAD, 60), (TENSE, 60)], policy=policy, exit_after_s=exit_after_s)
    assert first_fit_s(result["heard"], SAD, 60) <= limit_s
    assert first_fit_s(result["heard"], TENSE, 120) <= limit_s
    assert len(result["cuts"]) == 2


def test_gently_a_change_waits_for_the_end_of_the_song(listen):
    result = listen([(HAPPY, 60), (SAD, 240)], policy="gently")
    assert result["cuts"] == []
    assert first_fit_s(result["heard"], SAD, 60) == pytest.approx(240 - 60, abs=8)


def test_a_song_is_not_cut_for_a_passing_expression_or_in_its_first_seconds(listen):
    passing = [(HAPPY, 30), (SAD, 8), (HAPPY, 20), (TENSE, 9), (HAPPY, 20)]
    assert listen(passing)["cuts"] == []
    (cut,) = listen([(HAPPY, 6), (SAD, 60)])["cuts"]
    assert cut["positionS"] >= 20


def test_a_piece_that_begins_shortly_after_a_change_is_chosen_for_it(listen):
    """The song ends three and a half seconds after the change, before the queue is planned again for it."""
    for crossfade_s in (0.06, 4):
        result = listen([(HAPPY, 56), (SAD, 20)], song_s=58 + crossfade_s, crossfade_s=crossfade_s)
        assert apart(result["heard"][-1], SAD) < 0.35
        assert result["heard"][-1]["atS"] == pytest.approx(59.5, abs=0.6)


def test_a_song_that_was_left_comes_back_for_its_own_mood(listen):
    result = listen([(HAPPY, 60), (SAD, 60), (HAPPY, 60)])
    assert result["cuts"][0]["id"] == result["heard"][-1]["id"]
    assert len(result["cuts"]) == 2


def test_undo_brings_a_song_back_where_it_was_and_keeps_it(listen):
    scenes = [(HAPPY, 60), (SAD, 60)]
    left = listen(scenes)["cuts"][0]
    undone_s = left["atS"] + 5
    result = listen(scenes, wishes={undone_s: "undo"})
    assert result["heard"][-1]["id"] == left["id"]
    assert result["positionS"] == pytest.approx(left["positionS"] + 120 - undone_s, abs=1)
    assert len(result["cuts"]) == 1
    assert result["upcoming"][0] == result["heard"][-2]["id"]


def test_a_wish_leaves_a_song_that_contradicts_it_and_keeps_one_that_fits(listen):
    wish = {"valence": SAD[0], "arousal": SAD[1]}
    result = listen([(HAPPY, 15), (None, 30)], wishes={16: wish})
    assert first_fit_s(result["heard"], SAD, 16) <= 4
    near = {"valence": HAPPY[0] - 0.2, "arousal": HAPPY[1]}
    assert listen([(HAPPY, 15), (None, 30)], wishes={16: near})["cuts"] == []
    assert listen([(HAPPY, 15), (None, 30)], wishes={16: wish}, policy="gently")["cuts"] == []


def play_loud_and_bright(page):
    """Play music for a bright mood that is set by hand."""
    set_mood_by_keys(page, right=14, up=8)
    wait_for_music(page, beyond_s=1)
    return playing_title(page)


def test_a_song_that_contradicts_a_new_mood_fades_and_undo_brings_it_back(open_page, tastes, session):
    page = open_page()
    left = play_loud_and_bright(page)
    set_mood_by_keys(page, right=-26, up=-18)
    note = page.locator(".player-undo")
    expect(note).to_contain_text(f"“{left}” was left, since your mood has changed.")
    position_s = elapsed_s(page)
    expect(page.locator(".player-title")).not_to_have_text(left)
    follower = playing_title(page)
    page.keyboard.press("u")
    expect(page.locator(".player-title")).to_have_text(left)
    assert wait_for_music(page, beyond_s=1) > position_s
    expect(page.locator(".queue-title").first).to_have_text(follower)
    ids = {track.title: track.id for track in session.library.tracks()}
    told = [told["event"] for told in tastes.export() if told["kind"] == "play" and told["track_id"] == ids[left]]
    assert set(told) == {"started"}, "a song that was left was not skipped"


def test_how_promptly_is_a_setting_that_stays(open_page, server):
    page = open_page()
    page.keyboard.press("s")
    choice = page.get_by_role("group", name="How promptly the music follows")
    expect(choice.get_by_role("radio", name="promptly")).to_be_checked()
    choice.get_by_role("radio", name="promptly").press("ArrowLeft")
    expect(choice.get_by_role("radio", name="gently")).to_be_checked()
    expect(page.locator("#follow-help")).to_contain_text("No song is cut.")
    page.reload()
    page.locator(".queue li").first.wait_for(state="attached")
    playing = play_loud_and_bright(page)
    with page.expect_response("**/station"):
        set_mood_by_keys(page, right=-26, up=-18)
    wait_for_music(page, beyond_s=elapsed_s(page) + 0.5)
    assert playing_title(page) == playing
    expect(page.locator(".player-undo")).to_be_hidden()


def test_the_default_of_the_server_holds_until_another_is_chosen(open_page, session, monkeypatch):
    monkeypatch.setattr(session, "follow", "at once")
    page = open_page()
    page.keyboard.press("s")
    expect(page.get_by_role("radio", name="at once")).to_be_checked()


@pytest.mark.parametrize("film", ["dimming_film", None])
def test_without_a_face_gentle_music_plays_and_the_page_says_so(open_page, request, film):
    page = open_page(*camera_flags(film and request.getfixturevalue(film)))
    turn_on_camera(page)
    expect(page.locator(".player-note")).to_contain_text("Gentle music plays until your mood is known.")
    wait_for_music(page)


def test_the_first_piece_is_chosen_for_the_face_and_the_plane_shows_both_moods(happy_page, session):
    wait_for_music(happy_page)
    moods = {track.title: track.features for track in session.library.tracks()}
    assert moods[playing_title(happy_page)].valence > 0.3
    expect(happy_page.locator(".plane-music")).to_be_visible()
    expect(happy_page.locator(".player-note")).to_be_hidden()
    set_mood_by_keys(happy_page, right=-5)
    expect(happy_page.locator(".plane-music")).to_be_hidden()
