// The table of pairs: filters, sorting, and the story that is shown alone.

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
