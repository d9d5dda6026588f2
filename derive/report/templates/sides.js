// Two articles side by side, their passages linked, and the evidence for the direction.

const kinds = ["identical", "minor", "reworded"];
const signs = ["=", "≈", "≠"];
const spoken = ["identical", "minor changes", "reworded"];
let panels = [];
let gutter = null;

/** Opens the view of pair i; the focus goes to its heading. */
function open(i) {
  const pair = data.pairs[i];
  if (opened === null) opener = document.activeElement;
  opened = i;
  rows.forEach((row, j) => row.classList.toggle("chosen", j === i));
  $("view").hidden = false;
  $("view-title").replaceChildren(`${i + 1}. `, make("bdi", null, articleOf(pair.a).name), " and ", make("bdi", null, articleOf(pair.b).name));
  $("view-head").replaceChildren(...headOf(pair));
  fill(pair);
  const place = visible().indexOf(i);
  $("before").disabled = place < 1;
  $("after").disabled = place < 0 || place >= visible().length - 1;
  try { history.replaceState(null, "", "#pair-" + (i + 1)); } catch { /* a page in a frame has no address of its own */ }
  $("view-title").focus({ preventScroll: true });
  $("view").scrollIntoView({ block: "start" });
  // Where the first passage would be out of sight, both sides begin with it.
  const first = panels.map((panel) => reach(panel, 0));
  if (first[0] && first[1] && first.some((at, side) => at.top > 0.7 * panels[side].clientHeight)) {
    panels[0].scrollTop = first[0].top - 40;
    meet(0, 0);
  }
  draw();
}
const visible = () => [...table.tBodies[0].rows].filter((row) => !row.hidden).map((row) => rows.indexOf(row));

function headOf(pair) {
  const [verdict, first, second, ...facts] = pair.said;
  const parts = [make("p", { class: "lead", dir: "auto" }, verdict)];
  const shares = make("ul", { class: "shares" });
  for (const sentence of [first, second, ...facts]) shares.append(make("li", { dir: "auto" }, sentence.replace(/\.$/, "") + "."));
  parts.push(shares);
  if (!pair.evidence.length) {
    parts.push(make("p", { class: "soft" }, "No evidence speaks for either direction."));
    return parts;
  }
  const heads = ["What was found", "Speaks for", "Weight (log-odds)", "First ◂ ▸ second", "The weight is"];
  const body = make("tbody");
  for (const line of pair.evidence) {
    const [found, favours, weight, origin, bar] = line;
    body.append(make("tr", null, make("td", { dir: "auto" }, found), make("td", { dir: "auto" }, favours),
      make("td", { class: "number" }, weight), make("td", { class: "bar-cell" }, barOf(bar)), make("td", null, origin)));
  }
  parts.push(make("table", { class: "evidence" },
    make("caption", null, "Evidence for the direction, line by line"),
    make("thead", null, make("tr", null, ...heads.map((words, k) => make("th", { scope: "col", class: k === 2 && "number" }, words)))),
    body));
  return parts;
}

/** A weight as a bar: to the left for the first text, to the right for the second, around the middle for a common source. */
function barOf([start, length, side]) {
  return shape("svg", { class: "weight", viewBox: "-62 -7 124 14", width: 124, height: 14, "aria-hidden": "true" },
    shape("path", { d: "M0,-7v14" }), shape("rect", { class: side, x: start, y: -4, width: length, height: 8 }));
}

