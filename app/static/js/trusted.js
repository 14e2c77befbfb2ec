// Trusted Types: text becomes HTML only in inert documents, where htmx reads our fragments, and never becomes script.
const INERT = ["Document parseHTMLUnsafe", "DOMParser parseFromString"];
window.trustedTypes?.createPolicy("default", {
  createHTML: (text, type, sink) => (text === "" || INERT.includes(sink) ? text : null),
});
