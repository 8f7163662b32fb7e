// Before the page is drawn: the theme of the system where the reader has not chosen one.
"use strict";

(() => {
  const root = document.documentElement;
  root.classList.remove("no-js");
  if (root.dataset.theme !== "auto") return;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const follow = () => { root.dataset.bsTheme = dark.matches ? "dark" : "light"; };
  dark.addEventListener("change", follow);
  follow();
})();
