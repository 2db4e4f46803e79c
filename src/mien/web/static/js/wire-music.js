/** Wires what plays: the goal, the queue and its place on the plane, the player, and what a person thinks of a piece. */

import { storeCrossfade, storedCrossfade } from "./crossfade.js";
import { storeGoal, wordsTowards } from "./goals.js";
import { connectMediaSession } from "./media-session.js";
import { distance } from "./mood-space.js";
import { RatingActions } from "./rating-actions.js";
import { Ratings } from "./ratings.js";

/** @import {Announcer} from "./announcer.js" */
/** @import {GoalChoice} from "./elements/goal-choice.js" */
/** @import {MoodPlane} from "./elements/mood-plane.js" */
/** @import {MusicPlayer} from "./elements/music-player.js" */
/** @import {SettingsDialog} from "./elements/settings-dialog.js" */
/** @import {TrackDialog} from "./elements/track-dialog.js" */
/** @import {UpNext} from "./elements/up-next.js" */
/** @import {Playback} from "./playback.js" */
/** @import {Planner} from "./planner.js" */
/** @import {Station} from "./types.js" */

/** @typedef {{plane: MoodPlane, goals: GoalChoice, queue: UpNext, player: MusicPlayer, about: TrackDialog,
 *   settings: SettingsDialog}} Page */

/** A way shorter than this is none. */
const FAR = 0.1;

/**
 * @param {{page: Page, playback: Playback, planner: Planner, announcer: Announcer, load: () => Promise<void>}} room
 *   `load` asks for music again
 * @returns {RatingActions}
 */
export function wireMusic({ page, playback, planner, announcer, load }) {
  page.player.connect(playback);
  connectMediaSession(playback);
  wireQueue();
  wireGoals();
  wireCrossfade();
  return wireRatings();

  function wireQueue() {
    /** @type {Pick<Station, "path" | "goal"> | null} */
    let planned = null;
    const showMusic = () => {
      page.queue.show(playback.upcoming);
      const [path, target] = planned === null ? [[], null] : [planned.path, targetOf(planned)];
      const upcoming = playback.upcoming.map(({ track }) => track);
      page.plane.showMusic({ path, target, current: playback.current?.track ?? null, upcoming });
    };
    planner.addEventListener("planned", (event) => {
      planned = detailOf(event);
      page.queue.showSimilarTo(planner.similarTo);
      showMusic();
    });
    planner.addEventListener("trouble", (event) => {
      page.queue.showTrouble(detailOf(event));
      page.player.note(detailOf(event), 8_000);
    });
    playback.addEventListener("wanted", async () => {
      if (!page.queue.inTrouble) return;
      const hadNone = playback.current === null;
      await load();
      if (hadNone && playback.current !== null) playback.play();
    });
    playback.addEventListener("queue", showMusic);
    playback.addEventListener("track", () => {
      showMusic();
      const { title, artist } = playback.current?.track ?? { title: "", artist: "" };
      document.title = `${title} · ${artist} – mien`;
      if (playback.wanted) announcer.say(`Now playing: ${title}, ${artist}`);
    });
    document.addEventListener("pick-play", (event) => playback.jump(detailOf(event)));
    document.addEventListener("pick-hover", (event) => page.plane.highlight(detailOf(event)));
    document.addEventListener("station-retry", load);
    document.addEventListener("similar-tracks", (event) => planner.playSimilarTo(detailOf(event)));
  }

  function wireGoals() {
    page.goals.show(planner.goal);
    document.addEventListener("goal-change", (event) => {
      storeGoal(detailOf(event));
      announcer.say(`The music leads to ${wordsTowards(detailOf(event))}.`);
      planner.lead(detailOf(event));
    });
  }

  function wireCrossfade() {
    const set = (/** @type {number} */ seconds) => (playback.crossfader.crossfadeS = seconds);
    set(storedCrossfade());
    page.settings.showCrossfade(storedCrossfade());
    document.addEventListener("crossfade-change", (event) => {
      storeCrossfade(detailOf(event));
      set(detailOf(event));
    });
  }

  function wireRatings() {
    const ratings = new Ratings();
    const trouble = (/** @type {string} */ sentence) => page.player.note(sentence, 8_000);
    const ratingActions = new RatingActions({ playback, ratings, note: page.player.undoing, announcer, trouble });
    const show = () => {
      page.player.showRating(ratings.of(playback.current?.track.id));
      page.about.showRating(ratings.of(page.about.about));
      page.queue.showLiked((id) => ratings.of(id) === "like");
    };
    ratings.addEventListener("change", show);
    playback.addEventListener("track", show);
    document.addEventListener("pick-details", (event) => {
      const pick = detailOf(event);
      page.about.open(pick, ratings.of(pick.track.id));
    });
    document.addEventListener("pick-like", (event) => ratingActions.like(detailOf(event)));
    document.addEventListener("pick-never", (event) => ratingActions.never(detailOf(event), performance.now()));
    // Without the server nothing plays either, and what plays says so.
    ratings.load().catch(() => undefined);
    return ratingActions;
  }
}

/** Where the way leads, null where it stays. @param {Pick<Station, "path" | "goal">} planned */
function targetOf({ path, goal }) {
  return path.length > 0 && distance(path[0], goal) > FAR ? goal : null;
}

/** @param {Event} event @returns {any} */
function detailOf(event) {
  return /** @type {CustomEvent} */ (event).detail;
}
