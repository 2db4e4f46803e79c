/** Puts the track on the system's media controls and lets its keys work here. */

/** @import {Jukebox} from "./jukebox.js" */

/** @param {Jukebox} jukebox */
export function connectMediaSession(jukebox) {
  const session = navigator.mediaSession;
  if (session === undefined) return;
  session.setActionHandler("play", () => jukebox.play());
  session.setActionHandler("pause", () => jukebox.pause());
  session.setActionHandler("nexttrack", () => jukebox.next());
  session.setActionHandler("previoustrack", () => jukebox.previous());
  session.setActionHandler("seekto", ({ seekTime }) => jukebox.seek(seekTime ?? 0));
  session.setActionHandler("seekbackward", ({ seekOffset }) => jukebox.seek(jukebox.positionS - (seekOffset ?? 10)));
  session.setActionHandler("seekforward", ({ seekOffset }) => jukebox.seek(jukebox.positionS + (seekOffset ?? 10)));
  jukebox.addEventListener("track", () => {
    if (jukebox.current === null) return;
    const { title, artist, album, cover } = jukebox.current.track;
    const artwork = cover === null ? [] : [{ src: new URL(cover, location.href).href }];
    session.metadata = new MediaMetadata({ title, artist, album, artwork });
  });
  jukebox.addEventListener("state", () => {
    session.playbackState = jukebox.playing ? "playing" : "paused";
  });
  jukebox.addEventListener("time", () => {
    const { positionS, decks } = jukebox;
    const duration = decks.durationS;
    if (Number.isFinite(duration)) session.setPositionState({ duration, position: Math.min(positionS, duration) });
  });
}
