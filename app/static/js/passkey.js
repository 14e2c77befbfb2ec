// Passkeys: asks our server for a question, has the browser's owner sign it, and brings back the answer.
const form = document.querySelector("[data-passkey]");
const canDoIt = window.PublicKeyCredential && PublicKeyCredential.parseCreationOptionsFromJSON && !/^[\d.]+$|^\[/.test(location.hostname);

if (form && canDoIt) {
  form.hidden = false;
  document.querySelector("[data-no-passkeys]")?.remove();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    say("");
    go().catch((error) => say(wordsOf(error))).finally(() => (button.disabled = false));
  });
}

async function go() {
  const question = await ask(form.dataset.question, new FormData(form));
  const credential = form.dataset.passkey === "registration"
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(question) })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(question) });
  const { to } = await ask(form.dataset.answer, JSON.stringify(credential), { "Content-Type": "application/json" });
  location.assign(to);
}

async function ask(url, body, headers = {}) {
  const token = form.querySelector("[name=csrf_token]").value;
  const response = await fetch(url, { method: "POST", body, headers: { ...headers, "X-CSRFToken": token } });
  const isJson = response.headers.get("Content-Type")?.includes("json");
  if (response.ok && isJson) return response.json();
  const { error, fields = {} } = isJson ? await response.json() : { error: "That did not work. Reload the page and try again." };
  throw new Refusal([error, ...Object.entries(fields).map(([name, words]) => `The ${name} ${words}.`)].join(" "));
}

class Refusal extends Error {}

function wordsOf(error) {
  if (error instanceof Refusal) return error.message;
  if (error.name === "InvalidStateError") return "This device has a passkey for your account already.";
  return "No passkey was given: it was cancelled, or took too long.";
}

function say(words) {
  form.querySelector("[data-said]").textContent = words;
}
