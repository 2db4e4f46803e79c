/** Connects the music to the page: the goal, the queue and its tracks on the plane, the player and the ratings. */

import { storeCrossfade, storedCrossfade } from "./crossfade.js";
import { listen } from "./events.js";
import { storedFollow, storeFollow } from "./follow.js";
import { storeGoal, wordsTowards } from "./goals.js";
import { connectMediaSession } from "./media-session.js";
import { distance } from "./mood-space.js";
import { MusicFollower } from "./music-follower.js";
import { RatingActions } from "./rating-actions.js";
import { Ratings } from "./ratings.js";
import { seedWords } from "./seed-words.js";

/** @import {Announcer} from "./announcer.js" */
/** @import {Page} from "./page.js" */
/** @import {Planner} from "./planner.js" */
/** @import {Playback} from "./playback.js" */
/** @import {Mood, Station} from "./types.js" */

/** How long the page shows an error. */
const TROUBLE_MS = 8_000;
/** A path shorter than this is not shown. */
const MIN_PATH = 0.1;

/**
 * @param {{page: Page, playback: Playback, planner: Planner, announcer: Announcer, loadMusic: () => Promise<void>}} parts
 *   `loadMusic` requests music again
 * @returns {RatingActions}
 */
export function connectMusic({ page, playback, planner, announcer, loadMusic }) {
  page.player.connect(playback);
  connectMediaSession(playback);
  connectQueue();
  connectRequest();
  connectGoals();
  connectCrossfade();
  connectFollowing();
  return connectRatings();

  function connectQueue() {
    /** @type {{path: Mood[], target: Mood | null}} */
    let planned = { path: [], target: null };
    const showMusic = () => {
      page.queue.show(playback.upcoming);
      const upcoming = playback.upcoming.map(({ track }) => track);
      page.plane.showMusic({ ...planned, current: playback.current?.track ?? null, upcoming });
    };
    planner.on("planned", (station) => {
      planned = { path: station.path, target: targetOf(station) };
      page.queue.showSeed(planner.seed);
      page.request.show(station.request ?? null);
      showMusic();
    });
    planner.on("trouble", (sentence) => {
      page.queue.showTrouble(sentence);
      page.player.showNote(sentence, TROUBLE_MS);
    });
    playback.on("wanted", async () => {
      if (!page.queue.inTrouble) return;
      const hadNone = playback.current === null;
      await loadMusic();
      if (hadNone && playback.current !== null) playback.play();
    });
    playback.on("queue", showMusic);
    playback.on("track", () => {
      showMusic();
      const { title, artist } = playback.current?.track ?? { title: "", artist: "" };
      document.title = `${title} · ${artist} – mien`;
      if (playback.wanted) announcer.announce(`Now playing: ${title}, ${artist}`);
    });
    listen(document, "pick-play", (pick) => playback.jump(pick));
    listen(document, "pick-hover", (id) => page.plane.highlight(id));
    listen(document, "station-retry", loadMusic);
    listen(document, "play-about", async (seed) => {
      const problem = await planner.playAbout(seed);
      if (problem === "" && seed !== null) announcer.announce(`${seedWords(seed)}.`);
    });
  }

  function connectRequest() {
    listen(document, "request-words", async (words) => {
      if (!playback.started) playback.wanted = true;
      const problem = await planner.ask(words);
      page.request.showProblem(problem);
      if (problem === "" && words !== "") announcer.announce(`The music is chosen for “${words}”.`);
    });
  }

  function connectGoals() {
    page.goals.show(planner.goal);
    listen(document, "goal-change", (goal) => {
      storeGoal(goal);
      announcer.announce(`The music leads to ${wordsTowards(goal)}.`);
      planner.setGoal(goal);
    });
  }

  function connectCrossfade() {
    playback.crossfader.crossfadeS = storedCrossfade();
    page.settings.showCrossfade(storedCrossfade());
    listen(document, "crossfade-change", (seconds) => {
      storeCrossfade(seconds);
      playback.crossfader.crossfadeS = seconds;
    });
  }

  function connectFollowing() {
    const stored = storedFollow();
    if (stored !== null) page.settings.showFollow(stored);
    listen(document, "follow-change", storeFollow);
    const policy = () => page.settings.follow;
    new MusicFollower({ playback, planner, undoNote: page.player.undoNote, policy }).start();
  }

  function connectRatings() {
    const ratings = new Ratings();
    const showTrouble = (/** @type {string} */ sentence) => page.player.showNote(sentence, TROUBLE_MS);
    const actions = new RatingActions({ playback, ratings, undoNote: page.player.undoNote, announcer, showTrouble });
    const show = () => {
      page.player.showRating(ratings.of(playback.current?.track.id));
      page.trackDialog.showRating(ratings.of(page.trackDialog.trackId));
      page.queue.showLiked((id) => ratings.of(id) === "like");
    };
    ratings.on("change", show);
    ratings.on("change", () => planner.forget((id) => ratings.of(id) === "never"));
    playback.on("track", show);
    listen(document, "pick-details", (pick) => {
      const current = playback.started ? (playback.current?.track ?? null) : null;
      page.trackDialog.open(pick, ratings.of(pick.track.id), current);
    });
    listen(document, "pick-like", (pick) => actions.toggleLike(pick));
    listen(document, "pick-never", (pick) => actions.never(pick, performance.now()));
    // If the server is away, the player says so.
    ratings.load().catch(() => undefined);
    return actions;
  }
}

/** Where the path leads, null if it stays where it begins. @param {Station} station @returns {Mood | null} */
function targetOf({ path, goal }) {
  return path.length > 0 && distance(path[0], goal) > MIN_PATH ? goal : null;
}
