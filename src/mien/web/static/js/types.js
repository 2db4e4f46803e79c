/**
 * The types of the page's values; names and units are those of the server's JSON.
 *
 * @typedef {{valence: number, arousal: number, words?: string}} Mood  valence and arousal -1..1
 * @typedef {"angry"|"disgust"|"fear"|"happy"|"sad"|"surprise"|"neutral"} Emotion
 * @typedef {[number, number]} Point  pixels of the frame that was sent, from its top left
 * @typedef {"covered"|"no_face"|"too_dark"|"too_bright"|"too_far"|"cut_off"|"turned_away"|"blurred"} HintName
 * @typedef {{name: HintName, sentence: string}} Hint  what would improve the reading, such as "Turn towards the light."
 * @typedef {{score: number, hint: Hint | null}} Quality  score 0..1
 * @typedef {"rest"|"onset"|"apex"|"offset"} Phase
 * @typedef {{speaking: boolean, blinking: boolean, phase: Phase}} Activity
 * @typedef {{yaw_deg: number, pitch_deg: number, roll_deg: number}} HeadPose  positive: turned to the person's right,
 *   raised, tilted to the right shoulder
 * @typedef {{horizontal_deg: number, vertical_deg: number, looking_at_screen: boolean}} Gaze  relative to the head,
 *   positive to the person's right and upwards
 * @typedef {{share: number, done: boolean, error: ServerError | null}} Learning  of the neutral face, share 0..1
 * @typedef {{known: boolean, since: string | null}} Neutral  an ISO date
 * @typedef {{type: "select", face: number | null} | {type: "steadiness", value: number} | {type: "learn_neutral"} |
 *   {type: "stop_learning"} | {type: "correct", valence: number, arousal: number, ago_s: number}} LiveCommand
 * @typedef {{mood: Mood, fromMs: number}} MoodCorrection  fromMs: when the mood was shown that it corrects
 * @typedef {{count: number, distance_before: number | null, distance_now: number | null, problem: ServerError | null}}
 *   Corrections  distances are averages on the plane
 * @typedef {Mood & {moment: Mood, settled: boolean, held_s: number, away_s: number}} MusicMood  the mood that music follows
 * @typedef {{brows: number, lids: number, jaw: number, mouth_corners: number}} Motion  change per second, 0 when still
 * @typedef {{id: number, box: [number, number, number, number], contours: Record<string, Point[]>, expression: Emotion,
 *   probabilities: Record<Emotion, number>, confident: boolean, valence: number, arousal: number, words: string,
 *   motion: Motion | null, quality: Quality | null, activity: Activity | null, head_pose: HeadPose | null,
 *   gaze: Gaze | null}} Face
 * @typedef {{type: "reading", index: number, width: number, height: number, read_ms: number, faces: Face[],
 *   me: number | null, chosen: boolean, mood: Mood | null, held: boolean, posed: boolean, music: MusicMood | null, region: string | null, group: Mood | null,
 *   hint: Hint | null, skipped: boolean, learning: Learning | null,
 *   correction: {learnt: boolean, error: ServerError | null} | null, corrections: number, halo: number | null,
 *   wait: boolean}} Reading  wait: until "next"
 * @typedef {Reading | {type: "next"} | {type: "error", error: ServerError, index: number | null, wait: boolean | null}}
 *   Answer  "next" asks for a fresh frame, and for no other that may have been sent; an error without index is a command's
 * @typedef {{id: string, title: string, artist: string, album: string, duration_s: number, year: number | null,
 *   genre: string, credit: string, tempo_bpm: number | null, valence: number | null, arousal: number | null,
 *   relative: boolean, loudness_lufs: number | null, audio: string, cover: string | null}} Track  relative: whether
 *   valence and arousal are the place among the library's tracks
 * @typedef {{kind: "similar" | "radio" | "artist", track: Track} | {kind: "path", track: Track, from: Track}} Seed  what
 *   the music is about in place of a mood: tracks like one, a radio from it or from its artist, or a path that leads to it
 * @typedef {"match"|"lift"|"calm"|"focus"|"energise"|"contrast"} Goal
 * @typedef {"like"|"never"} Rating
 * @typedef {"arousal"|"valence"|"in_library"|"tempo"|"same_tempo"|"same_key"|"mood_fit"|"path_fit"|"progress"|"goal_fit"|"goal"|
 *   "similar"|"requested"|"artist_taste"|"style_taste"|"tempo_taste"|"mood_taste"|"recently_played"} ReasonKind
 * @typedef {{kind: ReasonKind, value: number | string | null}} Reason
 * @typedef {{track: Track, score: number, propensity: number, reasons: Reason[], chosenFor?: string,
 *   plannedFrom?: Mood, slot?: Mood}} Pick  the last three are the page's own: chosenFor the words for what the pick
 *   should fit, plannedFrom the mood that its list begins with, slot the mood at its place in the list
 * @typedef {"gently"|"promptly"|"at once"} FollowPolicy
 * @typedef {{position_s: number | null, kind: "quiet" | "beat" | null}} ExitPoint
 * @typedef {{goal: Mood, path: Mood[], picks: Pick[], request?: MusicRequest}} Station
 * @typedef {{words: string, meaning: string, rest: string}} RequestPart  rest: the request without these words
 * @typedef {{names_mood: boolean, parts: RequestPart[], unknown: {words: string, rest: string}[], unmet: string[]}}
 *   MusicRequest  unmet: what no track is
 * @typedef {{location: string, tracks: number}} AwayFolder  a folder or server that is away, and its number of tracks
 * @typedef {{version: string, model: string, tracks: number, starter_tracks: number, away: AwayFolder[],
 *   steadiness: number, follow: FollowPolicy, emotions: Record<Emotion, Point>}} Status
 * @typedef {{kind: string, message: string, statement: string, problem: string, remedy: string,
 *   remedy_code: string | null, subject: string | null}} ServerError  message: all parts in one sentence;
 *   statement: the subject and the problem, without a full stop
 * @typedef {ImageBitmap | HTMLCanvasElement} Picture
 */

export {};
