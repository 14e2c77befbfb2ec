// What a job's page is fed with: by the link that its watchers share; when that is over, by the page's own address.
export class Refused extends Error {} // to ask again would not help

const LONGEST_MS = 30_000;
const MAY_PASS = [408, 429];
const WORDS = "is no longer updated. Reload the page.";
// "no-cache": the browser's own copy may be of a moment before the job ended; "manual": to sign in is for a person
const request = { headers: { Accept: "application/json" }, cache: "no-cache", redirect: "manual" };

const ask = (url, since) => fetch(since ? `${url}${url.includes("?") ? "&" : "?"}since=${since}` : url, request);

const isRefusal = (status) => status >= 400 && status < 500 && !MAY_PASS.includes(status);

// `kind`: series or tiles; `what`: as the sentence of a refusal calls it.
export async function feed(kind, own, since, what) {
  const link = document.querySelector("#live")?.dataset[kind];
  let reply = link && (await ask(link, since));
  if (!link || reply.status === 404) reply = await ask(own, since);
  if (reply.type === "opaqueredirect") throw new Refused("You are signed out. Reload the page.");
  if (isRefusal(reply.status)) throw new Refused(`${what} ${WORDS}`);
  if (!reply.ok) throw new Error(reply.status);
  return reply.json();
}

// One at a time; what comes meanwhile is done once, after it.
export function inTurn(work) {
  let isBusy = false;
  let isOutdated = false;
  return async () => {
    isOutdated = true;
    if (isBusy) return;
    isBusy = true;
    try {
      while (isOutdated) {
        isOutdated = false;
        await work();
      }
    } finally {
      isBusy = false;
    }
  };
}

// Asks when told to, and by itself after a failure or when nobody tells it any more, until it is complete.
export function follower(ask, isComplete, isAlone, say) {
  let isBusy = false;
  let isRefused = false;
  let failures = 0;
  let timer;
  return async function follow() {
    if (isBusy || isRefused || isComplete()) return;
    isBusy = true;
    clearTimeout(timer);
    try {
      await ask();
      failures = 0;
    } catch (error) {
      failures += 1;
      isRefused = error instanceof Refused;
      if (isRefused) say(error.message);
    }
    isBusy = false;
    if (!isRefused && !isComplete() && (failures || isAlone())) {
      timer = setTimeout(follow, Math.min(LONGEST_MS, 1000 * 2 ** failures));
    }
  };
}
