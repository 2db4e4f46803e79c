/** Wires the page together: camera to reading, reading to mood, mood to music. */

import "./elements/camera-switch.js";
import "./elements/camera-view.js";
import "./elements/expression-reading.js";
import "./elements/goal-choice.js";
import "./elements/keys-dialog.js";
import "./elements/mood-plane.js";
import "./elements/mood-words.js";
import "./elements/music-player.js";
import "./elements/settings-dialog.js";
import "./elements/theme-switch.js";
import "./elements/track-dialog.js";
import "./elements/up-next.js";
import { Announcer } from "./announcer.js";
import { fetchStatus } from "./api.js";
import { Crossfader } from "./crossfader.js";
import { CameraSession } from "./camera-session.js";
import { GOALS, storedGoal } from "./goals.js";
import { MoodBackground } from "./background.js";
import { Playback } from "./playback.js";
import { listenForKeys } from "./keyboard.js";
import { MoodState } from "./mood-state.js";
import { wireMusic } from "./wire-music.js";
import { Planner } from "./planner.js";
import { storedSteadiness, storeSteadiness } from "./steadiness.js";
import { FaceSelection } from "./face-selection.js";

/** @import {CameraSwitch} from "./elements/camera-switch.js" */
/** @import {CameraView} from "./elements/camera-view.js" */
/** @import {ExpressionReading} from "./elements/expression-reading.js" */
/** @import {GoalChoice} from "./elements/goal-choice.js" */
/** @import {KeysDialog} from "./elements/keys-dialog.js" */
/** @import {MoodPlane} from "./elements/mood-plane.js" */
/** @import {MoodWords} from "./elements/mood-words.js" */
/** @import {MusicPlayer} from "./elements/music-player.js" */
/** @import {SettingsDialog} from "./elements/settings-dialog.js" */
/** @import {TrackDialog} from "./elements/track-dialog.js" */
/** @import {UpNext} from "./elements/up-next.js" */
/** @import {Hint, Picture, Reading} from "./types.js" */

const MISSED_AFTER_MS = 1_000;
const SEEK_S = 5;

const find = (/** @type {string} */ selector) => /** @type {any} */ (document.querySelector(selector));
/** @type {{camera: CameraView, lamp: CameraSwitch, words: MoodWords, plane: MoodPlane, expression: ExpressionReading,
 *   goals: GoalChoice, queue: UpNext, player: MusicPlayer, about: TrackDialog, keys: KeysDialog, settings: SettingsDialog}} */
const page = {
  camera: find("camera-view"),
  lamp: find("camera-switch"),
  words: find("mood-words"),
  plane: find("mood-plane"),
  expression: find("expression-reading"),
  goals: find("goal-choice"),
  queue: find("up-next"),
  player: find("music-player"),
  about: find("track-dialog"),
  keys: find("keys-dialog"),
  settings: find("settings-dialog"),
};

const announcer = new Announcer(find("#announcer"));
const moodBackground = new MoodBackground();
const cameraSession = new CameraSession();
const moodState = new MoodState();
const faceSelection = new FaceSelection();
/** @type {{hint?: Hint | null, chosen?: boolean}} what the last reading said besides the mood */
let seeing = {};
const playback = new Playback(new Crossfader(page.player.audios));
const planner = new Planner(playback, storedGoal());

wireCamera();
wireFaces();
wireMood();
wireSettings();
const ratingActions = wireMusic({ page, playback, planner, announcer, load: loadMusic });
wireKeys();
moodBackground.start();
beginWhereTheAddressSays();
loadMusic();

function wireCamera() {
  let seenAtMs = 0;
  const open = () => {
    if (!playback.begun) playback.wanted = true;
    cameraSession.open();
  };
  const toggle = () => (cameraSession.on ? cameraSession.close() : open());
  document.addEventListener("camera-open", open);
  document.addEventListener("camera-toggle", toggle);
  document.addEventListener("face-follow", followFace);

  const noCamera = () => {
    page.lamp.show(false);
    page.expression.showNothing("Expression", "The camera is off.");
    page.plane.showGroup(null);
    page.settings.neutral.refuse("The camera went off; turn it on, then try again.");
    seeing = {};
    moodState.lookAway();
    if (!moodState.byHand) planner.release();
  };
  cameraSession.addEventListener("asking", () => page.camera.showAsking());
  cameraSession.addEventListener("on", () => {
    page.camera.showOn();
    page.lamp.show(true);
    page.expression.showNothing("Expression", "One moment…");
    seenAtMs = performance.now();
    moodState.look();
  });
  cameraSession.addEventListener("off", () => {
    page.camera.showOff();
    noCamera();
  });
  cameraSession.addEventListener("trouble", (event) => {
    page.camera.showTrouble(detailOf(event));
    noCamera();
  });
  cameraSession.addEventListener("preview", (event) => page.camera.draw(detailOf(event), null));
  cameraSession.addEventListener("feed", (event) => {
    const { state, retryMs, message } = detailOf(event);
    if (state === "open") {
      page.camera.notice("");
      tellSettings();
      if (page.queue.inTrouble) loadMusic();
    }
    if (state === "failed") {
      page.camera.notice(message);
      page.expression.showNothing("Expression", "The picture could not be read.");
    }
    if (state === "waiting") {
      const seconds = Math.ceil(retryMs / 1_000);
      page.camera.notice(`mien's server does not answer: start it again. Trying again in ${seconds} s.`);
      page.expression.showNothing("Expression", "Waiting for the server.");
      page.settings.neutral.refuse("mien's server went away; start it again, then try again.");
    }
  });
  cameraSession.addEventListener("reading", (event) => {
    /** @type {{reading: Reading, picture: Picture | undefined}} */
    const { reading, picture } = detailOf(event);
    const nowMs = performance.now();
    if (picture !== undefined) page.camera.draw(picture, reading);
    faceSelection.see(reading);
    seeing = { hint: reading.hint, chosen: reading.chosen };
    moodState.see(reading.mood, { held: reading.held, nowMs });
    page.camera.notice(reading.hint?.sentence ?? "");
    page.plane.showGroup(reading.group);
    if (reading.learning !== null) page.settings.neutral.see(reading.learning, reading.hint);
    const mine = reading.faces.find(({ id }) => id === reading.me);
    if (mine !== undefined) {
      seenAtMs = nowMs;
      page.expression.show(mine, reading.hint, nowMs);
    } else if (Math.abs(nowMs - seenAtMs) > MISSED_AFTER_MS) {
      if (reading.hint !== null) page.expression.showNothing("No face", reading.hint.sentence);
      else if (reading.chosen) page.expression.showNothing("Out of sight", "The face that you chose is not there.");
    }
  });

  function followFace() {
    moodState.release();
    planner.release();
    if (!cameraSession.on) open();
  }
}

