// The drawings: one story alone, sizes, and what a mark or a line stands for.

const stories = $("stories");
const drawings = stories ? [...stories.querySelectorAll("svg.lineage")] : [];
const byStory = drawings.map((svg) => svg.closest(".story"));
let zoom = 0; // 0: as wide as the page where that is not too small, else as drawn

/** Shows one story alone, in drawing and table; "" for all. */
function focusOn(value) {
  family = value === "" ? null : new Set(data.families[Number(value)]);
  if (stories) {
    $("family").value = value;
    byStory.forEach((story) => {
      story.hidden = family !== null && story.dataset.story !== value;
      if (family !== null && !story.hidden) story.open = true;
    });
    size();
  }
  if (table) filter();
}

const drawnWidth = (svg) => Number(svg.getAttribute("viewBox").split(" ")[2]);
const drawnHeight = (svg) => Number(svg.getAttribute("viewBox").split(" ")[3]);
const scale = (svg) => Number(svg.getAttribute("width")) / drawnWidth(svg);

function size() {
  const room = stories.clientWidth - 4;
  for (const svg of drawings) {
    const fitting = Math.min(1, room / drawnWidth(svg));
    const factor = zoom === "fit" ? fitting : zoom || (fitting > 0.72 ? fitting : 1);
    svg.setAttribute("width", drawnWidth(svg) * factor);
    svg.setAttribute("height", drawnHeight(svg) * factor);
    if (svg.dataset.moved) keepNames(svg);
  }
}

/** The names of the lanes stay at the left when a drawing is moved sideways. */
function keepNames(svg) {
  svg.dataset.moved = "yes";
  svg.querySelector(".names").setAttribute("transform", `translate(${svg.parentElement.scrollLeft / scale(svg)} 0)`);
}

/** The drawing in which an article or a line stands. */
const drawingOf = (number) => drawings[data.families.findIndex((members) => members.includes(number))];

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
    const children = [...new Set([...stories.querySelectorAll(`.hit[data-a="${number}"]`)].map((hit) => Number(hit.dataset.b)))];
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
  if (data.families.length > 1) {
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
  for (const node of stories.querySelectorAll(".lit")) node.classList.remove("lit");
  if (!numbers.length) return;
  const svg = drawingOf(numbers[0]);
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
  // What was chosen must not lie under what is said of it.
  const mark = stories.querySelector(".mark.lit");
  const under = mark ? mark.getBoundingClientRect().bottom + 24 - $("chosen").getBoundingClientRect().top : 0;
  if (under > 0) scrollBy(0, under);
}

/** Makes the marks of a story that is open buttons for keyboard and screen reader. */
function prepare(story) {
  const svg = drawings[byStory.indexOf(story)];
  if (!svg || !story.open || svg.getAttribute("role") === "group") return;
  svg.setAttribute("role", "group");
  svg.querySelectorAll(".mark").forEach((mark, i) => {
    mark.setAttribute("role", "button");
    mark.setAttribute("aria-label", mark.querySelector("title").textContent);
    mark.setAttribute("tabindex", i ? "-1" : "0");
  });
}

/** What a click or a key on something in a drawing asks for. */
function act(target) {
  const line = target.closest("[data-a]"), thing = target.closest("[data-n]");
  if (line) chooseLine(Number(line.dataset.a), Number(line.dataset.b));
  else if (thing && thing.classList.contains("mark")) choose(Number(thing.dataset.n));
}

/** Arrow keys go from mark to mark of one drawing, Enter chooses. */
function step(event) {
  const mark = event.target.closest(".mark");
  if (!mark) return;
  const marks = [...mark.closest("svg").querySelectorAll(".mark")];
  const way = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  const next = way && marks[marks.indexOf(mark) + way];
  if (next) {
    mark.setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  } else if (event.key === "Enter" || event.key === " ") act(mark);
  else return;
  event.preventDefault();
}

const MANY = 600; // more links than this hide what is sure: they are not drawn at first

/** Makes the legend a choice of the kinds of lines to draw. */
function chooseLines() {
  const drawn = (style) => stories.querySelectorAll(`.hit.${style}`).length;
  const links = ["text", "common-source", "facts", "quotation"];
  const many = links.reduce((sum, style) => sum + drawn(style), 0) > MANY;
  for (const item of $("legend").querySelectorAll("[data-style]")) {
    const style = item.dataset.style, off = many && links.includes(style);
    const box = make("input", { type: "checkbox", checked: !off });
    const apply = () => stories.classList.toggle("without-" + style, !box.checked);
    box.addEventListener("change", apply);
    item.replaceChildren(make("label", null, box, " ", ...item.childNodes, off ? `: ${drawn(style).toLocaleString("en")}, tick to draw them` : ""));
    apply();
  }
}

if (stories) {
  $("drawing-controls").hidden = false;
  chooseLines();
  $("family").addEventListener("change", () => focusOn($("family").value));
  const sizes = () => drawings.find((svg) => svg.getClientRects().length) || drawings[0];
  $("larger").addEventListener("click", () => { zoom = Math.min(4, scale(sizes()) * 1.25); size(); });
  $("smaller").addEventListener("click", () => { zoom = Math.max(0.1, scale(sizes()) / 1.25); size(); });
  $("fit").addEventListener("click", () => { zoom = "fit"; size(); });
  byStory.forEach(prepare);
  stories.addEventListener("toggle", (event) => prepare(event.target), true);
  stories.addEventListener("click", (event) => act(event.target));
  stories.addEventListener("keydown", step);
  stories.addEventListener("scroll", (event) => {
    if (event.target.classList.contains("canvas")) keepNames(event.target.querySelector("svg"));
  }, true);
  addEventListener("resize", size);
  size();
}
