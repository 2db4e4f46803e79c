/** What browsers have and TypeScript's library of the DOM does not. */

interface MediaStreamTrackProcessorInit {
  track: MediaStreamTrack;
  maxBufferSize?: number;
}

interface Window {
  /** Not in every browser (mediacapture-transform). */
  MediaStreamTrackProcessor?: new (
    init: MediaStreamTrackProcessorInit,
  ) => { readonly readable: ReadableStream<VideoFrame> };
}
