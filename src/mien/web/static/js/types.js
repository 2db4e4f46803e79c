/**
 * The values that travel through the page; names and units are those of the server's wire format.
 *
 * @typedef {{valence: number, arousal: number, words?: string}} Mood  valence and arousal -1..1
 * @typedef {"angry"|"disgust"|"fear"|"happy"|"sad"|"surprise"|"neutral"} Emotion
 * @typedef {[number, number]} Point  pixels of the frame that was sent, from its top left
 * @typedef {{brows: number, lids: number, jaw: number, mouth_corners: number}} Motion  change a second, 0 when still
 * @typedef {{id: number, box: [number, number, number, number], contours: Record<string, Point[]>, expression: Emotion,
 *   probabilities: Record<Emotion, number>, confident: boolean, valence: number, arousal: number,
 *   motion: Motion | null}} Face
 * @typedef {{type: "reading", index: number, width: number, height: number, read_ms: number, faces: Face[],
 *   mood: Mood | null}} Reading
 * @typedef {{id: string, title: string, artist: string, album: string, duration_s: number, year: number | null,
 *   genre: string, credit: string, tempo_bpm: number | null, valence: number | null, arousal: number | null,
 *   audio: string, cover: string | null}} Track
 * @typedef {{track: Track, score: number, propensity: number, reason: string}} Pick
 * @typedef {{goal: Mood, path: Mood[], picks: Pick[]}} Station
 * @typedef {{version: string, model: string, tracks: number, starter_tracks: number,
 *   emotions: Record<Emotion, Point>}} Status
 * @typedef {ImageBitmap | HTMLCanvasElement} Picture
 */

export {};
