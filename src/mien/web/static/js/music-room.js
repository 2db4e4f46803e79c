/** Wires what plays: the goal, the queue and its place on the plane, the player, and what a person thinks of a piece. */

import { rememberCrossfade, rememberedCrossfade } from "./crossfade.js";
import { rememberGoal, wordsTowards } from "./goals.js";
import { connectMediaSession } from "./media-session.js";
import { distance } from "./mood-space.js";
import { Opinions } from "./opinions.js";
import { Verdicts } from "./verdicts.js";

/** @import {Announcer} from "./announcer.js" */
/** @import {GoalChoice} from "./elements/goal-choice.js" */
/** @import {MoodPlane} from "./elements/mood-plane.js" */
/** @import {MusicPlayer} from "./elements/music-player.js" */
/** @import {SettingsDialog} from "./elements/settings-dialog.js" */
/** @import {TrackDialog} from "./elements/track-dialog.js" */
/** @import {UpNext} from "./elements/up-next.js" */
/** @import {Jukebox} from "./jukebox.js" */
/** @import {Planner} from "./planner.js" */
/** @import {Station} from "./types.js" */

/** @typedef {{plane: MoodPlane, goals: GoalChoice, queue: UpNext, player: MusicPlayer, about: TrackDialog,
 *   settings: SettingsDialog}} Page */

/** A way shorter than this is none. */
const FAR = 0.1;

/**
 * @param {{page: Page, jukebox: Jukebox, planner: Planner, announcer: Announcer, load: () => Promise<void>}} room
 *   `load` asks for music again
 * @returns {Opinions}
 */
export function wireMusic({ page, jukebox, planner, announcer, load }) {
  page.player.connect(jukebox);
  connectMediaSession(jukebox);
  wireQueue();
  wireGoals();
  wireCrossfade();
  return wireOpinions();

  function wireQueue() {
    /** @type {Pick<Station, "path" | "goal"> | null} */
    let planned = null;
    const showMusic = () => {
      page.queue.show(jukebox.upcoming);
      const [path, target] = planned === null ? [[], null] : [planned.path, targetOf(planned)];
      const upcoming = jukebox.upcoming.map(({ track }) => track);
      page.plane.showMusic({ path, target, current: jukebox.current?.track ?? null, upcoming });
    };
    planner.addEventListener("planned", (event) => {
      planned = detailOf(event);
      page.queue.showAlike(planner.alike);
      showMusic();
    });
    planner.addEventListener("trouble", (event) => {
      page.queue.showTrouble(detailOf(event));
      page.player.note(detailOf(event), 8_000);
    });
    jukebox.addEventListener("wanted", async () => {
      if (!page.queue.inTrouble) return;
      const hadNone = jukebox.current === null;
      await load();
      if (hadNone && jukebox.current !== null) jukebox.play();
    });
    jukebox.addEventListener("queue", showMusic);
    jukebox.addEventListener("track", () => {
      showMusic();
      const { title, artist } = jukebox.current?.track ?? { title: "", artist: "" };
      document.title = `${title} · ${artist} – mien`;
      if (jukebox.wanted) announcer.say(`Now playing: ${title}, ${artist}`);
    });
    document.addEventListener("pick-chosen", (event) => jukebox.jump(detailOf(event)));
    document.addEventListener("pick-pointed", (event) => page.plane.highlight(detailOf(event)));
    document.addEventListener("station-wanted", load);
    document.addEventListener("alike-wanted", (event) => planner.seekAlike(detailOf(event)));
  }

  function wireGoals() {
    page.goals.show(planner.goal);
    document.addEventListener("goal-set", (event) => {
      rememberGoal(detailOf(event));
      announcer.say(`The music leads to ${wordsTowards(detailOf(event))}.`);
      planner.lead(detailOf(event));
    });
  }

  function wireCrossfade() {
    const set = (/** @type {number} */ seconds) => (jukebox.decks.crossfadeS = seconds);
    set(rememberedCrossfade());
    page.settings.showCrossfade(rememberedCrossfade());
    document.addEventListener("crossfade-set", (event) => {
      rememberCrossfade(detailOf(event));
      set(detailOf(event));
    });
  }

  function wireOpinions() {
    const verdicts = new Verdicts();
    const trouble = (/** @type {string} */ sentence) => page.player.note(sentence, 8_000);
    const opinions = new Opinions({ jukebox, verdicts, note: page.player.undoing, announcer, trouble });
    const show = () => {
      page.player.showVerdict(verdicts.of(jukebox.current?.track.id));
      page.about.showVerdict(verdicts.of(page.about.about));
      page.queue.showLiked((id) => verdicts.of(id) === "like");
    };
    verdicts.addEventListener("change", show);
    jukebox.addEventListener("track", show);
    document.addEventListener("pick-asked", (event) => {
      const pick = detailOf(event);
      page.about.open(pick, verdicts.of(pick.track.id));
    });
    document.addEventListener("pick-liked", (event) => opinions.like(detailOf(event)));
    document.addEventListener("pick-unwanted", (event) => opinions.never(detailOf(event), performance.now()));
    // Without the server nothing plays either, and what plays says so.
    verdicts.load().catch(() => undefined);
    return opinions;
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
