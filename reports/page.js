"use strict";
// What the page can do beyond being read: say what a piece of a figure shows,
// leave variants out, sort and filter tables, and change between light and
// dark. Without it nothing is missing but that.
(() => {
  const all = (what, within = document) => [...within.querySelectorAll(what)];
  const make = (tag, properties = {}, ...inside) => {
    const e = Object.assign(document.createElement(tag), properties);
    e.append(...inside);
    return e;
  };

  // The tip says what a piece of a figure shows.
  const tip = make("div", { id: "tip", hidden: true });
  tip.setAttribute("role", "status");
  document.body.append(tip);
  const say = (svg, x, y, text) => {
    const at = new DOMPoint(x, y).matrixTransform(svg.getScreenCTM());
    tip.textContent = text;
    tip.hidden = false;
    const left = Math.min(at.x + 14, document.documentElement.clientWidth - tip.offsetWidth - 8);
    tip.style.left = Math.max(left, 8) + scrollX + "px";
    tip.style.top = Math.max(at.y - tip.offsetHeight - 12, 8) + scrollY + "px";
  };
  const hush = () => { tip.hidden = true; };

  // A spot is a place of a figure and what stands there.
  const spotsOf = (group) => {
    const { says, unit, points } = group.dataset;
    if (points === undefined) {
      const box = group.getBBox();
      return [{ group, box, x: box.x + box.width / 2, y: box.y + box.height / 2, text: says }];
    }
    return points.split("|").filter(Boolean).map((point) => {
      const [x, y, at, mid, low, high] = point.split(" ");
      const spread = low === undefined ? "" : ` (${low} to ${high})`;
      return { group, x: +x, y: +y, text: `${says}, ${at} ${unit}: ${mid}${spread}` };
    });
  };
  const off = (group) => group.closest(".off") !== null;
  const far = (spot, x, y) => {
    if (!spot.box) return Math.hypot(spot.x - x, spot.y - y);
    const { x: left, y: top, width, height } = spot.box;
    return Math.hypot(Math.max(left - x, 0, x - left - width), Math.max(top - y, 0, y - top - height));
  };
  for (const plot of all(".plot")) {
    const svg = plot.querySelector("svg");
    const groups = all("[data-says]", svg).map(spotsOf);
    const reach = 24;
    let ring = null;
    const show = (spot) => {
      ring?.remove();
      ring = document.createElementNS(svg.namespaceURI, "circle");
      for (const [k, v] of Object.entries({ cx: spot.x, cy: spot.y, r: 4, class: "ring" })) ring.setAttribute(k, v);
      svg.append(ring);
      say(svg, spot.x, spot.y, spot.text);
    };
    const leave = () => { ring?.remove(); ring = null; hush(); };
    plot.addEventListener("pointermove", (event) => {
      const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      let best = null, least = reach;
      for (const spots of groups) {
        if (off(spots[0].group)) continue;
        for (const spot of spots) {
          const d = far(spot, x, y);
          if (d < least) [best, least] = [spot, d];
        }
      }
      best ? show(best) : leave();
    });
    plot.addEventListener("pointerleave", leave);
    plot.addEventListener("blur", leave);
    // By keyboard: left and right along a line, up and down between pieces.
    let row = 0, column = -1;
    plot.addEventListener("keydown", (event) => {
      const shown = groups.filter((spots) => !off(spots[0].group));
      const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
      if (event.key === "Escape") leave();
      if (!step || shown.length === 0) return;
      event.preventDefault();
      row = (row + step[0] + shown.length) % shown.length;
      const spots = shown[row];
      if (spots.length === 1 && step[1]) row = (row + step[1] + shown.length) % shown.length;
      column = Math.min(Math.max(column + step[1], 0), shown[row].length - 1);
      show(shown[row][column]);
    });
  }

  // Switches leave variants out of figures and tables.
  const switches = document.getElementById("switches");
  const names = all("[data-switch]");
  if (names.length > 1) {
    for (const [i, name] of names.entries()) {
      const box = make("input", { type: "checkbox", checked: true });
      box.addEventListener("change", () => {
        for (const e of all(`[data-v="${i}"], [data-column="${i}"]`)) e.classList.toggle("off", !box.checked);
      });
      const chip = name.querySelector("svg").cloneNode(true);
      switches.append(make("label", {}, box, chip, name.dataset.switch));
    }
  }

  // The theme is that of the system until somebody chooses.
  const theme = make("button", { type: "button", id: "theme", textContent: "Light or dark" });
  theme.addEventListener("click", () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });
  switches.append(theme);
  switches.hidden = false;

  // Tables: a heading sorts by name or by how much a variant differs from the
  // baseline, or by value where the table says so, most first; once more
  // restores the order. A field filters.
  for (const table of all("table")) {
    const body = table.tBodies[0], rows = [...body.rows];
    const heads = [...table.tHead.rows[0].cells];
    const plain = table.dataset.sort === "value";
    const value = (r, k) => {
      const v = parseFloat(r.cells[k].dataset.change);
      return Number.isNaN(v) ? (plain ? -Infinity : -1) : plain ? v : Math.abs(v);
    };
    const how = plain ? "sort by value" : "sort by how much it differs from the baseline";
    for (const [k, head] of heads.entries()) {
      if (head.dataset.fixed !== undefined) continue;
      const button = make("button", { type: "button", className: "sort", title: k ? how : "sort by name" });
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const done = head.hasAttribute("aria-sort");
        for (const h of heads) h.removeAttribute("aria-sort");
        const order = [...rows];
        if (!done) {
          head.setAttribute("aria-sort", k ? "descending" : "ascending");
          order.sort((a, b) => (k ? value(b, k) - value(a, k) : a.cells[0].textContent.localeCompare(b.cells[0].textContent)));
        }
        body.append(...order);
      });
    }
    if (rows.length > 8) {
      const field = make("input", { type: "search", placeholder: "filter" });
      field.setAttribute("aria-label", "Filter rows");
      field.addEventListener("input", () => {
        for (const r of rows) r.hidden = !r.cells[0].textContent.toLowerCase().includes(field.value.trim().toLowerCase());
      });
      table.parentElement.before(make("p", { className: "filter" }, field));
    }
  }
})();
