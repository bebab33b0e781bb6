// Keys, selection and the zone of times. Pages work without it; nothing is decided here and no HTML is made.
(() => {
  "use strict";
  const root = document.documentElement;
  root.setAttribute("data-js", "");
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
  const one = (selector, within = document) => within.querySelector(selector);

  // The one door through which fetched pages become elements: the policy of the page allows no other (Trusted Types),
  // and it makes no scripts.
  if (window.trustedTypes && window.htmx) {
    const policy = window.trustedTypes.createPolicy("htmx", { createHTML: (text) => text });
    window.htmx.registerExtension("borgen", { init: (api) => api.initSecurity(policy) });
  }

  // The browser's zone, so that the next page has times as the reader's clock has them.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const cookie = "zone=" + encodeURIComponent(zone);
  if (zone && !document.cookie.split("; ").includes(cookie)) {
    document.cookie = cookie + "; Path=/; Max-Age=31536000; SameSite=Lax";
  }

  // Rows: an element with data-row; its first link opens it; its checkbox selects it.
  const rows = () => all("[data-row]");
  let current = null;
  const stand = (row) => {
    if (!row) return;
    all("[data-row][data-current]").forEach((other) => other.removeAttribute("data-current"));
    row.setAttribute("data-current", "");
    current = row.id;
    (one("a[href]", row) || row).focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  };
  const here = () => one("[data-row][data-current]") || (current && document.getElementById(current));
  const move = (by) => {
    const list = rows();
    const at = list.indexOf(here());
    stand(list[at < 0 ? 0 : Math.min(Math.max(at + by, 0), list.length - 1)]);
  };

  // Selection: the bar with the verbs of many rows, and how many are selected.
  const boxes = () => all("input[type=checkbox][data-select]");
  let last = null;
  const count = () => {
    const selected = boxes().filter((box) => box.checked).length;
    all("[data-selected]").forEach((place) => { place.textContent = String(selected); });
    all("[data-bulk]").forEach((bar) => { bar.classList.toggle("open", selected > 0); });
  };
  const select = (box, range) => {
    if (range && last) {
      const list = boxes();
      const [from, to] = [list.indexOf(last), list.indexOf(box)].sort((a, b) => a - b);
      if (from >= 0) list.slice(from, to + 1).forEach((other) => { other.checked = box.checked; });
    }
    last = box;
    count();
  };
  document.addEventListener("click", (event) => {
    const target = event.target;
    if (!(target instanceof HTMLInputElement)) return;
    if (target.matches("[data-select]")) select(target, event.shiftKey);
    if (target.matches("[data-select-all]")) {
      boxes().forEach((box) => { box.checked = target.checked; });
      count();
    }
  });

  // Keys, unless they are switched off or something is being typed.
  let go = false;
  const press = (key) => {
    const place = `[data-key="${CSS.escape(key)}"]`;
    const found = one("main " + place) || one(place);
    if (!found) return false;
    const button = found.matches("details, input, textarea, select, button, a") ? found : one("button:not(:disabled)", found);
    if (!button) return false;
    if (button.matches("details")) {
      button.open = true;
      (one("textarea, input:not([type=hidden]), select, button", button) || button).focus();
    } else if (button.matches("input, textarea, select")) {
      button.focus();
      if (button.matches("input[type=radio]")) button.checked = true;
    } else {
      button.click();
    }
    return true;
  };
  // In a list a verb is for the selected rows, or for the one where the reader stands; where rows can't be selected it
  // opens that one, at the place where the verb is.
  const act = (key) => {
    const row = here();
    const box = row && one("[data-select]", row);
    const bar = one("[data-bulk]");
    if (row && row.isConnected && (!box || key === "p" || !bar)) {
      const link = one("a[href]", row);
      if (!link || !link.pathname.startsWith("/cases/")) return false;
      location.assign(link.href.split("#")[0] + "#key-" + key);
      return true;
    }
    if (box && bar && !boxes().some((other) => other.checked)) { box.checked = true; count(); }
    return press(key);
  };
  // A page that was opened for a verb shows where it is; nothing is sent by that.
  const opened = () => {
    const found = /^#key-([aefsp])$/.exec(location.hash);
    const place = found && one(`main [data-key="${found[1]}"]`);
    if (!place) return;
    if (place.matches("details, input")) press(found[1]);
    else { const button = one("button:not(:disabled)", place); if (button) button.focus(); }
  };
  document.addEventListener("DOMContentLoaded", opened);
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLElement && event.target.closest("textarea, select, [contenteditable], input:not([type=checkbox]):not([type=radio])");
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      const search = document.getElementById("search");
      if (search) { event.preventDefault(); search.focus(); }
      return;
    }
    if (root.dataset.keys === "off" || typing || event.ctrlKey || event.metaKey || event.altKey || one("dialog[open]")) return;
    const key = event.key;
    let done = true;
    if (go) {
      go = false;
      if (key === "t") location.assign("/");
      else if (key === "c") location.assign("/customers");
      else done = false;
    } else if (key === "g") go = true;
    else if (key === "j") move(1);
    else if (key === "k") move(-1);
    else if (key === "x" || key === "X") {
      const box = here() && one("[data-select]", here());
      if (box) {
        const range = event.shiftKey || key === "X";
        box.checked = range || !box.checked;
        select(box, range);
      }
    } else if (key === "n") location.assign("/cases/next");
    else if ("aefsp".includes(key) && key.length === 1) done = act(key);
    else if (key === "?") { const keys = document.getElementById("keys"); if (keys) keys.showModal(); }
    else if (key === "Escape") { const back = one("[data-back]"); if (back) back.click(); else done = false; }
    else done = press(key);
    if (done) event.preventDefault();
  });
  document.addEventListener("focusin", (event) => {
    const row = event.target instanceof HTMLElement && event.target.closest("[data-row]");
    if (row && row.id !== current) {
      all("[data-row][data-current]").forEach((other) => other.removeAttribute("data-current"));
      row.setAttribute("data-current", "");
      current = row.id;
    }
  });
  // A live part says when it is not, and asks again: an answer that is a problem changes nothing on the page. A link whose
  // rows do not come is followed, so that the reader sees why.
  const AGAIN_MS = 10000;
  const say = (place, words) => { const told = one(".lost", place); if (told) told.textContent = words ? told.dataset[words] : ""; };
  const liveOf = (event) => event.target instanceof Element && event.target.closest("[hx-sse\\:connect]");
  const statusOf = (detail) => detail.status || (detail.ctx && detail.ctx.response && detail.ctx.response.status) || 0;
  const failed = (event) => {
    const place = liveOf(event);
    if (event.target instanceof HTMLAnchorElement) location.assign(event.target.href);
    else if (place) {
      say(place, statusOf(event.detail) === 401 ? "out" : "lost");
      if (event.target !== place) setTimeout(() => window.htmx.trigger(place, "news"), AGAIN_MS);
    }
  };
  // A problem is swapped too, for nothing.
  const back = (event) => { const place = liveOf(event); if (place && statusOf(event.detail) < 400) say(place, ""); };
  ["htmx:sse:error", "htmx:response:error", "htmx:error"].forEach((name) => document.addEventListener(name, failed));
  ["htmx:sse:after:connection", "htmx:after:swap"].forEach((name) => document.addEventListener(name, back));

  // A part that was fetched anew has lost where the reader stood.
  document.addEventListener("htmx:after:swap", () => {
    const row = current && document.getElementById(current);
    if (row) row.setAttribute("data-current", "");
    count();
    draw();
  });

  // Charts: the numbers stand in a table beside them; the drawing is for the eye only.
  const draw = () => {
    if (!window.uPlot) return;
    all("[data-chart]:not([data-drawn])").forEach((place) => {
      const cells = all("tbody tr", document.getElementById(place.dataset.chart));
      const value = (row, name) => { const cell = one(`[data-${name}]`, row); return cell ? Number(cell.dataset[name]) : null; };
      const times = cells.map((row) => value(row, "at"));
      const lost = cells.map((row) => value(row, "lost"));
      const text = new Map(cells.map((row) => [value(row, "at"), row]));
      const style = getComputedStyle(root);
      const colour = (name) => style.getPropertyValue(name).trim();
      const label = (at, name) => { const row = text.get(at); const cell = row && one(`[data-${name}]`, row); return cell ? cell.textContent.trim() : ""; };
      const nearest = (amount) => { const row = cells.find((one) => value(one, "lost") === amount); return row ? label(value(row, "at"), "lost") : ""; };
      place.setAttribute("data-drawn", "");
      const lang = root.lang === "sv" ? "sv-SE" : "en-GB";
      const short = new Intl.NumberFormat(lang, { notation: "compact", maximumFractionDigits: 1 });
      const hour = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit" });
      new window.uPlot({
        width: place.clientWidth || 300, height: 160,
        legend: { show: false }, cursor: { show: false },
        axes: [
          { stroke: colour("--text-2"), grid: { show: false }, values: (u, all) => all.map((at) => hour.format(new Date(at * 1000))) },
          { stroke: colour("--text-2"), grid: { stroke: colour("--line"), width: 1 }, size: 56, values: (u, all) => all.map((amount) => short.format(amount / 100)) },
        ],
        series: [{}, { stroke: colour("--bad"), width: 2, fill: colour("--bad-soft"), points: { show: false }, value: (u, amount) => nearest(amount) }],
      }, [times, lost], place);
    });
  };
  // Policy files from the reader's computer become fields of the draft; what is in them is only ever text.
  document.addEventListener("change", async (event) => {
    const input = event.target;
    if (!(input instanceof HTMLInputElement) || !input.matches("[data-files]") || !input.form) return;
    for (const file of Array.from(input.files).slice(0, 32)) {
      const name = document.createElement("input");
      name.type = "hidden"; name.name = input.dataset.files; name.value = file.name;
      const text = document.createElement("textarea");
      text.hidden = true; text.name = input.dataset.texts; text.value = await file.text();
      const open = one("textarea.code", input.form);
      if (open && one("input[name=file]", input.form).value === file.name) open.value = text.value;
      else input.form.append(name, text);
    }
    const said = one("[data-files-said]", input.form);
    if (said) said.textContent = said.dataset.filesSaid;
  });

  // A drawing is as wide as its place: a turned or narrowed window has it drawn anew.
  let width = window.innerWidth;
  window.addEventListener("resize", () => {
    if (window.innerWidth === width) return;
    width = window.innerWidth;
    all("[data-chart][data-drawn]").forEach((place) => { place.replaceChildren(); place.removeAttribute("data-drawn"); });
    draw();
  });
  document.addEventListener("DOMContentLoaded", draw);
  count();
})();
