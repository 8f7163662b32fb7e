// What can be said of a page as it stands in the browser. Answers plain data. `known` are shapes of
// parts that have been looked at; what has one of them is marked, and so are repetitions.
(known) => {
  const root = document.documentElement;
  const PLACES = "pre, .figure, [data-scrolls]";
  const name = (element) => {
    const classes = [...element.classList].map((each) => `.${each}`).join("");
    return `${element.localName}${element.id ? `#${element.id}` : ""}${classes}`;
  };
  const shown = (element) =>
    element.checkVisibility({ visibilityProperty: true, opacityProperty: true });

  // What does not fit the screen. What stands in a box that hides its overflow is cut on purpose.
  const tiny = (box) => box.width <= 2 || box.height <= 2;
  const isForEars = (element) => {
    for (let box = element; box && box !== document.body; box = box.parentElement) {
      if (tiny(box.getBoundingClientRect()) && getComputedStyle(box).overflow === "hidden") return true;
    }
    return false;
  };
  const isCut = (element) => {
    for (let box = element.parentElement; box && box !== document.body; box = box.parentElement) {
      if (getComputedStyle(box).overflowX !== "visible") return true;
    }
    return false;
  };
  const wide = [];
  const width = root.clientWidth;
  const scrollsItself = root.scrollWidth > width;
  if (scrollsItself) wide.push("the page scrolls sideways");
  for (const element of document.body.querySelectorAll("*")) {
    if (element.closest(PLACES) || element.closest("svg") || !shown(element)) continue;
    const box = element.getBoundingClientRect();
    const stands = !tiny(box) && box.right > width + 1 && !isForEars(element);
    if (stands && (scrollsItself || !isCut(element))) {
      wide.push(`${name(element)} stands out of the screen`);
    }
    const scrolls = /auto|scroll/.test(getComputedStyle(element).overflowX);
    if (scrolls && element.scrollWidth > element.clientWidth + 1) {
      wide.push(`${name(element)} scrolls sideways`);
    }
  }

  // The shape of a part: which elements stand in which, with which classes and attributes.
  const VALUES = ["type", "role", "aria-invalid", "aria-current", "aria-sort", "rel"];
  const sign = (element) => {
    const values = VALUES.map((each) => element.getAttribute(each)).join("|");
    const names = element.getAttributeNames().filter((each) => !each.startsWith("data-look"));
    const text = [...element.childNodes].some((each) => each.nodeType === 3 && each.data.trim());
    const classes = [...element.classList].sort().join(".");
    return `${element.localName}.${classes}[${names.sort().join(" ")}]${values}${text}`;
  };
  const hash = (text) => {
    let sum = 0x811c9dc5;
    for (let at = 0; at < text.length; at += 1) {
      sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193);
    }
    return (sum >>> 0).toString(16);
  };
  const shape = (part, without) => {
    const paths = new Set();
    const walk = (element, above) => {
      if (element === without || element.localName === "script") return;
      const path = [...above, sign(element)];
      paths.add(path.join(">"));
      if (element.localName === "svg" || element.matches(PLACES)) return;
      for (const child of element.children) walk(child, path.slice(-2));
    };
    walk(part, []);
    return hash([...paths].sort().join("\n"));
  };

  const PARTS = "aside, header, nav, section, form, dialog, details, table, tr, li, dl, .stat";
  const seen = new Set(known);
  const parts = [...document.querySelectorAll(PARTS)].map((part) => {
    const form = hash(shape(part, null) + sign(part.parentElement));
    part.toggleAttribute("data-look-same", seen.has(form));
    seen.add(form);
    return form;
  });

  // What opens when it is pressed: dialogs, menus, folded parts, the sidebar of a phone.
  const boxOf = (opener) => {
    if (opener.localName === "summary") return opener.parentElement;
    const id = opener.dataset.opens ?? opener.getAttribute("aria-controls");
    return document.getElementById(id ?? "palette");
  };
  const OPENERS = "summary, [data-opens], [data-palette], [aria-controls][aria-expanded=false]";
  window.looked ??= 0;
  const boxes = [...document.querySelectorAll(OPENERS)].flatMap((opener) => {
    const box = boxOf(opener);
    if (!box || opener.getAttribute("role") === "combobox") return [];
    box.dataset.lookBox ??= window.looked += 1;
    opener.dataset.lookOpener ??= window.looked += 1;
    const { lookOpener: number, lookBox: into } = { ...opener.dataset, ...box.dataset };
    return [{ number, into, name: name(box), shape: shape(box, null) }];
  });

  const main = document.querySelector("main") ?? document.body;
  const links = [...document.querySelectorAll("a[href]")]
    .filter((each) => each.origin === location.origin && !each.getAttribute("href").startsWith("#"))
    .map((each) => ({
      address: each.pathname + each.search,
      about: each.closest("tr")?.querySelector(".badge-status")?.className ?? "",
      download: each.hasAttribute("download"),
    }));
  const [visit] = performance.getEntriesByType("navigation");
  return {
    wide: [...new Set(wide)].slice(0, 8),
    shapes: [shape(document.body, main), shape(main, null)],
    parts,
    boxes,
    links,
    milliseconds: visit ? Math.round(visit.responseEnd - visit.requestStart) : 0,
  };
}
