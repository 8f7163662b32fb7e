// Settings: the preview follows name and colour while they are typed. The server mixes the shades.
"use strict";

const form = document.querySelector(".settings-form");
const colour = form.elements.colour;
const picker = document.getElementById("colour-picker");

const showName = () => {
  for (const place of document.querySelectorAll("[data-shows=shown_name]")) {
    place.textContent = form.elements.shown_name.value.trim() || place.dataset.otherwise;
  }
};

let style = document.querySelector("link[href*='/merchant-style/']");
const showColour = () => {
  const digits = /^#?([0-9a-f]{6})$/.exec(colour.value.trim().toLowerCase());
  if (!digits) {
    if (!colour.value.trim()) { style?.remove(); style = null; }
    return;
  }
  picker.value = `#${digits[1]}`;
  const next = document.createElement("link");
  next.rel = "stylesheet";
  next.href = `/merchant-style/${digits[1]}.css`;
  // The old one goes once the new one is there, so that nothing flickers.
  const old = style;
  next.addEventListener("load", () => old?.remove());
  style = next;
  document.head.append(next);
};

form.elements.shown_name.addEventListener("input", showName);
colour.addEventListener("input", showColour);
picker.addEventListener("change", () => {
  colour.value = picker.value;
  showColour();
});
