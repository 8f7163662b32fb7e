// Fields that name a row of another table: searched suggestions by Tom Select. Without it the name
// is typed. <input data-options="address"> (a form's field) or <input data-source="address"> (a
// filter); data-many takes several names with commas between. Words: data-none, data-failed,
// data-remove ("Remove {name}"); data-title names the row that is chosen already.
"use strict";

const readers = {
  options: ({ options }) => options,
  source: (found) => found.map(({ key, name }) => ({ value: key, title: name })),
};

const piece = (name, className, text) => {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text;
  return element;
};

const ask = async (address, read, text) => {
  const place = new URL(address, window.location.href);
  place.searchParams.set("q", text);
  const answer = await fetch(place, {
    credentials: "same-origin",
    headers: { Accept: "application/json" },
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return read(await answer.json());
};

// What cannot be chosen is an option too, so that the list box holds nothing else.
const notice = (text) => {
  if (!text) return undefined;
  const line = piece("div", "no-results", text);
  line.setAttribute("role", "option");
  line.setAttribute("aria-disabled", "true");
  return line;
};

const drawing = (input, failed) => ({
  option: ({ value, title }) => {
    const line = piece("div", "related-option", title);
    if (value !== title) line.append(" ", piece("span", "related-value", value));
    return line;
  },
  item: ({ value, title }) => {
    const line = piece("div", "related-item", title);
    if (!input.dataset.remove) return line;
    const button = piece("button", "related-remove", "×");
    button.type = "button";
    // Backspace does the same from the keyboard.
    button.tabIndex = -1;
    button.setAttribute("aria-label", input.dataset.remove.replace("{name}", title));
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      input.tomselect.removeItem(value);
      input.tomselect.focus();
    });
    line.append(button);
    return line;
  },
  option_create: null,
  loading: () => undefined,
  no_results: ({ input: text }) => notice(failed.has(text) ? input.dataset.failed : input.dataset.none),
});

const enhance = (input, address, read) => {
  // By text, for answers come in any order.
  const failed = new Set();
  // The list of what is typed would stand beside the one that is searched.
  input.removeAttribute("list");
  const field = new TomSelect(input, {
    valueField: "value",
    labelField: "title",
    searchField: ["title", "value"],
    maxItems: "many" in input.dataset ? null : 1,
    delimiter: "many" in input.dataset ? "," : "\n",
    create: (text) => ({ value: text, title: text }),
    createOnBlur: true,
    persist: false,
    preload: "focus",
    maxOptions: 100,
    hideSelected: true,
    closeAfterSelect: true,
    render: drawing(input, failed),
    load: async (text, done) => {
      try {
        const found = await ask(address, read, text);
        failed.delete(text);
        done(found);
      } catch {
        failed.add(text);
        done();
      }
    },
    onInitialize() {
      if (input.dataset.title) this.updateOption(input.value, { value: input.value, title: input.dataset.title });
    },
  });
  for (const name of ["aria-describedby", "aria-invalid"]) {
    if (input.hasAttribute(name)) field.control_input.setAttribute(name, input.getAttribute(name));
  }
  // It only carries the value from now on; the server says when one is missing.
  input.type = "hidden";
  for (const link of document.querySelectorAll(`a[href="#${CSS.escape(input.id)}"]`)) {
    link.hash = field.control_input.id;
  }
};

for (const [name, read] of Object.entries(readers)) {
  for (const input of document.querySelectorAll(`input[data-${name}]`)) {
    enhance(input, input.dataset[name], read);
  }
}
