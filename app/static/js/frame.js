// What every page can do: copy an id, open a dialog, show the menu on a phone, close menus.
"use strict";

(() => {
  const copy = async (button) => {
    await navigator.clipboard.writeText(button.dataset.copy);
    const said = button.querySelector(".visually-hidden");
    const before = said.textContent;
    button.classList.add("copied");
    said.textContent = button.dataset.copied;
    window.setTimeout(() => {
      button.classList.remove("copied");
      said.textContent = before;
    }, 2000);
  };

  const sidebar = document.getElementById("sidebar");
  const burger = document.querySelector("[data-sidebar]");
  const showSidebar = (open) => {
    sidebar.classList.toggle("open", open);
    burger.setAttribute("aria-expanded", String(open));
    if (open) sidebar.querySelector("a").focus();
  };

  if (burger) {
    burger.setAttribute("role", "button");
    burger.setAttribute("aria-expanded", "false");
    burger.setAttribute("aria-controls", "sidebar");
    burger.addEventListener("click", (event) => {
      event.preventDefault();
      showSidebar(!sidebar.classList.contains("open"));
    });
    burger.addEventListener("keydown", (event) => {
      if (event.key === " ") burger.click();
    });
  }

  document.addEventListener("click", (event) => {
    const copying = event.target.closest("[data-copy]");
    if (copying) copy(copying);
    const opener = event.target.closest("[data-opens]");
    if (opener) {
      event.preventDefault();
      document.getElementById(opener.dataset.opens).showModal();
    }
    const closer = event.target.closest("[data-closes]");
    if (closer) closer.closest("dialog").close();
    for (const menu of document.querySelectorAll("details.account-menu[open], details.popover-menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
    if (burger && sidebar.classList.contains("open")) {
      if (!sidebar.contains(event.target) && !burger.contains(event.target)) showSidebar(false);
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.account-menu[open], details.popover-menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    if (burger && sidebar.classList.contains("open")) {
      showSidebar(false);
      burger.focus();
    }
  });

  // A form that was sent must not be sent twice by an impatient hand.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  if (navigator.platform.startsWith("Mac")) {
    for (const key of document.querySelectorAll("kbd[data-mac]")) key.textContent = key.dataset.mac;
  }

  const faults = document.querySelector(".errors-summary");
  if (faults) faults.focus();
})();
