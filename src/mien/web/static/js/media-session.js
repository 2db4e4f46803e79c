/** Puts the track on the system's media controls and lets its keys work here. */

/** @import {Playback} from "./playback.js" */

/** @param {Playback} playback */
export function connectMediaSession(playback) {
  const session = navigator.mediaSession;
  if (session === undefined) return;
  session.setActionHandler("play", () => playback.play());
  session.setActionHandler("pause", () => playback.pause());
  session.setActionHandler("nexttrack", () => playback.next());
  session.setActionHandler("previoustrack", () => playback.previous());
  session.setActionHandler("seekto", ({ seekTime }) => playback.seek(seekTime ?? 0));
  session.setActionHandler("seekbackward", ({ seekOffset }) => playback.seek(playback.positionS - (seekOffset ?? 10)));
  session.setActionHandler("seekforward", ({ seekOffset }) => playback.seek(playback.positionS + (seekOffset ?? 10)));
  playback.addEventListener("track", () => {
    if (playback.current === null) return;
    const { title, artist, album, cover } = playback.current.track;
    const artwork = cover === null ? [] : [{ src: new URL(cover, location.href).href }];
    session.metadata = new MediaMetadata({ title, artist, album, artwork });
  });
  playback.addEventListener("state", () => {
    session.playbackState = playback.playing ? "playing" : "paused";
  });
  playback.addEventListener("time", () => {
    const { positionS, crossfader } = playback;
    const duration = crossfader.durationS;
    if (Number.isFinite(duration)) session.setPositionState({ duration, position: Math.min(positionS, duration) });
  });
}
