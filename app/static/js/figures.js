// Draws every figure that the page names; a click on a mark opens the payments behind it.
"use strict";

const draw = async (place) => {
  const waiting = place.querySelector(".figure-waiting");
  try {
    const answer = await fetch(place.dataset.figure, {
      credentials: "same-origin",
      headers: { Accept: "application/json" },
    });
    if (!answer.ok) throw new Error(String(answer.status));
    const { data, layout } = await answer.json();
    waiting.remove();
    await Plotly.newPlot(place, data, layout, { displayModeBar: false, responsive: true });
    place.on("plotly_click", ({ points }) => {
      const [link] = points[0].customdata;
      if (link.startsWith("/")) window.location.assign(link);
    });
  } catch {
    waiting.textContent = "The figure could not be drawn. Its numbers stand in the table below.";
  }
};

for (const place of document.querySelectorAll("[data-figure]")) draw(place);
