// Upload form: drop a file, say before sending that it is too large. Upload page: follow it.
"use strict";

const form = document.getElementById("upload-form");
if (form) {
  const input = form.elements.file;
  const place = form.querySelector("[data-drop]");
  const chosen = form.querySelector("[data-chosen]");
  const tooLarge = document.getElementById("too-large");

  const isTooLarge = () => Boolean(input.files[0]) && input.files[0].size > Number(form.dataset.mostBytes);
  const show = () => {
    chosen.textContent = input.files[0] ? input.files[0].name : "";
    tooLarge.hidden = !isTooLarge();
    // What the server refused stays marked until another file is chosen.
    if (input.files[0]) input.setAttribute("aria-invalid", String(isTooLarge()));
  };

  input.addEventListener("change", show);
  for (const name of ["dragenter", "dragover"]) {
    place.addEventListener(name, (event) => {
      event.preventDefault();
      place.classList.add("over");
    });
  }
  place.addEventListener("dragleave", (event) => {
    if (!place.contains(event.relatedTarget)) place.classList.remove("over");
  });
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    place.classList.remove("over");
    if (event.dataTransfer.files.length) {
      input.files = event.dataTransfer.files;
      show();
    }
  });
  form.addEventListener("submit", (event) => {
    if (!isTooLarge()) return;
    event.preventDefault();
    input.focus();
  });
  show();
}

const section = document.querySelector("[data-progress]");
if (section) {
  const numbers = new Intl.NumberFormat(document.documentElement.lang);
  const bar = section.querySelector("progress");
  const said = section.querySelector("[data-said]");
  const line = section.querySelector("[data-line]");
  let tenths = -1;

  const put = (name, value) => {
    const place = section.querySelector(`[data-count="${name}"]`);
    if (place) place.textContent = numbers.format(value);
  };

  // Somebody who listens is told at every tenth, not at every change.
  const tell = (state) => {
    const now = state.to_load ? Math.floor((10 * state.loaded) / state.to_load) : 0;
    if (now === tenths) return;
    tenths = now;
    said.textContent = line.textContent.replace(/\s+/g, " ").trim();
  };

  const draw = (state) => {
    if (state.finished || state.status !== section.dataset.status) {
      window.location.reload();
      return;
    }
    put("checked", state.checked);
    put("loaded", state.loaded);
    if (bar) bar.value = state.loaded;
    tell(state);
    for (const row of section.querySelectorAll("[data-payments]")) {
      const count = state.payments[row.dataset.payments] || 0;
      row.hidden = count === 0;
      row.querySelector("[data-number]").textContent = numbers.format(count);
    }
    window.setTimeout(follow, 1000);
  };

  const follow = async () => {
    try {
      const answer = await fetch(section.dataset.progress, {
        credentials: "same-origin",
        headers: { Accept: "application/json" },
      });
      if (!answer.ok) throw new Error(String(answer.status));
      draw(await answer.json());
    } catch {
      window.setTimeout(follow, 5000);
    }
  };

  window.setTimeout(follow, 1000);
}
