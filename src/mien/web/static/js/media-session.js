/** Shows the track on the operating system's media controls, and handles their keys. */

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
  playback.on("track", () => {
    if (playback.current === null) return;
    const { title, artist, album, cover } = playback.current.track;
    const artwork = cover === null ? [] : [{ src: new URL(cover, location.href).href }];
    session.metadata = new MediaMetadata({ title, artist, album, artwork });
  });
  playback.on("state", () => {
    session.playbackState = playback.playing ? "playing" : "paused";
  });
  playback.on("time", () => {
    const { positionS, crossfader } = playback;
    const duration = crossfader.durationS;
    if (Number.isFinite(duration)) session.setPositionState({ duration, position: Math.min(positionS, duration) });
  });
}