function wireFaces() {
  /** @param {number | null} face */
  const choose = (face) => {
    cameraSession.command({ type: "select", face });
    announcer.say(face === null ? "Your mood is read from the face that mien chooses." : `Face ${face} is yours.`);
  };
  document.addEventListener("face-select", (event) => choose(detailOf(event)));
  document.addEventListener("face-automatic", () => choose(null));
  document.addEventListener("face-next", () => choose(faceSelection.next()));
}

function wireMood() {
  page.plane.addEventListener("mood-change", (event) => {
    if (!playback.begun) playback.wanted = true;
    moodState.set(detailOf(event));
    planner.set(detailOf(event));
  });
  moodState.addEventListener("change", () => {
    const { mood, source } = moodState;
    page.words.show(mood?.words ?? "", source, seeing);
    page.plane.showCertainty(source === "unknown" || source === "held" ? source : "sure");
    if (mood === null || source === "looking") return;
    announcer.mood(source === "unknown" ? "not sure" : (mood.words ?? ""));
    if (source === "unknown") return;
    const nowMs = performance.now();
    page.plane.show(mood, nowMs);
    moodBackground.show(mood);
    if (source === "face") planner.see(mood, nowMs);
  });
}

function wireSettings() {
  find("#show-settings").addEventListener("click", () => page.settings.open());
  const remembered = storedSteadiness();
  if (remembered !== null) page.settings.showSteadiness(remembered);
  document.addEventListener("steadiness-change", (event) => {
    storeSteadiness(detailOf(event));
    cameraSession.command({ type: "steadiness", value: detailOf(event) });
  });
  document.addEventListener("neutral-learn", () => {
    if (cameraSession.on) cameraSession.command({ type: "learn_neutral" });
    else document.dispatchEvent(new Event("camera-open"));
  });
  document.addEventListener("neutral-cancel", () => cameraSession.command({ type: "stop_learning" }));
}

/** What holds for a stream of frames, and has to be told again to a new one. */
function tellSettings() {
  const value = storedSteadiness();
  if (value !== null) cameraSession.command({ type: "steadiness", value });
  if (page.settings.neutral.learning) cameraSession.command({ type: "learn_neutral" });
}

function wireKeys() {
  find("#show-keys").addEventListener("click", () => page.keys.open());
  listenForKeys({
    space: () => playback.toggle(),
    arrowleft: () => playback.seek(playback.positionS - SEEK_S),
    arrowright: () => playback.seek(playback.positionS + SEEK_S),
    n: () => playback.next(),
    p: () => playback.previous(),
    l: () => ratingActions.like(playback.current),
    x: () => ratingActions.never(playback.current, performance.now()),
    u: () => page.player.undoing.undo(),
    ...Object.fromEntries(GOALS.map(({ name }, index) => [String(index + 1), () => page.goals.choose(name)])),
    m: () => page.player.toggleMute(playback),
    c: () => page.lamp.dispatchEvent(new Event("camera-toggle", { bubbles: true })),
    f: () => page.words.dispatchEvent(new Event("face-follow", { bubbles: true })),
    w: () => document.dispatchEvent(new Event("face-next")),
    s: () => page.settings.open(),
    "?": () => page.keys.open(),
  });
}

function beginWhereTheAddressSays() {
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
    if (status.tracks > 0) await (playback.current === null ? planner.start() : planner.refill());
  } catch (error) {
    page.queue.showTrouble(/** @type {Error} */ (error).message);
  }
}

/** @param {Event} event @returns {any} */
function detailOf(event) {
  return /** @type {CustomEvent} */ (event).detail;
}
