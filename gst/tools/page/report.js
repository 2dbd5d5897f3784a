/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Zoom and position for the curves. Without this script the page has all its figures. */
"use strict";
(function () {
  const charts = document.querySelector(".charts");
  const data = JSON.parse(document.getElementById("data").textContent);
  const step = data.curves["step-ms"] / 1000;
  const curves = {};
  let count = 1;
  for (const name of Object.keys(data.curves)) {
    if (name !== "step-ms") {
      const { scale, values } = data.curves[name];
      curves[name] = values.map((v) => v === null ? NaN : v / scale);
      count = Math.max(count, values.length);
    }
  }
  const total = count * step;
  if (!charts || !charts.querySelector("figure")) return;
  const figures = [...charts.querySelectorAll("figure")].map((figure) => ({
    title: figure.querySelector("h3").textContent,
    low: Number(figure.dataset.low), high: Number(figure.dataset.high), unit: figure.dataset.unit,
    svg: figure.querySelector("svg"), times: figure.querySelector(".x"),
    paths: [...figure.querySelectorAll("path[data-curve]")], rects: [...figure.querySelectorAll("rect[data-a]")],
  }));
  let from = 0, to = total, at = 0;

  /* text */
  function clock(seconds, decimals) {
    const tenths = Math.round(seconds * 10), whole = Math.floor(tenths / 10);
    const two = (n) => String(n).padStart(2, "0");
    const hours = Math.floor(whole / 3600);
    return (hours ? hours + ":" + two(Math.floor(whole / 60) % 60) : String(Math.floor(whole / 60))) + ":" +
      two(whole % 60) + (decimals ? "." + tenths % 10 : "");
  }
  function number(value, unit) {
    if (Number.isNaN(value)) return "\u2013";
    return value.toFixed(unit ? 1 : 2).replace("-", "\u2212") + (unit ? " " + unit : "");
  }

  /* drawing: the same coordinates as chart.c */
  const x = (seconds) => (seconds - from) / (to - from) * 1000;
  function path(values, low, high) {
    const first = Math.max(0, Math.floor(from / step) - 1), last = Math.min(values.length, Math.ceil(to / step) + 1);
    const join = Math.max(1, Math.ceil((last - first) / 1000));
    const y = (value) => (Math.min(1, Math.max(0, (high - value) / (high - low))) * 100).toFixed(1);
    let text = "", pen = false;
    for (let i = first; i < last; i += join) {
      let least = NaN, most = NaN;
      for (let k = i; k < Math.min(i + join, last); k++) {
        if (Number.isNaN(values[k])) continue;
        least = Number.isNaN(least) ? values[k] : Math.min(least, values[k]);
        most = Number.isNaN(most) ? values[k] : Math.max(most, values[k]);
      }
      if (Number.isNaN(least)) { pen = false; continue; }
      text += (pen ? "L" : "M") + x((i + join / 2) * step).toFixed(1) + " " + y(most);
      if (most > least) text += "V" + y(least);
      pen = true;
    }
    return text;
  }
  function ticks(element) {
    const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
    const most = Math.max(2, Math.floor(element.clientWidth / 70));
    const every = steps.find((s) => (to - from) / s <= most) || 14400;
    element.textContent = "";
    for (let t = Math.ceil(from / every - 1e-6) * every; t <= from + (to - from) * 0.98; t += every) {
      const label = document.createElement("span");
      label.style.left = x(t) / 10 + "%";
      label.textContent = clock(t, every < 1);
      element.append(label);
    }
  }
  function draw() {
    for (const figure of figures) {
      for (const p of figure.paths) p.setAttribute("d", path(curves[p.dataset.curve], figure.low, figure.high));
      for (const r of figure.rects) {
        r.setAttribute("x", x(Number(r.dataset.a)));
        r.setAttribute("width", Math.max(0.6, x(Number(r.dataset.b)) - x(Number(r.dataset.a))));
      }
      ticks(figure.times);
    }
    slider.min = from;
    slider.max = to;
    all.disabled = from === 0 && to === total;
    place(Math.min(to, Math.max(from, at)));
  }

  /* position */
  function words() {
    const index = Math.min(count - 1, Math.floor(at / step));
    return figures.filter((f) => f.paths.length).map((f) => f.title.replace(/,.*/, "") + ": " + f.paths.map((p) =>
      (f.paths.length > 1 ? p.dataset.label + " " : "") + number(curves[p.dataset.curve][index] ?? NaN, f.unit))
      .reverse().join(", "));
  }
  function place(seconds) {
    at = Math.min(total, Math.max(0, seconds));
    for (const figure of figures) {
      figure.cursor.setAttribute("x1", x(at));
      figure.cursor.setAttribute("x2", x(at));
    }
    const texts = words();
    output.textContent = "";
    const time = document.createElement("b");
    time.textContent = clock(at, true);
    output.append(time);
    for (const text of texts) {
      const span = document.createElement("span");
      span.textContent = text;
      output.append(" ", span);
    }
    slider.value = at;
    slider.setAttribute("aria-valuetext", clock(at, true) + "; " + texts.join("; "));
  }
  function show(a, b) {
    const length = Math.min(total, Math.max(2, b - a));
    from = Math.min(total - length, Math.max(0, a));
    to = from + length;
    draw();
  }
  function zoom(factor, about) {
    const length = (to - from) * factor;
    show(about - (about - from) / (to - from) * length, about - (about - from) / (to - from) * length + length);
  }

  /* controls */
  const tools = document.createElement("div"), buttons = document.createElement("div");
  const slider = document.createElement("input"), output = document.createElement("output");
  tools.className = "tools";
  tools.setAttribute("role", "group");
  tools.setAttribute("aria-label", "Zoom and position");
  function button(text, label, action) {
    const b = document.createElement("button");
    b.type = "button";
    b.textContent = text;
    b.setAttribute("aria-label", label);
    b.addEventListener("click", action);
    buttons.append(b, " ");
    return b;
  }
  button("\u2212", "Zoom out", () => zoom(2, at));
  button("+", "Zoom in", () => zoom(0.5, at));
  const all = button("All", "Show all", () => show(0, total));
  slider.type = "range";
  slider.step = step;
  slider.setAttribute("aria-label", "Position");
  slider.addEventListener("input", () => place(Number(slider.value)));
  tools.append(buttons, slider, output);
  charts.prepend(tools);
  for (const figure of figures) {
    figure.cursor = document.createElementNS("http://www.w3.org/2000/svg", "line");
    figure.cursor.setAttribute("class", "cursor");
    figure.cursor.setAttribute("y1", 0);
    figure.cursor.setAttribute("y2", 100);
    figure.svg.append(figure.cursor);
    const seconds = (event) => {
      const box = figure.svg.getBoundingClientRect();
      return from + (event.clientX - box.left) / box.width * (to - from);
    };
    let begun = null;
    figure.svg.addEventListener("pointerdown", (event) => { if (event.pointerType === "mouse") begun = seconds(event); });
    figure.svg.addEventListener("pointermove", (event) => place(seconds(event)));
    figure.svg.addEventListener("pointerup", (event) => {
      const end = seconds(event);
      if (begun !== null && Math.abs(end - begun) > (to - from) / 50) show(Math.min(begun, end), Math.max(begun, end));
      begun = null;
    });
    figure.svg.addEventListener("dblclick", () => show(0, total));
    figure.svg.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoom(event.deltaY > 0 ? 1.25 : 0.8, seconds(event));
    }, { passive: false });
  }
  tools.addEventListener("keydown", (event) => {
    const action = { "+": () => zoom(0.5, at), "-": () => zoom(2, at), "0": () => show(0, total) }[event.key];
    if (action) { action(); event.preventDefault(); }
  });

  /* Times in tables lead to the curves. */
  for (const cell of document.querySelectorAll("td[data-time]")) {
    const time = Number(cell.dataset.time), jump = document.createElement("button");
    jump.type = "button";
    jump.textContent = cell.textContent;
    jump.title = "Show in the curves";
    jump.addEventListener("click", () => {
      show(time - 10, time + 20);
      place(time);
      charts.scrollIntoView({ block: "start" });
    });
    cell.replaceChildren(jump);
  }
  window.addEventListener("resize", draw);
  window.addEventListener("beforeprint", () => show(0, total));
  draw();
}());
