/** Connects the camera to the page: its state, what is read from each frame, and whose face counts. */

import { messageOf, undoCorrection } from "./api.js";
import { errorWords } from "./error-words.js";
import { fetchNeutral } from "./api.js";
import { listen } from "./events.js";
import { RestingWatch, rememberSuggested, wasSuggested } from "./resting-watch.js";
import { storedSteadiness, storeSteadiness } from "./steadiness.js";

/** @import {Announcer} from "./announcer.js" */
/** @import {CameraSession} from "./camera-session.js" */
/** @import {FaceSelection} from "./face-selection.js" */
/** @import {FeedStatus} from "./live-client.js" */
/** @import {MoodState} from "./mood-state.js" */
/** @import {Page} from "./page.js" */
/** @import {Planner} from "./planner.js" */
/** @import {Playback} from "./playback.js" */
/** @import {MoodCorrection, Reading} from "./types.js" */

/** How long the page shows the last expression after the face is gone. */
const FACE_GONE_AFTER_MS = 1_000;
/** How long the page shows why nothing was learnt. */
const NOTE_MS = 8_000;
/** The server learns from no older moods. */
const MAX_AGO_S = 30;
/** After so long without a face, gentle music starts. */
const START_AFTER_MS = 3_000;

/**
 * @typedef {object} CameraParts
 * @property {Page} page
 * @property {CameraSession} cameraSession
 * @property {FaceSelection} faceSelection
 * @property {MoodState} moodState
 * @property {Planner} planner
 * @property {Playback} playback
 * @property {Announcer} announcer
 * @property {() => Promise<void>} loadMusic  requests music again
 */

