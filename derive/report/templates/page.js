// What the other scripts share. They stand in one scope, in the order of `html.SCRIPTS`, and build nodes and text, never markup.

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

/** The same for a shape. */
function shape(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
