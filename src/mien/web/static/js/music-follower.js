/** Leaves the current track when the mood has changed, at a quiet place or a beat, and offers to undo that. */

import { fetchExitPoint } from "./api.js";
import { LIMITS, shouldLeave } from "./follow.js";

/** @import {UndoNote} from "./elements/undo-note.js" */
/** @import {Planner} from "./planner.js" */
/** @import {Playback} from "./playback.js" */
/** @import {FollowPolicy, Pick} from "./types.js" */

/** How long the current track fades where it is quiet, and elsewhere. */
const QUIET_FADE_S = 1.5;
const FADE_S = 3;
/** The next quiet place is searched for this far ahead, since the answer takes time. */
const LEAD_S = 0.5;

export class MusicFollower {
  /** @param {{playback: Playback, planner: Planner, undoNote: UndoNote, policy: () => FollowPolicy}} parts */
  constructor({ playback, planner, undoNote, policy }) {
    this.playback = playback;
    this.planner = planner;
    this.undoNote = undoNote;
    this.policy = policy;
  }

  /** The track that is about to be left. @type {Pick | null} */
  #leaving = null;
  /** @type {number[]} */
  #cutsMs = [];

  start() {
    const { playback, planner } = this;
    playback.on("time", () => this.#consider());
    playback.on("track", () => (this.#leaving = null));
    playback.on("left", (left) => this.#handleLeft(left));
    planner.on("planned", () => this.#consider());
  }

  #consider() {
    const { playback, planner } = this;
    const { current, playing } = playback;
    const { wish, plannedFrom, wordsNameMood } = planner;
    if (current === null || !playing || planner.seed !== null || (wordsNameMood && !wish)) return;
    const next = playback.upcoming[0];
    const leave = shouldLeave(this.policy(), {
      current,
      next,
      wanted: wish ? (next?.slot ?? plannedFrom) : plannedFrom,
      music: planner.music,
      wish,
      positionS: playback.positionS,
      untilNextS: playback.untilNextS,
      cutsMs: this.#cutsMs,
      nowMs: performance.now(),
    });
    if (leave && this.#leaving === null) this.#leave(current);
    else if (!leave && this.#leaving !== null) {
      this.#leaving = null;
      playback.stay();
    }
  }

  /** @param {Pick} current */
  async #leave(current) {
    this.#leaving = current;
    const waitS = this.#waitS();
    const fromS = this.playback.positionS + LEAD_S;
    // Without an answer the track fades at once.
    const exit = waitS > 0 ? await fetchExitPoint(current.track.id, fromS, fromS + waitS).catch(() => null) : null;
    if (this.#leaving !== current) return;
    const fadeS = exit?.kind === "quiet" ? QUIET_FADE_S : FADE_S;
    this.playback.leaveAt(exit?.position_s ?? this.playback.positionS, fadeS);
  }

  /** How long a quiet place may be waited for: shorter if the track was kept for its first seconds already. */
  #waitS() {
    const { music, wish } = this.planner;
    const { holdS, waitS } = LIMITS[this.policy()] ?? { holdS: 0, waitS: 0 };
    const lateS = wish || music === null ? 0 : Math.max(0, music.held_s - holdS);
    return Math.max(0, waitS - lateS);
  }

  /** @param {{pick: Pick, positionS: number}} left */
  #handleLeft({ pick, positionS }) {
    this.#cutsMs = [...this.#cutsMs, performance.now()].slice(-10);
    this.planner.setAside(pick);
    this.undoNote.offer(`“${pick.track.title}” was left, since your mood has changed.`, () => {
      const { plannedFrom } = this.planner;
      this.playback.returnTo({ ...pick, plannedFrom, slot: plannedFrom }, positionS);
    });
  }
}
