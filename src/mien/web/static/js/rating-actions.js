/** The user's actions on a track: like it, never play it again, and undo. */

import { messageOf } from "./api.js";

/** @import {Announcer} from "./announcer.js" */
/** @import {UndoNote} from "./elements/undo-note.js" */
/** @import {Playback} from "./playback.js" */
/** @import {Ratings} from "./ratings.js" */
/** @import {Pick, Rating} from "./types.js" */

/** A second press so soon was meant for the track that was just removed, not for the one that plays now. */
const SAME_PRESS_MS = 1_000;

export class RatingActions {
  /** @param {{playback: Playback, ratings: Ratings, undoNote: UndoNote, announcer: Announcer,
   *   showTrouble: (sentence: string) => void}} parts */
  constructor({ playback, ratings, undoNote, announcer, showTrouble }) {
    this.playback = playback;
    this.ratings = ratings;
    this.undoNote = undoNote;
    this.announcer = announcer;
    this.showTrouble = showTrouble;
  }

  #neverAtMs = Number.NEGATIVE_INFINITY;

  /** Likes a track, or removes the like. @param {Pick | null} pick */
  async toggleLike(pick) {
    if (pick === null) return;
    const rated = await this.#rate(pick, (before) => (before === "like" ? null : "like"));
    if (rated === null) return;
    const title = `“${pick.track.title}”`;
    const sentence = rated.now === "like" ? `More like ${title} from now on.` : `${title} is no longer liked.`;
    this.undoNote.offer(sentence, () => this.#rate(pick, () => rated.before));
  }

  /** Removes a track from playback now and in the future. @param {Pick | null} pick @param {number} nowMs */
  async never(pick, nowMs) {
    if (pick === null || Math.abs(nowMs - this.#neverAtMs) < SAME_PRESS_MS) return;
    this.#neverAtMs = nowMs;
    // Rated before the track is skipped, so that the server knows what the skip means.
    const rated = await this.#rate(pick, () => "never");
    if (rated === null) return;
    this.playback.remove(pick.track.id);
    this.undoNote.offer(`“${pick.track.title}” will not be played again.`, async () => {
      if ((await this.#rate(pick, () => (rated.before === "never" ? null : rated.before))) === null) return;
      this.playback.playNext(pick);
      this.announcer.announce(`“${pick.track.title}” plays next.`);
    });
  }

  /** @param {Pick} pick @param {(before: Rating | null) => Rating | null} choose */
  #rate(pick, choose) {
    return this.ratings.rate(pick.track.id, choose).catch((error) => {
      this.showTrouble(messageOf(error));
      return null;
    });
  }
}