function fill(pair) {
  panels = [];
  gutter = null;
  const numbers = [pair.a, pair.b];
  if (!pair.passages) {
    $("sides").replaceChildren(make("p", { class: "note" },
      "There was no room on this page for these two texts. The pair is told in full by: derive explain, with both names and --in."));
    return;
  }
  panels = numbers.map((number, side) => {
    const article = articleOf(number);
    const text = make("div", { class: "panel", tabindex: "0", role: "region", "aria-label": `Text of ${article.name}`, dir: "auto" });
    text.append(...pieces(article, pair.passages, side, numbers));
    return text;
  });
  gutter = shape("svg", { class: "gutter", "aria-hidden": "true" });
  const [left, right] = panels.map((panel, side) => {
    const article = articleOf(numbers[side]);
    return make("div", { class: "side" },
      make("h4", { dir: "auto" }, called(numbers[side])),
      make("p", { class: "soft", dir: "auto" }, [article.title, article.when || "no date", `${article.words.toLocaleString("en")} words`].filter(Boolean).join(" · ")),
      panel);
  });
  $("sides").replaceChildren(left, gutter, right);
  panels.forEach((panel, side) => panel.addEventListener("scroll", () => {
    if (leading === null || leading === side) follow(side);
    leading = leading === null ? side : leading;
    clearTimeout(released);
    released = setTimeout(() => { leading = null; }, 120);
    draw();
  }));
  if (!pair.passages.length) $("sides").prepend(make("p", { class: "note" }, "They have no passage of four words or more in common that is more than names."));
}

/** The text of one side, cut wherever a passage, a stretch left out or a difference begins or ends. */
function pieces(article, passages, side, numbers) {
  const cuts = new Set([0, article.text.length]);
  const spans = passages.map((p, k) => ({ start: p[2 * side], end: p[2 * side + 1], k, kind: p[4], quoted: p[5], differs: p[6 + side] || [] }));
  const out = article.out;
  const differing = [];
  for (const span of spans) {
    cuts.add(span.start).add(span.end);
    for (let d = 0; d < span.differs.length; d += 2) {
      differing.push([span.differs[d], span.differs[d + 1], span.k]);
      cuts.add(span.differs[d]).add(span.differs[d + 1]);
    }
  }
  for (const [start, end] of out) cuts.add(start).add(end);
  const places = [...cuts].sort((x, y) => x - y);
  // Where passages overlap the longer one shows, and the other starts where it ends.
  const byLength = [...spans].sort((x, y) => (y.end - y.start) - (x.end - x.start) || x.k - y.k);
  const owner = new Map();
  for (const span of [...byLength].reverse()) for (const at of places) if (at >= span.start && at < span.end) owner.set(at, span);
  const nodes = [];
  let mark = null, last = null;
  const named = new Set();
  for (let j = 0; j + 1 < places.length; j += 1) {
    const start = places[j], end = places[j + 1];
    const span = owner.get(start) || null;
    let node = document.createTextNode(article.text.slice(start, end));
    if (span && differing.some(([s, e, k]) => k === span.k && s <= start && end <= e)) node = make("u", null, node);
    const left = out.find(([s, e]) => s <= start && end <= e);
    if (left) {
      node = make("span", { class: `out ${left[2] === "quotation" ? "quotation" : "rest"}`, "data-kind": left[0] === start ? left[2] : null }, node);
    }
    if (!span) { nodes.push(node); mark = null; last = null; continue; }
    if (span !== last) {
      mark = make("mark", { class: kinds[span.kind], "data-p": span.k });
      if (!named.has(span.k)) {
        named.add(span.k);
        mark.append(make("button", {
          type: "button", class: "ref",
          "aria-label": `Passage ${span.k + 1}, ${spoken[span.kind]}${span.quoted ? ", in quotation marks" : ""}: find it in ${articleOf(numbers[1 - side]).name}`,
        }, `${span.k + 1} ${signs[span.kind]}${span.quoted ? " “”" : ""}`));
      }
      mark.addEventListener("click", () => { if (!String(getSelection())) meet(span.k, side); });
      nodes.push(mark);
      last = span;
    }
    mark.append(node);
  }
  return nodes;
}

const marksOf = (panel, k) => panel.querySelectorAll(`mark[data-p="${k}"]`);

/** Where a passage stands within a panel's scrolled content. */
function reach(panel, k) {
  const marks = marksOf(panel, k);
  if (!marks.length) return null;
  const top = panel.getBoundingClientRect().top - panel.scrollTop;
  const boxes = [...marks].flatMap((mark) => [...mark.getClientRects()]).filter((box) => box.height);
  if (!boxes.length) return null;
  return { top: Math.min(...boxes.map((b) => b.top)) - top, bottom: Math.max(...boxes.map((b) => b.bottom)) - top };
}

