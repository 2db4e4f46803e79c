/** Lets a dialog be closed as people expect: by its button, and by a press beside it; Escape works by itself. */

/** @param {Record<string, any>} parts  a `dialog` and its `close` button */
export function makeClosable({ dialog, close }) {
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (/** @type {MouseEvent} */ event) => {
    if (event.target === dialog) dialog.close();
  });
}
