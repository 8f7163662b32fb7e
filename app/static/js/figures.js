// Draws the figures of a page when they come near: <div class="figure" data-figure="address"
// data-failed="sentence" role="img" aria-labelledby="…"><p class="figure-waiting">…</p></div>.
// The JSON names no colours: meta.colour of a trace is the name of a CSS variable, or a list of
// them for its marks; a trace without one takes the next of --chart-1 … --chart-8, or of
// layout.meta.colours. A click on a mark opens the address that its customdata begins with.
// Templates and titles hold no <b>, <i> or <a>: Plotly writes those as inline styles, which the
// page's policy forbids; <br> and <extra> are fine.
// Plotly and its styles come with the first figure: data-plotly and data-style of this script.
"use strict";

(() => {
  const { nonce, dataset: files } = document.currentScript;
  const palette = Array.from({ length: 8 }, (_, index) => `--chart-${index + 1}`);
  const NEAR = "400px";
  // Powers of ten would be written with inline styles, and no table writes them so.
  const PLAIN_NUMBERS = { exponentformat: "none", separatethousands: true };
  const drawn = new Map();

  const arrival = (element) =>
    new Promise((resolve, reject) => {
      element.addEventListener("load", resolve);
      element.addEventListener("error", () => reject(new Error("not loaded")));
      document.head.append(element);
    });

  let loading;
  const load = () => {
    // By this id and class Plotly knows that it needs to write no styles into the page.
    const style = Object.assign(document.createElement("link"), {
      id: "plotly.js-style-global",
      className: "no-inline-styles",
      rel: "stylesheet",
      href: files.style,
    });
    const script = Object.assign(document.createElement("script"), { src: files.plotly, nonce });
    loading ??= arrival(style).then(() => arrival(script));
    return loading;
  };

  // A variable may lead to another one: the browser says which colour that is in the end.
  const reader = (place) => {
    const probe = document.createElement("span");
    probe.hidden = true;
    place.append(probe);
    const read = (name) => {
      probe.style.color = `var(${name})`;
      return getComputedStyle(probe).color;
    };
    return { read, done: () => probe.remove() };
  };

  // What lies behind the figure. Plotly mixes its labels' colours with it.
  const groundOf = (place) => {
    const { backgroundColor } = getComputedStyle(place);
    const isClear = backgroundColor === "rgba(0, 0, 0, 0)";
    return isClear && place.parentElement ? groundOf(place.parentElement) : backgroundColor;
  };

  // Black or white, whichever is read more easily on a colour (relative luminance of WCAG).
  const inkOn = (colour) => {
    const [red, green, blue] = colour.match(/[\d.]+/g).map((part) => {
      const share = Number(part) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000" : "#fff";
  };

  // Names are shown as they are: Plotly would take tags in them for its own markup.
  const TEXTS = ["name", "text", "x", "y", "labels"];
  const literal = (value) => {
    if (Array.isArray(value)) return value.map(literal);
    return typeof value === "string" ? value.replaceAll("<", "&lt;") : value;
  };
  const worded = (trace) =>
    Object.fromEntries(
      Object.entries(trace).map(([key, value]) => [
        key,
        TEXTS.includes(key) ? literal(value) : value,
      ]),
    );

  const axes = (layout, colours) =>
    Object.fromEntries(
      Object.entries(layout)
        .filter(([name]) => /^[xy]axis\d*$/.test(name))
        .map(([name, axis]) => [name, { ...PLAIN_NUMBERS, ...axis, ...colours }]),
    );

  const paint = (trace, colours) => {
    const list = [colours].flat();
    const marker = { ...trace.marker, color: colours };
    if (trace.type === "scatter") return { ...trace, marker, line: { ...trace.line, color: list[0] } };
    if (trace.type === "pie") return { ...trace, marker: { ...trace.marker, colors: list } };
    const inks = Array.isArray(colours) ? colours.map(inkOn) : inkOn(colours);
    return { ...trace, marker, insidetextfont: { ...trace.insidetextfont, color: inks } };
  };

  const themed = (place, { data, layout }) => {
    const { read, done } = reader(place);
    const ink = read("--bs-body-color");
    const quiet = read("--bs-secondary-color");
    const line = read("--bs-border-color");
    const ground = groundOf(place);
    const order = layout.meta?.colours ?? palette;
    const traces = data.map((trace, index) => {
      const named = trace.meta?.colour ?? order[index % order.length];
      return paint(worded(trace), Array.isArray(named) ? named.map(read) : read(named));
    });
    const { fontFamily } = getComputedStyle(place);
    done();
    const axis = { gridcolor: line, linecolor: line, zerolinecolor: line, tickcolor: line };
    return [
      traces,
      {
        ...layout,
        ...axes({ xaxis: {}, yaxis: {}, ...layout }, { ...axis, tickfont: { color: quiet } }),
        autosize: true,
        font: { ...layout.font, family: fontFamily, color: ink },
        paper_bgcolor: ground,
        plot_bgcolor: ground,
        hoverlabel: {
          ...layout.hoverlabel,
          bgcolor: ground,
          bordercolor: line,
          font: { family: fontFamily, color: ink },
        },
      },
    ];
  };

  const open = ({ points: [point] }) => {
    const [link] = [point.customdata].flat();
    if (!link) return;
    const address = new URL(link, window.location.href);
    if (address.origin === window.location.origin) window.location.assign(address);
  };

  const fit = new ResizeObserver((changes) => {
    for (const { target } of changes) if (target.clientWidth) Plotly.Plots.resize(target);
  });

  const draw = async (place) => {
    const waiting = place.querySelector(".figure-waiting");
    try {
      const [answer] = await Promise.all([
        fetch(place.dataset.figure, {
          credentials: "same-origin",
          headers: { Accept: "application/json" },
        }),
        load(),
      ]);
      if (!answer.ok) throw new Error(String(answer.status));
      const figure = await answer.json();
      waiting?.remove();
      await Plotly.newPlot(place, ...themed(place, figure), { displayModeBar: false });
      drawn.set(place, figure);
      place.on("plotly_click", open);
      fit.observe(place);
    } catch {
      // An image has no words inside; a group has.
      place.setAttribute("role", "group");
      place.replaceChildren(waiting ?? document.createElement("p"));
      place.firstElementChild.textContent = place.dataset.failed ?? "";
    }
  };

  const approach = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        approach.unobserve(target);
        draw(target);
      }
    },
    { rootMargin: NEAR },
  );
  for (const place of document.querySelectorAll("[data-figure]")) approach.observe(place);

  new MutationObserver(() => {
    for (const [place, figure] of drawn) Plotly.react(place, ...themed(place, figure));
  }).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
})();
