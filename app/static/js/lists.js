// Comfort for lists: short addresses, filters on a phone, selected rows and their totals.
"use strict";

(() => {
  const language = document.documentElement.lang;

  // Filters

  for (const form of document.querySelectorAll("form[data-filters]")) {
    const toggle = form.querySelector(".filters-toggle");
    toggle.addEventListener("click", () => {
      const open = form.classList.toggle("filters-open");
      toggle.setAttribute("aria-expanded", String(open));
    });

    form.addEventListener("input", (event) => {
      if (event.target.type !== "date") return;
      const custom = form.querySelector('input[name="period"][value="custom"]');
      if (custom) custom.checked = true;
    });

    // What is empty says nothing, so that the address stays one that people can read and send.
    form.addEventListener("formdata", ({ formData }) => {
      for (const [name, value] of [...formData]) {
        const rest = formData.getAll(name).filter((each) => each !== "");
        if (value !== "") continue;
        formData.delete(name);
        for (const each of rest) formData.append(name, each);
      }
    });
  }

  // A file comes, and the page stays: the same form may be sent again.
  for (const form of document.querySelectorAll("form[data-download]")) {
    form.addEventListener("submit", () => window.setTimeout(() => delete form.dataset.sent, 1000));
  }

  // Selected rows

  const bar = document.querySelector("form[data-selection]");
  if (!bar) return;
  const boxes = [...document.querySelectorAll("input[data-pick]")];
  const every = document.querySelector("input[data-pick-all]");
  const number = new Intl.NumberFormat(language);
  const plural = new Intl.PluralRules(language);
  const mark = new Intl.NumberFormat(language, { minimumFractionDigits: 1 })
    .formatToParts(0.5)
    .find(({ type }) => type === "decimal").value;
  let last = null;

  // Exact at any size: the whole part is a BigInt, the decimals are digits.
  const amount = (minor, digits) => {
    const unit = 10n ** BigInt(digits);
    const size = minor < 0n ? -minor : minor;
    const decimals = digits ? mark + String(size % unit).padStart(digits, "0") : "";
    return (minor < 0n ? "−" : "") + number.format(size / unit) + decimals;
  };

  const totals = (picked) => {
    const sums = new Map();
    for (const { dataset } of picked) {
      if (!dataset.currency) continue;
      const sum = sums.get(dataset.currency) || { minor: 0n, digits: Number(dataset.digits) };
      sum.minor += BigInt(dataset.minor);
      sums.set(dataset.currency, sum);
    }
    const words = [...sums].map(([code, sum]) => `${amount(sum.minor, sum.digits)} ${code}`);
    return new Intl.ListFormat(language, { style: "short", type: "unit" }).format(words);
  };

  const show = () => {
    const picked = boxes.filter((box) => box.checked);
    const template = plural.select(picked.length) === "one" ? bar.dataset.one : bar.dataset.other;
    bar.classList.toggle("on", picked.length > 0);
    bar.querySelector("[data-number]").textContent = picked.length
      ? template.replace("{number}", number.format(picked.length))
      : "";
    bar.querySelector("[data-totals]").textContent = totals(picked);
    every.checked = picked.length === boxes.length;
    every.indeterminate = picked.length > 0 && picked.length < boxes.length;
    for (const box of boxes) box.closest("tr").classList.toggle("picked", box.checked);
  };

  for (const box of boxes) {
    // With the shift key, everything between this box and the one before.
    box.addEventListener("click", (event) => {
      if (event.shiftKey && last) {
        const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
        for (const each of boxes.slice(from, to + 1)) each.checked = box.checked;
      }
      last = box;
      show();
    });
  }
  every.addEventListener("change", () => {
    for (const box of boxes) box.checked = every.checked;
    show();
  });
  bar.querySelector("[data-pick-none]").addEventListener("click", () => {
    for (const box of boxes) box.checked = false;
    show();
    every.focus();
  });
  // Going back, the browser ticks again what was ticked.
  window.addEventListener("pageshow", show);
  show();
})();
