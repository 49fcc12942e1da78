// Keeps the page up to date: when the board says that something has changed, the same address is fetched again
// and its parts are put in place, without moving the focus or what is scrolled. Without this script the page says as of
// when it is told, and has a link to reload it.
"use strict";

const SPREAD = 200; // milliseconds: everybody is told at the same instant, and need not ask at the same one
const PARTS = ["live", "live-rest"];
const news = document.getElementById("news");
const state = document.getElementById("live-state");
let isFetching = false;
let wanted = document.getElementById("live").dataset.mark;

function say(isOn) {
  state.hidden = false;
  state.textContent = isOn ? state.dataset.on : state.dataset.off;
  state.classList.toggle("lost", !isOn);
}

function keys(root) {
  return new Set([...root.querySelectorAll("[data-row]")].map((row) => row.dataset.row));
}

function markFresh(root, before) {
  for (const row of root.querySelectorAll("[data-row]")) {
    if (!before.has(row.dataset.row)) {
      const tag = document.createElement("span");
      tag.className = "tag tag-fresh";
      tag.textContent = news.dataset.fresh;
      row.classList.add("fresh");
      row.firstElementChild.append(" ", tag);
    }
  }
}

function put(fetched) {
  const focused = document.activeElement?.dataset?.k;
  const scrolled = [...document.querySelectorAll(".scroll")].map((one) => one.scrollLeft);
  const opened = new Set([...document.querySelectorAll("details[open][data-k]")].map((one) => one.dataset.k));
  const before = keys(document);
  for (const id of PARTS) {
    const [old, fresh] = [document.getElementById(id), fetched.getElementById(id)];
    if (old && fresh) {
      markFresh(fresh, before);
      old.replaceWith(document.adoptNode(fresh));
    }
  }
  document.querySelectorAll(".scroll").forEach((one, number) => (one.scrollLeft = scrolled[number] ?? 0));
  document.querySelectorAll("details[data-k]").forEach((one) => (one.open = opened.has(one.dataset.k)));
  if (focused) document.querySelector(`[data-k="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

async function refresh() {
  if (isFetching || document.hidden) return;
  isFetching = true;
  const asked = wanted;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(answer.status);
    const fetched = new DOMParser().parseFromString(await answer.text(), "text/html");
    const passed = Number(document.getElementById("live").dataset.passed ?? 0);
    put(fetched);
    const now = Number(document.getElementById("live").dataset.passed ?? 0);
    if (now > passed) news.textContent = news.dataset.passed.replace("{count}", now);
    say(true);
  } catch {
    say(false);
  } finally {
    isFetching = false;
  }
  if (wanted !== asked) refresh();
}

const events = new EventSource("/events");
events.addEventListener("open", () => say(true));
events.addEventListener("error", () => say(false));
events.addEventListener("mark", (event) => {
  if (event.data === "away") return say(false);
  say(true);
  wanted = event.data;
  if (wanted !== document.getElementById("live").dataset.mark) setTimeout(refresh, Math.random() * SPREAD);
});
document.addEventListener("visibilitychange", () => {
  if (wanted !== document.getElementById("live").dataset.mark) refresh();
});
