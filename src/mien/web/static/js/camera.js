/** Opens the camera; explains in a sentence and a remedy why it could not be opened. */

/** @typedef {"refused" | "missing" | "busy" | "insecure" | "unplugged" | "broken"} CameraTrouble */
/** @typedef {{title: string, remedy: string, link?: {text: string, href: string}}} Explanation */

/** @type {Record<string, CameraTrouble>} */
const TROUBLE_BY_ERROR = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "busy",
  AbortError: "busy",
};

const CONSTRAINTS = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 }, facingMode: "user" };

export class CameraError extends Error {
  /** @param {CameraTrouble} trouble @param {string} [detail]  what the browser reports */
  constructor(trouble, detail = "") {
    super(detail || trouble);
    this.trouble = trouble;
  }
}

/** @returns {Promise<MediaStream>} rejects with a {@link CameraError} */
export async function openCamera() {
  if (navigator.mediaDevices === undefined) throw new CameraError("insecure");
  try {
    return await navigator.mediaDevices.getUserMedia({ video: CONSTRAINTS, audio: false });
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    throw new CameraError(TROUBLE_BY_ERROR[name] ?? "broken", message);
  }
}

/** @param {CameraError} error @returns {Explanation} */
export function explain({ trouble, message }) {
  switch (trouble) {
    case "refused":
      return {
        title: "The camera is blocked for this page.",
        remedy: "Allow it in the menu next to the address, then try again.",
      };
    case "missing":
      return { title: "No camera found.", remedy: "Connect one; mien starts automatically." };
    case "busy":
      return { title: "Another program is using the camera.", remedy: "Close that program, then try again." };
    case "unplugged":
      return { title: "The camera was disconnected.", remedy: "Reconnect it; mien continues automatically." };
    case "insecure":
      return {
        title: "Browsers allow the camera only on this computer's own address.",
        remedy: "Open mien there.",
        link: { text: "Open on localhost", href: `http://localhost:${location.port}/` },
      };
    default:
      return { title: "The camera could not be started.", remedy: `Try again. Your browser reports: ${message}.` };
  }
}
