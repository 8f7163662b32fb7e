// Suggestions for fields that name a row of another table; without this the name is typed.
"use strict";

document.querySelectorAll("input[data-options]").forEach((input) => {
  const list = document.getElementById(input.getAttribute("list"));
  let asked = 0;
  input.addEventListener("input", async () => {
    const number = ++asked;
    const text = input.value.split(",").pop().trim();
    const answer = await fetch(`${input.dataset.options}?q=${encodeURIComponent(text)}`);
    if (!answer.ok || number !== asked) return;
    const { options } = await answer.json();
    list.replaceChildren(
      ...options.map(({ value, title }) => {
        const option = document.createElement("option");
        option.value = value;
        option.textContent = title;
        return option;
      }),
    );
  });
});
