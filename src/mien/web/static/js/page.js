/** The elements of the page that the modules connect to. */

import { find } from "./dom.js";
import { CameraSwitch } from "./elements/camera-switch.js";
import { CameraView } from "./elements/camera-view.js";
import { ExpressionReading } from "./elements/expression-reading.js";
import { GoalChoice } from "./elements/goal-choice.js";
import { ShortcutsDialog } from "./elements/shortcuts-dialog.js";
import { MoodChoice } from "./elements/mood-choice.js";
import { MoodPlane } from "./elements/mood-plane.js";
import { MoodWords } from "./elements/mood-words.js";
import { MusicPlayer } from "./elements/music-player.js";
import { RequestBox } from "./elements/request-box.js";
import { SettingsDialog } from "./elements/settings-dialog.js";
import { TrackDialog } from "./elements/track-dialog.js";
import { UpNext } from "./elements/up-next.js";
import "./elements/theme-switch.js";

/** @typedef {ReturnType<typeof findPage>} Page */

export function findPage() {
  return {
    camera: find(document, "camera-view", CameraView),
    cameraSwitch: find(document, "camera-switch", CameraSwitch),
    words: find(document, "mood-words", MoodWords),
    moodChoice: find(document, "mood-choice", MoodChoice),
    plane: find(document, "mood-plane", MoodPlane),
    expression: find(document, "expression-reading", ExpressionReading),
    goals: find(document, "goal-choice", GoalChoice),
    request: find(document, "request-box", RequestBox),
    queue: find(document, "up-next", UpNext),
    player: find(document, "music-player", MusicPlayer),
    trackDialog: find(document, "track-dialog", TrackDialog),
    shortcutsDialog: find(document, "shortcuts-dialog", ShortcutsDialog),
    settings: find(document, "settings-dialog", SettingsDialog),
    announcer: find(document, "#announcer", HTMLElement),
    showSettings: find(document, "#show-settings", HTMLButtonElement),
    showKeys: find(document, "#show-keys", HTMLButtonElement),
  };
}
