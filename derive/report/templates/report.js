// The page's script: whole texts side by side, sorting and filtering, zoom and focus. It builds nodes and text, never markup.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const data = JSON.parse($("data").textContent);
  const root = document.documentElement;
  root.classList.add("js");

  /** An element with attributes and children; strings become text. */
  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name === "click") element.addEventListener("click", value);
      else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children.filter((child) => child !== null));
    return element;
  }
  const articleOf = (number) => data.documents[number] || { name: "unseen source" };
  const standsFor = (number) => articleOf(number).copyOf ?? number;
  const called = (number) => articleOf(number).outlet || articleOf(number).name;

  // The table of pairs ------------------------------------------------------------------------------------------------

  const table = $("pair-table");
  const rows = table ? [...table.tBodies[0].rows] : [];
  let family = null; // the numbers of one story, or null for all
  let opened = null; // the pair that the view shows
  let opener = null; // what had the focus before it opened

  const searched = data.pairs.map((pair) =>
    [pair.a, pair.b].flatMap((n) => [articleOf(n).name, articleOf(n).outlet, articleOf(n).title])
      .filter(Boolean).join("\n").toLowerCase());

  function passes(pair, i) {
    const sides = [articleOf(pair.a), articleOf(pair.b)];
    const words = $("by-words").value.trim().toLowerCase();
    const outlet = $("by-outlet").value, verdict = $("by-verdict").value;
    const since = $("since").value, until = $("until").value;
    const said = pair.kind !== "text" || pair.verdict === "undecided" ? "undecided"
      : pair.verdict === "common_source" ? "common_source" : "rewritten";
    return (!words || searched[i].includes(words))
      && (!outlet || sides.some((side) => side.outlet === outlet))
      && (!$("by-kind").value || pair.kind === $("by-kind").value)
      && (!verdict || said === verdict)
      && ((!since && !until) || sides.some((side) => side.day && (!since || side.day >= since) && (!until || side.day <= until)))
      && (!family || family.has(standsFor(pair.a)) || family.has(standsFor(pair.b)));
  }

  function filter() {
    let shown = 0;
    data.pairs.forEach((pair, i) => {
      const out = !passes(pair, i);
      shown += !out;
      rows[i].hidden = out;
      const text = $("pair-" + (i + 1));
      if (text) text.closest("article").hidden = out;
    });
    $("shown").textContent = `${shown.toLocaleString("en")} of ${data.pairs.length.toLocaleString("en")} pairs`;
  }

  const collator = new Intl.Collator("en", { numeric: true });
  const latest = (pair) => Math.max(articleOf(pair.a).minutes ?? -1, articleOf(pair.b).minutes ?? -1);
  const cell = (i, column) => rows[i].cells[column].textContent.trim();
  const orders = [
    (i) => i, (i) => cell(i, 1), (i) => cell(i, 2), (i) => cell(i, 3), (i) => cell(i, 4),
    (i) => -(parseFloat(cell(i, 5).replace(/[^\d.]/g, "")) || 0), (i) => latest(data.pairs[i]),
  ];
  let descending = false;

  function sort(by) {
    const keys = data.pairs.map((_, i) => orders[by](i));
    const way = descending ? -1 : 1;
    const order = [...keys.keys()].sort((i, j) =>
      way * (typeof keys[i] === "number" ? keys[i] - keys[j] : collator.compare(keys[i], keys[j])) || i - j);
    table.tBodies[0].append(...order.map((i) => rows[i]));
    [...table.tHead.rows[0].cells].forEach((head, i) => {
      if (i === by) head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    $("order").value = String(by);
  }

  if (table) {
    $("filters").hidden = false;
    $("filters").addEventListener("input", filter);
    $("reset").addEventListener("click", () => {
      for (const control of $("filters").querySelectorAll("input, select")) control.value = "";
      descending = false;
      sort(0);
      focusOn("");
    });
    $("order").addEventListener("change", () => { descending = false; sort(Number($("order").value)); });
    [...table.tHead.rows[0].cells].forEach((head, i) => {
      const name = head.textContent;
      head.replaceChildren(make("button", {
        type: "button", click: () => {
          descending = head.getAttribute("aria-sort") === "ascending";
          sort(i);
        },
      }, name));
    });
    rows.forEach((row, i) => {
      const link = row.querySelector("a.open");
      link.setAttribute("href", "#pair-" + (i + 1));
      link.addEventListener("click", (event) => { event.preventDefault(); open(i); });
      row.addEventListener("click", (event) => {
        if (!event.target.closest("a") && !String(getSelection())) open(i);
      });
    });
    $("text-controls").hidden = !Number($("as-text").dataset.pairs);
    $("all-text").addEventListener("change", () => root.classList.toggle("all-text", $("all-text").checked));
    root.classList.toggle("long", Number($("as-text").dataset.pairs) > 40);
    filter();
  }

  // Two articles side by side -----------------------------------------------------------------------------------------

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
    const heads = ["What was found", "Speaks for", "Weight (log-odds)", "The weight is"];
    const body = make("tbody");
    for (const line of pair.evidence) {
      body.append(make("tr", null, ...line.map((words, k) => make("td", { dir: "auto", class: k === 2 && "number" }, words))));
    }
    parts.push(make("table", { class: "evidence" },
      make("caption", null, "Evidence for the direction, line by line"),
      make("thead", null, make("tr", null, ...heads.map((words, k) => make("th", { scope: "col", class: k === 2 && "number" }, words)))),
      body));
    return parts;
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
    gutter = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    gutter.setAttribute("class", "gutter");
    gutter.setAttribute("aria-hidden", "true");
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
        const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
        const w = frame.width, [l, r] = ends.map((end) => end.y.toFixed(1));
        line.setAttribute("d", `M0,${l}C${w / 2},${l} ${w / 2},${r} ${w},${r}`);
        line.setAttribute("class", kinds[p[4]]);
        lines.push(line);
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

  // The drawing -------------------------------------------------------------------------------------------------------

  const svg = document.querySelector("svg.lineage");
  const wide = svg ? Number(svg.getAttribute("width")) : 0;
  let zoom = 0; // 0: as wide as the page

  function focusOn(value) {
    family = value === "" ? null : new Set(data.families[Number(value)]);
    if (svg) {
      $("family").value = value;
      crop();
    }
    if (table) filter();
  }

  /** Shows one story alone: the rest is hidden, and the drawing ends where it ends. */
  function crop() {
    const ticks = svg.querySelector(".ticks");
    let low = Infinity, high = -Infinity;
    for (const node of svg.querySelectorAll("[data-n], [data-a]")) {
      const out = family !== null && !family.has(Number(node.dataset.n ?? node.dataset.a));
      node.classList.toggle("away", out);
      if (!out && node.classList.contains("mark")) {
        const box = node.getBBox();
        low = Math.min(low, box.y);
        high = Math.max(high, box.y + box.height);
      }
    }
    if (family === null) {
      svg.setAttribute("viewBox", whole);
      ticks.removeAttribute("transform");
    } else {
      const top = low - 72;
      ticks.setAttribute("transform", `translate(0 ${top})`);
      svg.setAttribute("viewBox", `0 ${top} ${wide + 4} ${high - top + 16}`);
    }
    size();
  }
  let whole = "";

  function size() {
    const [, , w, h] = svg.getAttribute("viewBox").split(" ").map(Number);
    svg.setAttribute("width", zoom ? w * zoom : w);
    svg.setAttribute("height", zoom ? h * zoom : h);
    svg.classList.toggle("zoomed", zoom > 0);
  }

  const scale = () => svg.getBoundingClientRect().width / Number(svg.getAttribute("viewBox").split(" ")[2]);

  /** What the drawing says of one article or unseen source, with its copies and its pairs. */
  function choose(number) {
    const ghost = data.ghosts[number];
    const article = articleOf(number);
    const copies = Object.values(data.documents).filter((d) => d.copyOf === number);
    const pairs = data.pairs.map((pair, i) => [pair, i]).filter(([p]) => p.a === number || p.b === number);
    const parts = [make("h3", { dir: "auto" }, ghost === undefined ? called(number) : "Unseen source")];
    if (ghost === undefined) {
      const facts = [article.name, article.title, article.when || "no date", `${article.words.toLocaleString("en")} words`];
      parts.push(make("p", { dir: "auto" }, facts.filter(Boolean).join(" · ")));
    } else {
      const children = [...new Set([...svg.querySelectorAll(`.hit[data-a="${number}"]`)].map((hit) => Number(hit.dataset.b)))];
      parts.push(make("p", null, `A text that is not in the collection (${Math.round(ghost * 100)} % probable). From it drew: `,
        children.map((n) => articleOf(n).name).join(", ") + "."));
    }
    if (copies.length) {
      const list = make("ul", { class: "copies-list" });
      for (const copy of copies) {
        list.append(make("li", { dir: "auto" }, [copy.outlet, copy.name, copy.when].filter(Boolean).join(" · ")));
      }
      parts.push(make("details", { open: true }, make("summary", null, `×${copies.length + 1}: the same words in ${copies.length} more`), list));
    }
    if (pairs.length) {
      parts.push(make("p", null, "Its pairs, side by side:"));
      parts.push(listOf(pairs.slice(0, 60)));
      if (pairs.length > 60) parts.push(make("p", { class: "soft" }, `and ${pairs.length - 60} more in the table below.`));
    } else if (ghost === undefined) parts.push(make("p", { class: "soft" }, "No listed pair has it."));
    const story = data.families.findIndex((members) => members.includes(number));
    if (story >= 0 && data.families.length > 1) {
      parts.push(make("p", null, make("button", { type: "button", click: () => focusOn(family ? "" : String(story)) },
        family ? "Show all stories" : "Show this story alone")));
    }
    tell(parts, [number]);
  }

  function listOf(pairs) {
    const list = make("ul", { class: "pair-list" });
    for (const [pair, i] of pairs) {
      const name = `${called(pair.a)} and ${called(pair.b)}`;
      const button = make("button", { type: "button", class: "linklike", click: () => open(i), dir: "auto" }, name);
      list.append(make("li", null, button, `: ${cell(i, 4).replace(/^[→⋎?]/, "")}`));
    }
    return list;
  }

  /** A line: its pair if there is one, else what there is to say. */
  function chooseLine(a, b) {
    const between = data.pairs.map((pair, i) => [pair, i]).filter(([p]) => {
      const ends = [standsFor(p.a), standsFor(p.b)];
      return ends.includes(a) && ends.includes(b) && ends[0] !== ends[1];
    });
    if (a in data.ghosts) return choose(a);
    // Several where one side has copies: the two that the line joins, else the strongest.
    const exact = between.find(([p]) => [p.a, p.b].includes(a) && [p.a, p.b].includes(b));
    const parts = [make("h3", { dir: "auto" }, `${called(a)} and ${called(b)}`)];
    parts.push(between.length ? listOf(between.slice(0, 60))
      : make("p", null, "No listed pair stands behind this line: it was declared, or there was no room."));
    if (between.length === 1) light([a, b]);
    else tell(parts, [a, b]);
    if (between.length) open((exact || between[0])[1]);
  }

  function light(numbers) {
    for (const node of svg.querySelectorAll(".lit")) node.classList.remove("lit");
    for (const number of numbers) for (const node of svg.querySelectorAll(`.mark[data-n="${number}"]`)) node.classList.add("lit");
    for (const hit of svg.querySelectorAll(".hit")) {
      const ends = [Number(hit.dataset.a), Number(hit.dataset.b)];
      hit.classList.toggle("lit", numbers.length === 1 ? ends.includes(numbers[0]) : numbers.every((n) => ends.includes(n)));
    }
  }

  function tell(parts, numbers) {
    light(numbers);
    const away = () => { $("chosen").hidden = true; light([]); };
    $("chosen").replaceChildren(make("button", { type: "button", class: "away-button", click: away }, "Close"), ...parts);
    $("chosen").hidden = false;
  }

  if (svg) {
    whole = svg.getAttribute("viewBox");
    svg.setAttribute("role", "group");
    $("drawing-controls").hidden = false;
    data.families.forEach((members, i) => {
      const first = members.find((n) => n in data.documents);
      $("family").append(make("option", { value: i }, `${called(first).slice(0, 60)} and ${members.length - 1} more`));
    });
    $("family").parentElement.hidden = data.families.length < 2;
    $("family").addEventListener("change", () => focusOn($("family").value));
    $("larger").addEventListener("click", () => { zoom = Math.min(4, scale() * 1.25); size(); });
    $("smaller").addEventListener("click", () => { zoom = Math.max(0.1, scale() / 1.25); size(); });
    $("fit").addEventListener("click", () => { zoom = Math.min(1, ($("canvas").clientWidth - 2) / (wide + 4)); size(); });

    const marks = [...svg.querySelectorAll(".mark")];
    marks.forEach((mark, i) => {
      const title = mark.querySelector("title");
      mark.setAttribute("role", "button");
      mark.setAttribute("aria-label", title ? title.textContent : "article");
      mark.setAttribute("tabindex", i ? "-1" : "0");
    });
    const act = (target) => {
      const line = target.closest("[data-a]"), thing = target.closest("[data-n]");
      if (line) chooseLine(Number(line.dataset.a), Number(line.dataset.b));
      else if (thing && !thing.classList.contains("leader")) choose(Number(thing.dataset.n));
    };
    svg.addEventListener("click", (event) => act(event.target));
    svg.addEventListener("keydown", (event) => {
      const shown = marks.filter((mark) => !mark.classList.contains("away"));
      const at = shown.indexOf(document.activeElement);
      const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
      if (at < 0) return;
      if (step && shown[at + step]) {
        shown[at].setAttribute("tabindex", "-1");
        shown[at + step].setAttribute("tabindex", "0");
        shown[at + step].focus();
      } else if (event.key === "Enter" || event.key === " ") act(document.activeElement);
      else return;
      event.preventDefault();
    });
  }

  // On a narrow screen the lists under the drawing, which it shows already, would keep the pairs far below.
  if (matchMedia("(max-width: 48rem)").matches) for (const list of document.querySelectorAll("main > section:first-child > details")) list.open = false;

  const asks = /^#pair-(\d+)$/.exec(location.hash);
  if (table && asks && data.pairs[asks[1] - 1]) open(asks[1] - 1);
})();
