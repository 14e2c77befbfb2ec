// A button beside each secret copies it; without this script the field is selected and copied by hand.
for (const button of document.querySelectorAll("[data-copies]")) {
  const field = document.getElementById(button.dataset.copies);
  const told = document.querySelector(`[data-copied="${button.dataset.copies}"]`);
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      told.textContent = "Copied.";
    } catch {
      told.textContent = "It is selected: press Ctrl+C."; // the clipboard is shut off over plain http
    }
  });
}
