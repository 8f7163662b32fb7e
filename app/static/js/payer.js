// The payer's page: count down to the deadline, and show it anew when something has changed.
"use strict";

const SOON = 3000;
const LATER = 15000;
const SOON_FOR = 5 * 60 * 1000;
const DAY = 24 * 60 * 60;

// Right after a choice the way to the bank is gone by itself; coming back, the payer stays here.
if (window.location.hash === "#go") {
  window.history.replaceState(null, "", window.location.pathname);
  const onward = document.querySelector("a[data-goes]");
  if (onward) window.location.assign(onward.href);
}

const section = document.querySelector("[data-state]");
const opened = Date.now();

const again = () => window.location.replace(section.dataset.page);

const clock = section.querySelector("[data-deadline]");
if (clock) {
  const ends = Date.parse(clock.dataset.deadline);
  const two = (number) => String(number).padStart(2, "0");
  const tick = () => {
    const left = Math.max(0, Math.ceil((ends - Date.now()) / 1000));
    const [hours, minutes, seconds] = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
    if (left < DAY) clock.textContent = hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
    // The server's clock decides; it is asked below.
    if (left) window.setTimeout(tick, 1000);
  };
  tick();
}

const look = async () => {
  if (!document.hidden) {
    try {
      const answer = await fetch(section.dataset.state, { headers: { Accept: "application/json" } });
      if (answer.ok && (await answer.json()).version !== section.dataset.version) {
        again();
        return;
      }
    } catch {
      // Without a network there is no news; the next look may have some.
    }
  }
  window.setTimeout(look, Date.now() - opened < SOON_FOR ? SOON : LATER);
};

window.setTimeout(look, SOON);
