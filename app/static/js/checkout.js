// The payer's choice: help to type a card, encrypt it here, and send the form once.
import { brandOf, digitsOf, expiryOf, expiryTyped, grouped, isCode, isCurrent, isNumber } from "./cards.js";
import { canSeal, seal } from "./jwe.js";

const form = document.querySelector("[data-checkout]");
const pay = form.querySelector(".checkout-pay");
const status = form.querySelector("[data-status]");
const summary = form.querySelector("[data-summary]");
const fields = Object.fromEntries([...form.querySelectorAll("[data-card]")].map((field) => [field.dataset.card, field]));
const keys = Object.entries(JSON.parse(form.dataset.keys));
let busy = false;

const number = () => digitsOf(fields.number.value);
const checks = {
  number: () => isNumber(number()),
  expiry: () => {
    const expiry = expiryOf(fields.expiry.value);
    return expiry !== null && isCurrent(expiry);
  },
  cvc: () => isCode(digitsOf(fields.cvc.value), number()),
  name: () => fields.name.value.trim() !== "",
};

const tell = (name) => {
  const field = fields[name];
  const place = document.getElementById(`card-${name}-error`);
  const right = checks[name]();
  place.textContent = right ? "" : place.dataset.fault;
  field.classList.toggle("is-invalid", !right);
  if (right) field.removeAttribute("aria-invalid");
  else field.setAttribute("aria-invalid", "true");
  return right;
};

// The caret stays behind the same digit however the groups move.
const regroup = (field) => {
  const before = digitsOf(field.value.slice(0, field.selectionStart)).length;
  const typed = grouped(digitsOf(field.value));
  if (typed === field.value) return;
  field.value = typed;
  let at = 0;
  for (let seen = 0; at < typed.length && seen < before; at += 1) seen += /\d/.test(typed[at]) ? 1 : 0;
  field.setSelectionRange(at, at);
};

if (fields.number) {
  const brand = form.querySelector("[data-brand]");
  fields.number.addEventListener("input", () => {
    regroup(fields.number);
    const found = brandOf(number()).name;
    if (brand.textContent !== found) brand.textContent = found;
  });
  fields.expiry.addEventListener("input", (event) => {
    const goesBack = event.inputType?.startsWith("delete") ?? false;
    fields.expiry.value = expiryTyped(fields.expiry.value, goesBack);
  });
  fields.cvc.addEventListener("input", () => {
    fields.cvc.value = digitsOf(fields.cvc.value).slice(0, 4);
  });
  for (const [name, field] of Object.entries(fields)) {
    field.addEventListener("blur", () => {
      if (field.value.trim() !== "") tell(name);
    });
    field.addEventListener("input", () => {
      if (field.hasAttribute("aria-invalid")) tell(name);
    });
  }
}

const summarize = (faults) => {
  const box = document.createElement("div");
  box.className = "errors-summary";
  box.tabIndex = -1;
  box.setAttribute("role", "alert");
  const title = document.createElement("h2");
  title.textContent = form.dataset.faulty;
  const list = document.createElement("ul");
  for (const [target, sentence] of faults) {
    const line = document.createElement("li");
    const link = document.createElement(target ? "a" : "span");
    link.textContent = sentence;
    if (target) {
      link.href = `#${target}`;
      link.addEventListener("click", (event) => {
        event.preventDefault();
        document.getElementById(target).focus();
      });
    }
    line.append(link);
    list.append(line);
  }
  box.append(title, list);
  summary.replaceChildren(box);
  box.focus();
};

const begin = () => {
  busy = true;
  pay.setAttribute("aria-disabled", "true");
  status.textContent = form.dataset.sending;
};

const end = () => {
  busy = false;
  pay.removeAttribute("aria-disabled");
  status.textContent = "";
};

const sealed = () => {
  const expiry = expiryOf(fields.expiry.value);
  const card = JSON.stringify({
    number: number(),
    exp_month: expiry.month,
    exp_year: expiry.year,
    cvc: digitsOf(fields.cvc.value),
    holder: fields.name.value.trim(),
  });
  return Promise.all(keys.map(async ([account, jwk]) => [account, await seal(jwk, card)]));
};

const add = (name, value) => {
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name, value });
  form.append(field);
};

const sendCard = async () => {
  const wrong = Object.keys(checks).filter((name) => !tell(name));
  if (wrong.length) {
    summarize(wrong.map((name) => [fields[name].id, document.getElementById(`card-${name}-error`).dataset.fault]));
    return;
  }
  if (!canSeal()) {
    summarize([["", form.dataset.insecure]]);
    return;
  }
  begin();
  try {
    for (const [account, jwe] of await sealed()) add(`sealed.${account}`, jwe);
  } catch {
    end();
    summarize([["", form.dataset.insecure]]);
    return;
  }
  form.submit();
};

form.addEventListener("submit", (event) => {
  if (busy) {
    event.preventDefault();
    return;
  }
  if (new FormData(form).get("method") === "card") {
    event.preventDefault();
    sendCard();
    return;
  }
  begin();
});

if (window.matchMedia("(pointer: coarse)").matches) form.elements.flow.value = "intent";

// Back from the bank by the browser's own memory: the form that was sent is shown anew.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.replace(form.dataset.page);
});

summary.querySelector(".errors-summary")?.focus();
