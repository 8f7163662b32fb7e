// Fills a datalist with what the server suggests for the text typed so far.
"use strict";

for (const list of document.querySelectorAll("datalist[data-source]")) {
  const input = document.querySelector(`input[list="${list.id}"]`);
  let waiting = 0;
  let asked = "";

  const ask = async () => {
    const text = input.value.trim();
    if (!text || text === asked) return;
    asked = text;
    const answer = await fetch(`${list.dataset.source}?q=${encodeURIComponent(text)}`, {
      credentials: "same-origin",
    });
    if (!answer.ok || asked !== text) return;
    const found = await answer.json();
    list.replaceChildren(
      ...found.map(({ key, name }) => {
        const option = document.createElement("option");
        option.value = key;
        option.textContent = name;
        return option;
      }),
    );
  };

  input.addEventListener("input", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(ask, 200);
  });
}
