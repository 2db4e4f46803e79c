/** Connects the page together: the camera to the mood, and the mood to the music. */

import { Announcer } from "./announcer.js";
import { fetchStatus, messageOf } from "./api.js";
import { MoodBackground } from "./background.js";
import { CameraSession } from "./camera-session.js";
import { Crossfader } from "./crossfader.js";
import { listen, send } from "./events.js";
import { FaceSelection } from "./face-selection.js";
import { storedFollow } from "./follow.js";
import { GOALS, storedGoal } from "./goals.js";
import { headlineOf } from "./headline.js";
import { listenForKeys } from "./keyboard.js";
import { followLibrary } from "./library-status.js";
import { MoodState } from "./mood-state.js";
import { findPage } from "./page.js";
import { Planner } from "./planner.js";
import { Playback } from "./playback.js";
import { storedSteadiness } from "./steadiness.js";
import { connectCamera } from "./connect-camera.js";
import { connectMusic } from "./connect-music.js";

/** @import {RatingActions} from "./rating-actions.js" */

const SEEK_S = 5;

const page = findPage();
const announcer = new Announcer(page.announcer);
const background = new MoodBackground();
const cameraSession = new CameraSession();
const moodState = new MoodState();
const faceSelection = new FaceSelection();
const playback = new Playback(new Crossfader(page.player.audios));
const planner = new Planner(playback, storedGoal());

connectCamera({ page, cameraSession, faceSelection, moodState, planner, playback, announcer, loadMusic });
connectMood();
connectKeys(connectMusic({ page, playback, planner, announcer, loadMusic }));
page.showSettings.addEventListener("click", () => page.settings.open());
page.showKeys.addEventListener("click", () => page.shortcutsDialog.open());
background.start();
setMoodFromAddress();
loadMusic();
followLibrary((status) => page.queue.showLibrary(status));

function connectMood() {
  listen(page.plane, "mood-change", (mood) => {
    if (!playback.started) playback.wanted = true;
    moodState.set(mood);
    page.plane.showMusicMood(null, performance.now());
    planner.setMood(mood);
  });
  moodState.on("change", showMood);
  showMood();
}

function showMood() {
  const { mood, source, hint, chosen } = moodState;
  const shown = headlineOf({ words: mood?.words ?? "", source, hint, chosen });
  page.words.show({ ...shown, source, chosen });
  page.plane.showCertainty(source === "unknown" || source === "held" ? source : "sure");
  if (source === "start") return;
  announcer.announceMood(shown.mood ? `Mood: ${mood?.words}` : `${shown.headline}. ${shown.detail}`);
  if (mood === null || source === "looking" || source === "unknown") return;
  page.plane.show(mood, performance.now());
  background.show(mood);
}

/** @param {RatingActions} ratingActions */
function connectKeys(ratingActions) {
  listenForKeys({
    space: () => playback.toggle(),
    arrowleft: () => playback.seek(playback.positionS - SEEK_S),
    arrowright: () => playback.seek(playback.positionS + SEEK_S),
    n: () => playback.next(),
    p: () => playback.previous(),
    l: () => ratingActions.toggleLike(playback.current),
    x: () => ratingActions.never(playback.current, performance.now()),
    u: () => page.player.undoNote.undo(),
    ...Object.fromEntries(GOALS.map(({ name }, index) => [String(index + 1), () => page.goals.choose(name)])),
    m: () => page.player.toggleMute(playback),
    c: () => send(document, "camera-toggle"),
    f: () => send(document, "face-follow"),
    w: () => send(document, "face-next"),
    "/": () => page.request.focusBox(),
    s: () => page.settings.open(),
    "?": () => page.shortcutsDialog.open(),
  });
}

function setMoodFromAddress() {
  const mood = MoodState.fromAddress();
  if (mood === null) return;
  moodState.set(mood);
  planner.mood = mood;
}

async function loadMusic() {
  try {
    const status = await fetchStatus();
    page.queue.showLibrary(status);
    if (storedSteadiness() === null) page.settings.showSteadiness(status.steadiness);
    if (storedFollow() === null) page.settings.showFollow(status.follow);
    if (status.tracks > 0) await (playback.current === null ? planner.start() : planner.refill());
  } catch (error) {
    page.queue.showTrouble(messageOf(error));
  }
}
