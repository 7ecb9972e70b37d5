// The browser's half of tools/html-check: axe, console, layout and keyboard. Called by it, with the pages as arguments.
"use strict";
const fs = require("fs");
const path = require("path");
const { pathToFileURL } = require("url");
const { chromium } = require("playwright-core");

const AXE = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const VIEWS = [
  { name: "desktop", width: 1280, height: 900, dark: false },
  { name: "desktop-dark", width: 1280, height: 900, dark: true },
  { name: "phone", width: 320, height: 640, dark: false },
  { name: "phone-dark", width: 320, height: 640, dark: true },
];
let faults = 0;

function fault(page, where, text) {
  faults += 1;
  console.log(`${page}: ${where}: ${text}`);
}

async function open(browser, file, view, script) {
  // The tests' own script comes past the page's policy; the page's does not.
  const context = await browser.newContext({
    viewport: { width: view.width, height: view.height },
    colorScheme: view.dark ? "dark" : "light",
    reducedMotion: "reduce",
    javaScriptEnabled: script,
  });
  const page = await context.newPage();
  page.on("console", (message) => { if (message.type() === "error") { fault(file, view.name, `console: ${message.text()}`); } });
  page.on("pageerror", (error) => fault(file, view.name, `script: ${error.message}`));
  page.on("request", (request) => {
    if (!/^(file|data|blob):/.test(request.url())) { fault(file, view.name, `asks the network for ${request.url()}`); }
  });
  await page.goto(pathToFileURL(path.resolve(file)).href);
  return { context, page };
}

async function axe(page, file, where) {
  await page.evaluate(AXE);
  const found = await page.evaluate((rules) => window.axe.run(document, { runOnly: rules, resultTypes: ["violations"] }), RULES);
  for (const rule of found.violations) {
    const places = rule.nodes.slice(0, 3).map((node) => `    ${node.target.join(" ")}: ${node.html.slice(0, 160).replace(/\s+/g, " ")}`);
    fault(file, where, `axe ${rule.id} (${rule.impact}): ${rule.help}, ${rule.nodes.length} places\n${places.join("\n")}`);
  }
}

async function view(browser, file, setting) {
  const { context, page } = await open(browser, file, setting, true);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  if (wide > setting.width) { fault(file, setting.name, `scrolls sideways: ${wide} pixels in ${setting.width}`); }
  await axe(page, file, setting.name);
  if (process.env.SHOTS) {
    fs.mkdirSync(process.env.SHOTS, { recursive: true });
    const stem = path.resolve(file).split(path.sep).slice(-3).join("-").replace(/\.html$/, "");
    await page.screenshot({ path: path.join(process.env.SHOTS, `${stem}-${setting.name}.png`) });
  }
  await page.evaluate(() => document.querySelectorAll("details").forEach((element) => { element.open = true; }));
  const opened = await page.evaluate(() => document.documentElement.scrollWidth);
  if (opened > setting.width) { fault(file, setting.name, `scrolls sideways when opened: ${opened} pixels`); }
  await axe(page, file, `${setting.name}, opened`);
  await context.close();
}

async function keyboard(browser, file) {
  const { context, page } = await open(browser, file, VIEWS[0], true);
  const at = (what, given) => page.evaluate(what, given);
  const focus = () => at(() => document.activeElement.className + " " + document.activeElement.tagName);
  const expect = (good, text) => { if (!good) { fault(file, "keyboard", text); } };
  await page.keyboard.press("Tab");
  expect((await focus()).startsWith("skip"), "the first stop is not the skip link");
  await page.keyboard.press("Enter");
  expect(await at(() => document.activeElement.tagName === "MAIN"), "the skip link does not lead to the content");
  const hasNumbers = await at(() => document.querySelector("td .num[role=button]") !== null);
  if (hasNumbers) {
    let steps = 0;
    const inCell = () => at(() => document.activeElement.matches("td .num[role=button]"));
    while (steps < 400 && !(await inCell())) { await page.keyboard.press("Tab"); steps += 1; }
    expect(await inCell(), "no number of a table is reached by the tab key");
    const id = await at(() => document.activeElement.dataset.id);
    await page.keyboard.press("Enter");
    const said = await at(() => {
      const box = document.getElementById("page-trace");
      return { open: box.open, inside: box.contains(document.activeElement), id: document.getElementById("page-trace-id").textContent, lines: box.querySelectorAll("li").length };
    });
    expect(said.open && said.inside, "Enter on a number does not open a dialog with the focus in it");
    expect(said.id === id && said.lines > 0, `the dialog says nothing of ${id}`);
    await axe(page, file, "dialog");
    if (process.env.SHOTS) { await page.screenshot({ path: path.join(process.env.SHOTS, "dialog.png") }); }
    for (let step = 0; step < 6; step += 1) {
      await page.keyboard.press("Tab");
      expect(await at(() => document.activeElement === document.body || document.getElementById("page-trace").contains(document.activeElement)), "the tab key leaves the dialog");
    }
    await page.keyboard.press("Escape");
    expect(await at(() => !document.getElementById("page-trace").open), "Escape does not close the dialog");
    expect((await at(() => document.activeElement.dataset.id)) === id, "the focus does not return to the number");
    await page.keyboard.press("ArrowDown");
    expect(await at((last) => document.activeElement.dataset.id !== last, id).catch(() => false), "the arrow keys do not move");
    const sorted = await at(async () => {
      const button = document.querySelector("th[data-sortable] button");
      if (!button) { return true; }
      for (let up = button; up; up = up.parentElement) { if (up.tagName === "DETAILS") { up.open = true; } }
      button.focus();
      button.click();
      await new Promise((done) => window.setTimeout(done, 200));
      return button.parentElement.getAttribute("aria-sort") === "ascending" && document.getElementById("page-status").textContent !== "";
    });
    expect(sorted, "sorting is not stated and announced");
    await page.goto(`${page.url().split("#")[0]}#n=${encodeURIComponent(id)}`);
    await page.reload();
    expect(await at(() => document.getElementById("page-trace").open), "a link to a number does not open it");
  }
  await context.close();
}

async function plain(browser, file) {
  const { context, page } = await open(browser, file, VIEWS[0], false);
  const hidden = await page.locator("main > section").evaluateAll((sections) => sections.filter((section) => section.offsetHeight === 0).length);
  if (hidden > 0) { fault(file, "without script", `${hidden} sections are not shown`); }
  const controls = await page.locator("button:visible, select:visible").count();
  if (controls > 0) { fault(file, "without script", `${controls} controls that do nothing are shown`); }
  await context.close();
}

(async () => {
  const browser = await chromium.launch({ executablePath: process.env.BROWSER_PATH, args: ["--no-sandbox", "--disable-gpu"] });
  for (const file of process.argv.slice(2)) {
    const size = fs.statSync(file).size;
    console.log(`browser: ${file} (${(size / 1e6).toFixed(2)} MB)`);
    if (size > 3e6) { fault(file, "size", `${size} bytes, at most 3000000`); }
    for (const setting of VIEWS) { await view(browser, file, setting); }
    await keyboard(browser, file);
    await plain(browser, file);
  }
  await browser.close();
  if (faults > 0) { console.log(`${faults} findings`); }
  process.exit(faults > 0 ? 1 : 0);
})().catch((error) => { console.error(error); process.exit(1); });
