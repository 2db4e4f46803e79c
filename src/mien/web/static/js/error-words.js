/** Words for errors of the server, with remedies as the page's user carries them out. */

/** @import {ServerError} from "./types.js" */

/** @type {Record<string, string>} by `remedy_code` */
const REMEDIES = {
  reinstall: "install mien again",
  choose_data_folder: "set MIEN_HOME to a folder of yours, and start mien again",
  add_folder: "add its folder again in the terminal: mien library add DIR",
  list_folders: "list the added folders in the terminal: mien library list",
  scan: "update the library in the terminal: mien library add DIR, or for a server: mien source hear",
  add_music: "add music in the terminal: mien library add DIR",
  add_server: "add a music server in the terminal: mien source add",
  sign_in: "sign in again in the terminal: mien source login",
  sign_in_with_name: "sign in with a name and a password in the terminal: mien source add",
  sign_in_with_key: "sign in with an API key in the terminal: mien source add",
};

/**
 * An error in one sentence that ends with a full stop.
 *
 * @param {ServerError} error
 * @returns {string}
 */
export function errorWords({ message, statement, remedy_code: code }) {
  const remedy = code === null ? undefined : REMEDIES[code];
  if (remedy === undefined) return message;
  return `${statement}; ${remedy}.`;
}
