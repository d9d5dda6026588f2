"use strict";
// A text or a saved web page dropped on the form, or chosen, fills it. Nothing is loaded: a page is only parsed for its text.
(() => {
  const text = document.getElementById("text"), file = document.getElementById("file"), said = document.getElementById("said");
  const LARGEST = 2000000;
  const read = async (one) => {
    if (!one) return;
    if (one.size > LARGEST || !/\.(txt|md|html?)$/i.test(one.name)) {
      said.textContent = "Only texts and web pages of up to 2 MB: .txt, .md, .html";
      return;
    }
    const found = await one.text();
    text.value = /\.html?$/i.test(one.name) ? words(found) : found;
    said.textContent = one.name + " is in the form: now ask.";
    text.focus();
  };
  const words = (markup) => {
    const page = new DOMParser().parseFromString(markup, "text/html");
    page.querySelectorAll("script, style, nav, header, footer, aside, form, noscript, template").forEach((e) => e.remove());
    const blocks = (page.querySelector("article") || page.body).querySelectorAll("h1, h2, h3, p, li, blockquote");
    const lines = [...blocks].filter((e) => !e.querySelector("p, li")).map((e) => e.textContent.replace(/\s+/g, " ").trim());
    return lines.filter(Boolean).join("\n\n") || page.body.textContent;
  };
  document.getElementById("choose").hidden = false;
  file.addEventListener("change", () => read(file.files[0]));
  addEventListener("dragover", (event) => { event.preventDefault(); text.classList.add("over"); });
  addEventListener("dragleave", () => text.classList.remove("over"));
  addEventListener("drop", (event) => {
    text.classList.remove("over");
    if (event.dataTransfer.files.length) { event.preventDefault(); read(event.dataTransfer.files[0]); }
  });
})();
