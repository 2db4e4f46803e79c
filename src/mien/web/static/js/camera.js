/** Opens the camera, and explains in one sentence and one thing to do why it did not open. */

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
  /** @param {CameraTrouble} trouble @param {string} [detail] */
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
    const { name, message } = /** @type {DOMException} */ (error);
    throw new CameraError(TROUBLE_BY_ERROR[name] ?? "broken", message);
  }
}

/** @param {CameraError} error @returns {Explanation} */
export function explain({ trouble, message }) {
  switch (trouble) {
    case "refused":
      return {
        title: "The camera is blocked for this page.",
        remedy: "Allow it in the menu beside the address, then try again.",
      };
    case "missing":
      return { title: "There is no camera here.", remedy: "Plug one in, and it goes on by itself." };
    case "busy":
      return { title: "Another program is using the camera.", remedy: "Close that program, then try again." };
    case "unplugged":
      return { title: "The camera went away.", remedy: "Plug it in again, and it goes on by itself." };
    case "insecure":
      return {
        title: "Browsers give the camera to this machine's own address only.",
        remedy: "Open mien there.",
        link: { text: "Open on localhost", href: `http://localhost:${location.port}/` },
      };
    default:
      return { title: "The camera did not start.", remedy: `Try again. The browser says: ${message}.` };
  }
}
