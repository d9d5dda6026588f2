// What is done once, when the page has opened, and around printing.

// On a narrow screen the first thing to be seen is the drawing.
if (matchMedia("(max-width: 48rem)").matches && $("legend")) $("legend").open = false;

/** Paper cannot be opened: what is closed is printed open, and is closed again afterwards. */
let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open])")].filter((list) => list.getClientRects().length);
  for (const list of closed) list.open = true;
});
addEventListener("afterprint", () => {
  for (const list of closed) list.open = false;
});

const asks = /^#pair-(\d+)$/.exec(location.hash);
if (table && asks && data.pairs[asks[1] - 1]) open(asks[1] - 1);
