// Everything is readable without this. It adds: where a number comes from, sorting, highlighting of a territory, and data as CSV.
(() => {
  "use strict";
  const part = (name) => document.getElementById("page-" + name);
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const known = JSON.parse(document.getElementById("provenance").textContent);
  const words = JSON.parse(part("words").textContent);
  const fill = (text, name, value) => text.split("{" + name + "}").join(value);
  const narrow = window.matchMedia("(max-width: 65.99rem)");
  const phone = window.matchMedia("(max-width: 42rem)");

  function say(text) {
    const status = part("status");
    status.textContent = "";
    window.setTimeout(() => { status.textContent = text; }, 50);
  }

  // Where a number comes from: a dialog with what the program's `why` says in short.
  function provenance() {
    const dialog = part("trace");
    if (typeof dialog.showModal !== "function") { return; }
    const has = (element) => Object.prototype.hasOwnProperty.call(known.figures, element.dataset.id);
    let current = "";

    function show(element) {
      current = element.dataset.id;
      const title = element.querySelector("title");
      part("trace-value").textContent = title ? title.textContent : element.textContent;
      part("trace-id").textContent = current;
      part("trace-command").textContent = "baseline why " + current;
      part("trace-status").textContent = "";
      part("trace-lines").replaceChildren(...known.figures[current].map((index) => {
        const item = document.createElement("li");
        const line = known.lines[index];
        if (line.startsWith("· ")) { item.className = "input"; }
        // A word joiner keeps a range of numbers on one line.
        item.textContent = line.replace(/^· /, "").replace(/(\d)–(?=\d)/g, "$1–\u2060");
        return item;
      }));
      dialog.style.left = dialog.style.top = "";
      dialog.showModal();
      part("trace-title").focus();
      if (phone.matches) { return; }
      const place = element.getBoundingClientRect();
      const room = window.innerHeight - dialog.offsetHeight - 8;
      const below = place.bottom + 8;
      const top = below <= room ? below : place.top - dialog.offsetHeight - 8;
      const left = Math.min(place.left, document.documentElement.clientWidth - dialog.offsetWidth - 16);
      dialog.style.left = Math.max(8, left) + "px";
      dialog.style.top = Math.max(8, Math.min(top, room)) + "px";
    }

    all(".num[data-id]").filter(has).forEach((element) => {
      element.tabIndex = 0;
      element.setAttribute("role", "button");
      element.setAttribute("aria-haspopup", "dialog");
    });
    const target = (event) => {
      const element = event.target.closest && event.target.closest("[data-id]");
      return element && has(element) ? element : null;
    };
    document.addEventListener("click", (event) => {
      const element = target(event);
      if (element) { show(element); }
    });
    document.addEventListener("keydown", (event) => {
      const element = event.key === "Enter" || event.key === " " ? target(event) : null;
      if (element) { event.preventDefault(); show(element); }
    });
    dialog.addEventListener("click", (event) => {
      const box = dialog.getBoundingClientRect();
      const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
      if (event.target === dialog && !inside) { dialog.close(); }
    });
    part("trace-close").addEventListener("click", () => dialog.close());

    function copy(text) {
      const done = (good) => { part("trace-status").textContent = good ? words.copied : words.copy_failed + " " + text; };
      if (navigator.clipboard && navigator.clipboard.writeText) {
        navigator.clipboard.writeText(text).then(() => done(true), () => done(false));
      } else { done(false); }
    }
    part("copy-id").addEventListener("click", () => copy(current));
    part("copy-link").addEventListener("click", () => copy(location.href.split("#")[0] + "#n=" + encodeURIComponent(current)));

    // A link to a number opens what is said of it.
    function linked() {
      if (!location.hash.startsWith("#n=")) { return; }
      let id = "";
      try { id = decodeURIComponent(location.hash.slice(3)); } catch { return; }
      const element = all(".num[data-id]").find((number) => number.dataset.id === id && has(number));
      if (!element) { return; }
      for (let up = element.parentElement; up; up = up.parentElement) { if (up.tagName === "DETAILS") { up.open = true; } }
      element.scrollIntoView({ block: "center" });
      element.focus();
      show(element);
    }
    window.addEventListener("hashchange", linked);
    linked();
  }

  // One stop of the tab key per table; the arrow keys go from number to number.
  function arrows(table) {
    const first = (cell) => cell && cell.querySelector(".num[role=button]");
    const stops = all("td, th", table).map(first).filter(Boolean);
    stops.forEach((stop, index) => { stop.tabIndex = index === 0 ? 0 : -1; });
    const go = (stop) => {
      stops.forEach((other) => { other.tabIndex = -1; });
      stop.tabIndex = 0;
      stop.focus();
    };
    table.addEventListener("focusin", (event) => {
      if (stops.includes(event.target)) { stops.forEach((other) => { other.tabIndex = other === event.target ? 0 : -1; }); }
    });
    table.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
      const cell = event.target.closest("td, th");
      if (!step || !cell || !stops.includes(event.target) || event.ctrlKey || event.altKey || event.metaKey) { return; }
      let row = cell.parentElement.rowIndex + step[0];
      let column = cell.cellIndex + step[1];
      while (table.rows[row] && table.rows[row].cells[column]) {
        const stop = first(table.rows[row].cells[column]);
        if (stop) { event.preventDefault(); go(stop); return; }
        row += step[0];
        column += step[1];
      }
      event.preventDefault();
    });
  }

  // Numbers by their unrounded value, missing ones always last; texts in the order of the language.
  function key(row, column) {
    const cell = row.cells[column];
    const sort = cell ? cell.dataset.sort : "";
    if (sort === "") { return { missing: true }; }
    return sort === undefined ? { text: cell.textContent.trim() } : { value: Number(sort) };
  }

  function sorting(table) {
    const body = table.tBodies[0];
    if (!body || body.rows.length < 3) { return; }
    Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
      if (head.dataset.sortable === undefined) { return; }
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.title = words.sort_by;
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        all("th[aria-sort]", table).forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = Array.from(body.rows, (row) => ({ row, key: key(row, column) }));
        rows.sort((a, b) => {
          if (a.key.missing || b.key.missing) { return (a.key.missing ? 1 : 0) - (b.key.missing ? 1 : 0); }
          const order = a.key.value !== undefined && b.key.value !== undefined
            ? a.key.value - b.key.value
            : String(a.key.text || "").localeCompare(String(b.key.text || ""), document.documentElement.lang, { numeric: true });
          return down ? -order : order;
        });
        body.append(...rows.map((entry) => entry.row));
        say(fill(down ? words.sorted_down : words.sorted_up, "column", button.textContent.trim()));
      });
    });
  }

  // The table as a file: unrounded values, and a column each for status, grade, years and figure id. A text with a number in it
  // keeps the text, and a column for the number.
  function csv(table) {
    const heads = Array.from(table.tHead.rows[0].cells, (head) => head.textContent.trim());
    const body = Array.from(table.tBodies[0].rows, (row) => Array.from(row.cells));
    const numeric = heads.map((_, column) => body.some((row) => row[column] && row[column].querySelector(".num")));
    const worded = heads.map((_, column) => body.some((row) => row[column] && row[column].dataset.sort === undefined && row[column].querySelector(".num")));
    // A text that a spreadsheet would compute.
    const text = (value) => (/^[=+\-@\t\r]/.test(value) ? "'" + value : value);
    const quoted = (value) => (/[",;\r\n]/.test(value) ? '"' + value.replace(/"/g, '""') + '"' : value);
    const flags = (number) => all("abbr.flag", number).map((element) => element.textContent).join("");
    const columns = ["column_status", "column_grade", "column_carried", "column_id"];
    const lines = [heads.flatMap((head, column) => (numeric[column] ? [...(worded[column] ? [head] : []), head, ...columns.map((name) => fill(words[name], "column", head))] : [head])).map(text)];
    body.forEach((row) => lines.push(heads.flatMap((_, column) => {
      const cell = row[column];
      const said = text(cell ? cell.textContent.trim() : "");
      if (!numeric[column]) { return [said]; }
      const number = cell && cell.querySelector(".num");
      const before = worded[column] ? [said] : [];
      if (!number) { return [...before, "", "", "", "", ""]; }
      const missing = number.dataset.value === undefined ? number.firstChild.textContent.trim() : "";
      const status = [missing, flags(number)].filter(Boolean).join(" ");
      return [...before, number.dataset.value || "", status, number.dataset.grade, number.dataset.years || "", number.dataset.id];
    })));
    return "\ufeff" + lines.map((line) => line.map(quoted).join(",") + "\r\n").join("");
  }

  function download(scroll, table) {
    const button = document.createElement("button");
    const holder = scroll.parentElement;
    button.type = "button";
    button.className = "plain";
    button.textContent = words.download_csv;
    button.setAttribute("aria-describedby", table.caption.id);
    button.addEventListener("click", () => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([csv(table)], { type: "text/csv;charset=utf-8" }));
      link.download = holder.id + ".csv";
      link.click();
      window.setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
    holder.append(button);
  }

  // A region that needs no scrolling is no stop of the tab key.
  function scrolling() {
    const measure = () => all(".scroll").forEach((region) => {
      if (region.scrollWidth > region.clientWidth + 1) { region.tabIndex = 0; } else { region.removeAttribute("tabindex"); }
    });
    window.addEventListener("resize", measure);
    all("details").forEach((element) => element.addEventListener("toggle", measure));
    measure();
  }

  // The second part of a figure id says whose value it is.
  function highlighting() {
    const select = part("highlight");
    if (!select) { return; }
    function mark() {
      const mine = (element) => select.value !== "" && element.dataset.id.split(".")[1] === select.value;
      const every = (elements) => elements.length > 0 && elements.every(mine);
      all("table").forEach((table) => {
        const columns = new Map();
        all("tbody tr", table).forEach((row) => {
          Array.from(row.cells).forEach((cell, column) => {
            const numbers = all(".num[data-id]", cell);
            columns.set(column, (columns.get(column) || []).concat(numbers));
            if (cell.tagName === "TD") { cell.classList.toggle("picked", every(numbers)); }
          });
          row.cells[0].classList.toggle("picked", every(all(".num[data-id]", row)));
        });
        const shared = every(all(".num[data-id]", table));
        Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
          head.classList.toggle("picked", !shared && every(columns.get(column) || []) && columns.get(column).length > 1);
        });
      });
      all(".chart svg").forEach((svg) => {
        const marks = all(".mark[data-id]", svg);
        marks.forEach((element) => element.classList.toggle("picked", mine(element)));
        svg.classList.toggle("picking", marks.some(mine) && !marks.every(mine));
      });
    }
    select.addEventListener("change", () => {
      mark();
      say(fill(words.highlighted, "name", select.selectedOptions[0].textContent));
    });
    // A reloaded page may keep the choice.
    mark();
  }

  function contents() {
    const list = document.querySelector(".contents > details");
    if (narrow.matches) { list.open = false; }
    const links = new Map(all(".contents > details > ol a").map((link) => [link.hash.slice(1), link]));
    if (!("IntersectionObserver" in window)) { return; }
    const observer = new IntersectionObserver((entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => {
      links.forEach((link) => link.removeAttribute("aria-current"));
      const link = links.get(entry.target.id);
      if (link) { link.setAttribute("aria-current", "true"); }
    }), { rootMargin: "-10% 0px -85% 0px" });
    all("main > section").forEach((section) => observer.observe(section));
  }

  // Closed details would print empty.
  function printing() {
    let opened = [];
    window.addEventListener("beforeprint", () => {
      opened = all("details:not([open])");
      opened.forEach((element) => { element.open = true; });
    });
    window.addEventListener("afterprint", () => opened.forEach((element) => { element.open = false; }));
  }

  const tables = () => all("table").forEach((table) => {
    sorting(table);
    arrows(table);
    download(table.closest(".scroll"), table);
  });
  part("tools").hidden = false;
  // One that an old browser cannot do does not keep the others from working.
  [provenance, tables, scrolling, highlighting, contents, printing].forEach((task) => {
    try { task(); } catch (error) { console.error(error); }
  });
})();