/** Shows passage k on the other side, level with where it stands here. */
function meet(k, side) {
  const here = reach(panels[side], k), there = reach(panels[1 - side], k);
  for (const mark of $("sides").querySelectorAll("mark")) mark.classList.toggle("lit", Number(mark.dataset.p) === k);
  if (!here || !there) return;
  leading = side;
  clearTimeout(released);
  released = setTimeout(() => { leading = null; }, 200);
  // A level place that lies outside of the panel would show nothing: the passage's beginning goes to the top then.
  const level = here.top - panels[side].scrollTop;
  const stacked = panels[0].getBoundingClientRect().left === panels[1].getBoundingClientRect().left;
  panels[1 - side].scrollTop = there.top - (stacked || level < 0 || level > panels[side].clientHeight ? 12 : level);
  draw();
}

let leading = null, released = 0;

/** Scrolls the other side to the passage that stands a third down this one. */
function follow(side) {
  if (!$("together").checked || !panels[1]) return;
  const from = panels[side], to = panels[1 - side];
  const third = from.clientHeight / 3, y = from.scrollTop + third;
  let best = null;
  data.pairs[opened].passages.forEach((_, k) => {
    const here = reach(from, k);
    if (!here) return;
    const off = y < here.top ? here.top - y : y > here.bottom ? y - here.bottom : 0;
    if (!best || off < best.off) best = { off, here, k };
  });
  const there = best && reach(to, best.k);
  if (!there) return;
  const share = Math.min(1, Math.max(0, (y - best.here.top) / Math.max(1, best.here.bottom - best.here.top)));
  const beyond = y < best.here.top ? y - best.here.top : Math.max(0, y - best.here.bottom);
  to.scrollTop = there.top + share * (there.bottom - there.top) + beyond - third;
}

/** The lines between the two sides, for the passages that are in sight on one of them. */
let asked = 0;
function draw() {
  cancelAnimationFrame(asked);
  asked = requestAnimationFrame(() => {
    if (!gutter || !gutter.getClientRects().length) return;
    const frame = gutter.getBoundingClientRect();
    const lines = [];
    data.pairs[opened].passages.forEach((p, k) => {
      const ends = panels.map((panel) => {
        const at = reach(panel, k);
        const box = panel.getBoundingClientRect();
        if (!at) return null;
        const top = at.top - panel.scrollTop + 9, bottom = at.bottom - panel.scrollTop - 9;
        const seen = bottom > 0 && top < panel.clientHeight;
        return { seen, y: Math.min(box.height - 3, Math.max(3, top)) + box.top - frame.top };
      });
      if (!ends[0] || !ends[1] || !(ends[0].seen || ends[1].seen)) return;
      const w = frame.width, [l, r] = ends.map((end) => end.y.toFixed(1));
      lines.push(shape("path", { d: `M0,${l}C${w / 2},${l} ${w / 2},${r} ${w},${r}`, class: kinds[p[4]] }));
    });
    gutter.replaceChildren(...lines);
  });
}

function close() {
  $("view").hidden = true;
  rows.forEach((row) => row.classList.remove("chosen"));
  opened = null;
  try { history.replaceState(null, "", location.pathname + location.search); } catch { /* as above */ }
  if (opener && opener.isConnected) opener.focus();
}

if (table) {
  $("close").addEventListener("click", close);
  for (const [id, step] of [["before", -1], ["after", 1]]) {
    $(id).addEventListener("click", () => { const list = visible(); open(list[list.indexOf(opened) + step]); });
  }
  $("view").addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  for (const [id, name] of [["with-quotations", "no-quotations"], ["with-rest", "no-rest"], ["with-differences", "no-differences"]]) {
    const apply = () => { $("sides").classList.toggle(name, !$(id).checked); draw(); };
    $(id).addEventListener("change", apply);
    apply();
  }
  addEventListener("resize", draw);
}
