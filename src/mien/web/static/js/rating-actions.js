/** Lets a person like a piece, or never want it again, and take that back: it is said, done and answered here. */

/** @import {Announcer} from "./announcer.js" */
/** @import {UndoNote} from "./elements/undo-note.js" */
/** @import {Playback} from "./playback.js" */
/** @import {Pick, Rating} from "./types.js" */
/** @import {Ratings} from "./ratings.js" */

/** A second press so soon was meant for the piece that is gone, not for the one that plays now. */
const SAME_PRESS_MS = 1_000;

export class RatingActions {
  /** @param {{playback: Playback, ratings: Ratings, note: UndoNote, announcer: Announcer,
   *   trouble: (sentence: string) => void}} parts */
  constructor({ playback, ratings, note, announcer, trouble }) {
    this.playback = playback;
    this.ratings = ratings;
    this.note = note;
    this.announcer = announcer;
    this.trouble = trouble;
  }

  #neverAtMs = Number.NEGATIVE_INFINITY;

  /** Likes a piece; likes it no longer, if it was liked. @param {Pick | null} pick */
  async like(pick) {
    if (pick === null) return;
    const said = await this.#say(pick, (before) => (before === "like" ? null : "like"));
    if (said === null) return;
    const title = `“${pick.track.title}”`;
    const sentence = said.now === "like" ? `More like ${title} from now on.` : `${title} is no longer liked.`;
    this.note.offer(sentence, () => this.#say(pick, () => said.before));
  }

  /** A piece never comes again, and goes at once. @param {Pick | null} pick @param {number} nowMs */
  async never(pick, nowMs) {
    if (pick === null || Math.abs(nowMs - this.#neverAtMs) < SAME_PRESS_MS) return;
    this.#neverAtMs = nowMs;
    // It is said before the piece is skipped, so that the skip is known to belong to it.
    const said = await this.#say(pick, () => "never");
    if (said === null) return;
    this.playback.drop(pick.track.id);
    this.note.offer(`“${pick.track.title}” will not come again.`, async () => {
      if ((await this.#say(pick, () => (said.before === "never" ? null : said.before))) === null) return;
      this.playback.putNext(pick);
      this.announcer.say(`“${pick.track.title}” comes next.`);
    });
  }

  /** @param {Pick} pick @param {(before: Rating | null) => Rating | null} choose */
  #say(pick, choose) {
    return this.ratings.say(pick.track.id, choose).catch((error) => {
      this.trouble(error.message);
      return null;
    });
  }
}
