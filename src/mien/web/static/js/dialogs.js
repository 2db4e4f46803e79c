/** Closes a dialog by its button or by a click outside of it; browsers close it with Escape. */

/** @param {{dialog: HTMLDialogElement, close: HTMLButtonElement}} parts */
export function makeClosable({ dialog, close }) {
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
}