/** @param {CameraParts} parts */
export function connectCamera(parts) {
  const { page, cameraSession, faceSelection, moodState, planner, playback, announcer, loadMusic } = parts;
  let faceSeenAtMs = 0;
  /** When the first reading without a mood came; NaN once a mood is known. */
  let lookingSinceMs = Number.NaN;
  let startedGently = false;
  /** Until the neutral face was suggested. @type {RestingWatch | null} */
  let restingWatch = wasSuggested() ? null : new RestingWatch();
  connectSwitches();
  connectState();
  connectFaces();
  connectCorrections();
  connectSettings();

  function open() {
    if (!playback.started) playback.wanted = true;
    cameraSession.open();
  }

  function connectSwitches() {
    listen(document, "camera-open", open);
    listen(document, "camera-toggle", () => (cameraSession.isOpen ? cameraSession.close() : open()));
    listen(document, "face-follow", () => {
      moodState.release();
      planner.stopFollowing();
      if (!cameraSession.isOpen) open();
    });
  }

  function connectState() {
    cameraSession.on("opening", () => page.camera.showOpening());
    cameraSession.on("opened", () => {
      page.camera.showOn();
      page.cameraSwitch.show(true);
      page.expression.showNothing();
      faceSeenAtMs = performance.now();
      lookingSinceMs = Number.NaN;
      moodState.startLooking();
    });
    cameraSession.on("closed", () => {
      page.camera.showOff();
      showNoCamera();
    });
    cameraSession.on("trouble", (explanation) => {
      page.camera.showTrouble(explanation);
      showNoCamera();
    });
    cameraSession.on("preview", (picture) => page.camera.draw(picture, null));
    cameraSession.on("feed", showFeed);
    cameraSession.on("reading", ({ reading, picture }) => {
      if (picture !== undefined) page.camera.draw(picture, reading);
      showReading(reading, performance.now());
    });
  }

  function showNoCamera() {
    page.cameraSwitch.show(false);
    page.expression.showNothing();
    page.plane.showGroup(null);
    page.plane.showHalo(null);
    page.settings.neutral.refuse("The camera was turned off. Turn it on, then try again.");
    hideGentleNote();
    moodState.stopLooking();
    if (!moodState.byHand) planner.stopFollowing();
  }

  /** @param {FeedStatus} status */
  function showFeed(status) {
    if (status.state === "open") {
      page.camera.showNotice("");
      sendSettings();
      if (page.queue.inTrouble) loadMusic();
    } else if (status.state === "failed") {
      page.camera.showNotice(status.message);
      page.expression.showNothing();
    } else if (status.state === "waiting") {
      const seconds = Math.ceil(status.retryMs / 1_000);
      page.camera.showNotice(`mien's server is not responding. Start it again; retrying in ${seconds} s.`);
      page.expression.showNothing();
      page.settings.neutral.refuse("mien's server stopped responding. Start it again, then try again.");
    }
  }

  /** @param {Reading} reading @param {number} nowMs */
  function showReading(reading, nowMs) {
    faceSelection.update(reading);
    moodState.update(reading, nowMs);
    followMood(reading, nowMs);
    page.camera.showNotice("");
    page.plane.showGroup(reading.group);
    page.plane.showHalo(moodState.source === "face" ? reading.halo : null);
    if (reading.correction !== null) showCorrection(reading.correction);
    if (reading.learning !== null) page.settings.neutral.showLearning(reading.learning, reading.hint);
    const mine = reading.faces.find(({ id }) => id === reading.me);
    const activity = mine?.activity ?? null;
    const seen = { mood: activity === null ? null : reading.mood, activity, posed: reading.posed };
    if (restingWatch?.update(seen, nowMs)) suggestNeutral();
    if (mine !== undefined && reading.mood !== null && !reading.held) {
      faceSeenAtMs = nowMs;
      page.expression.show(mine, nowMs);
    } else if (reading.hint !== null || Math.abs(nowMs - faceSeenAtMs) > FACE_GONE_AFTER_MS) {
      page.expression.showNothing();
    }
  }

  /** Suggests to learn the neutral face, once in this browser, unless it is known. */
  async function suggestNeutral() {
    restingWatch = null;
    if (page.settings.neutral.learning) return;
    const known = await fetchNeutral().then(
      (neutral) => neutral.known,
      () => true,
    );
    if (known) return;
    rememberSuggested();
    page.player.suggestion.show();
  }

  /** Lets the music follow the mood of the face; without a face gentle music starts. @param {Reading} reading @param {number} nowMs */
  function followMood({ mood, music }, nowMs) {
    if (moodState.source === "face" && mood !== null && music !== null) {
      planner.updateFromFace(music);
      page.plane.showMusicMood(music, nowMs);
      if (planner.music !== null) hideGentleNote();
    }
    if (moodState.source !== "looking" || mood !== null || playback.started || !playback.wanted) {
      lookingSinceMs = Number.NaN;
      return;
    }
    if (Number.isNaN(lookingSinceMs) || nowMs < lookingSinceMs) lookingSinceMs = nowMs;
    if (nowMs - lookingSinceMs < START_AFTER_MS || startedGently) return;
    startedGently = true;
    planner.startGently();
    page.player.showNote("Gentle music plays until your mood is known.");
  }

  function hideGentleNote() {
    if (startedGently) page.player.showNote("");
    startedGently = false;
  }

  /** Lets the user's own mood be a label for the face that was seen meanwhile. */
  function connectCorrections() {
    /** @param {MoodCorrection} correction */
    const correct = ({ mood: { valence, arousal }, fromMs }) => {
      const ago_s = Math.min(MAX_AGO_S, Math.max(0, (performance.now() - fromMs) / 1_000));
      cameraSession.sendCommand({ type: "correct", valence, arousal, ago_s });
    };
    listen(page.plane, "mood-settle", correct);
    listen(document, "mood-choose", () => page.moodChoice.open(performance.now()));
    listen(document, "mood-correct", correct);
  }

  /** @param {NonNullable<Reading["correction"]>} correction */
  function showCorrection({ learnt, error }) {
    if (error !== null) page.player.showNote(errorWords(error), NOTE_MS);
    if (!learnt) {
      if (!moodState.byHand) page.player.showNote("Your face was not seen, so nothing was learnt.", NOTE_MS);
      return;
    }
    page.player.undoNote.offer("mien learns from your correction.", () => {
      undoCorrection().catch((failure) => page.player.showNote(messageOf(failure), NOTE_MS));
    });
  }

  function connectFaces() {
    /** @param {number | null} face */
    const select = (face) => {
      cameraSession.sendCommand({ type: "select", face });
      announcer.announce(face === null ? "Your face is selected automatically." : `Your mood is read from face ${face}.`);
    };
    listen(document, "face-select", select);
    listen(document, "face-automatic", () => select(null));
    listen(document, "face-next", () => select(faceSelection.next()));
  }

  function connectSettings() {
    const steadiness = storedSteadiness();
    if (steadiness !== null) page.settings.showSteadiness(steadiness);
    listen(document, "steadiness-change", (value) => {
      storeSteadiness(value);
      cameraSession.sendCommand({ type: "steadiness", value });
    });
    listen(document, "neutral-open", () => page.settings.learnNeutral());
    listen(document, "neutral-learn", () => {
      if (cameraSession.isOpen) cameraSession.sendCommand({ type: "learn_neutral" });
      else open();
    });
    listen(document, "neutral-cancel", () => cameraSession.sendCommand({ type: "stop_learning" }));
  }

  /** Sends what belongs to a connection, when there is a new one. */
  function sendSettings() {
    const value = storedSteadiness();
    if (value !== null) cameraSession.sendCommand({ type: "steadiness", value });
    if (page.settings.neutral.learning) cameraSession.sendCommand({ type: "learn_neutral" });
  }
}
