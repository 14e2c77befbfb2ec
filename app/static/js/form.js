// Ctrl+Enter starts the job or sweep from any field; a press on Start answers at once.
const form = document.querySelector("[data-job-form]");

form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
form.addEventListener("submit", (event) => {
  if (event.submitter?.name) return; // it asks, and starts nothing
  const button = form.querySelector("button.primary");
  const file = form.querySelector("#file");
  button.textContent = file && file.files.length ? "Sending the file …" : "Starting …";
  setTimeout(() => (button.disabled = true)); // after the browser has read the form
});
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload(); // back from the job: the button must work again
});
document.querySelector("#summary")?.focus();
