// The search box of every page: ⌘K, Ctrl K or / opens it; it asks while one types and goes where
// one chooses. Nothing that was typed is kept.
"use strict";

(() => {
  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const form = dialog.querySelector("form");
  const input = dialog.querySelector("input");
  const list = dialog.querySelector("[role=listbox]");
  const note = dialog.querySelector("[role=status]");
  const hint = dialog.querySelector(".palette-hint");
  const groupTemplate = dialog.querySelector("#palette-group");
  const hitTemplate = dialog.querySelector("#palette-hit");
  const words = dialog.dataset;
  const DEBOUNCE_MS = 120;
  let timer = 0;
  let asking = null;

  const options = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector("[aria-selected=true]");

  const choose = (option) => {
    chosen()?.setAttribute("aria-selected", "false");
    if (!option) {
      input.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };

  const show = (groups) => {
    list.replaceChildren(...groups.map(drawGroup));
    const found = options().length;
    list.hidden = found === 0;
    input.setAttribute("aria-expanded", String(found > 0));
    choose(options()[0]);
    return found;
  };

  const drawGroup = (group, index) => {
    const box = groupTemplate.content.cloneNode(true).firstElementChild;
    const heading = box.querySelector(".palette-heading");
    heading.id = `palette-group-${index}`;
    heading.textContent = group.label;
    box.setAttribute("aria-labelledby", heading.id);
    box.append(...group.hits.map((hit, number) => drawHit(hit, `palette-hit-${index}-${number}`)));
    return box;
  };

  const drawIcon = (use, name) => {
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${name}`));
  };

  const drawHit = (hit, id) => {
    const line = hitTemplate.content.cloneNode(true).firstElementChild;
    line.id = id;
    line.href = hit.href;
    line.querySelector(".hit-title").textContent = hit.title;
    line.querySelector(".hit-note").textContent = hit.note;
    line.querySelector(".hit-amount").textContent = hit.amount;
    const badge = line.querySelector(".badge-status");
    const icon = line.querySelector(".hit-icon");
    if (hit.status) {
      badge.classList.add(`badge-${hit.tone}`);
      drawIcon(badge.querySelector("use"), hit.icon);
      badge.querySelector(".hit-status").textContent = hit.status;
      icon.remove();
    } else {
      drawIcon(icon.querySelector("use"), hit.icon);
      badge.remove();
    }
    return line;
  };

  // Luhn's sum over 13 to 19 digits: such a text never leaves the browser. The server looks closer.
  const isCardNumber = (text) => {
    const digits = text.replace(/[\s.\-/_]/g, "");
    if (!/^\d{13,19}$/.test(digits)) return false;
    const sum = [...digits].reverse().reduce((total, digit, place) => {
      const value = Number(digit) * (place % 2 ? 2 : 1);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
    return sum % 10 === 0;
  };

  const ask = async (text) => {
    asking = new AbortController();
    const { signal } = asking;
    const place = new URL(form.action);
    place.searchParams.set("q", text);
    note.textContent = words.waiting;
    try {
      const answer = await fetch(place, { headers: { Accept: "application/json" }, signal });
      if (answer.redirected) window.location.reload();
      const { groups, fault } = await answer.json();
      const found = show(groups);
      const many = found === 1 ? words.one : words.many.replace("{number}", found);
      note.textContent = fault || (found ? many : words.none);
    } catch (error) {
      if (error.name === "AbortError") return;
      show([]);
      note.textContent = words.failed;
    }
  };

  const typed = () => {
    window.clearTimeout(timer);
    asking?.abort();
    const text = input.value.trim();
    hint.hidden = text !== "";
    if (text && !isCardNumber(text)) {
      timer = window.setTimeout(ask, DEBOUNCE_MS, text);
      return;
    }
    show([]);
    note.textContent = text ? words.refused : "";
  };

  const open = () => {
    if (document.querySelector("dialog[open]")) return;
    dialog.showModal();
    input.focus();
  };

  const move = (step) => {
    const all = options();
    if (all.length === 0) return;
    choose(all[(all.indexOf(chosen()) + step + all.length) % all.length]);
  };

  const isField = (element) => element.closest("input, textarea, select, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey) return;
    const command = event.ctrlKey || event.metaKey;
    const isK = command && !event.shiftKey && event.key.toLowerCase() === "k";
    const isSlash = !command && event.key === "/" && !isField(event.target);
    if (isK || isSlash) {
      event.preventDefault();
      open();
    }
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-palette]") || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    open();
  });

  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });

  dialog.addEventListener("close", () => {
    input.value = "";
    typed();
  });

  input.addEventListener("input", typed);

  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      move(step);
    } else if (event.key === "Enter" && chosen()) {
      event.preventDefault();
      chosen().click();
    }
  });

  form.addEventListener("submit", (event) => {
    if (!input.value.trim() || isCardNumber(input.value)) event.preventDefault();
  });

  list.addEventListener("mousemove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option !== chosen()) choose(option);
  });
})();
