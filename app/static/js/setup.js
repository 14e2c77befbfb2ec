// The one-time code comes behind the # of the link: no server and no proxy on the way sees it there.
const field = document.querySelector("#code");
const code = location.hash.slice(1);

if (field && code) {
  field.value = code;
  field.closest("[data-code-field]").classList.add("filled");
  history.replaceState(null, "", location.pathname); // nor does it stay in the address bar or the history
  document.querySelector("#email, #password").focus();
}
