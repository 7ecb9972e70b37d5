// Everything is readable without this: it adds sorting and the provenance of a figure on click, Enter or focus.
(function () {
  "use strict";
  var provenance = JSON.parse(document.getElementById("provenance").textContent);
  var words = JSON.parse(document.getElementById("words").textContent);
  var box = null;
  var owner = null;

  function close(refocus) {
    if (!box) { return; }
    box.remove();
    box = null;
    var last = owner;
    owner = null;
    last.removeAttribute("aria-expanded");
    if (refocus && last.focus) { refocusing = true; last.focus(); refocusing = false; }
  }

  var refocusing = false;

  function show(target) {
    if (owner === target) { return; }
    close(false);
    var id = target.getAttribute("data-id");
    owner = target;
    box = document.createElement("div");
    box.className = "popover";
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-label", words.popover_title);
    var title = document.createElement("p");
    title.textContent = words.popover_title;
    box.appendChild(title);
    var list = document.createElement("ul");
    (provenance[id] || []).forEach(function (line) {
      var item = document.createElement("li");
      // A word joiner keeps a range of numbers on one line.
      item.textContent = line.replace(/(\d)–(?=\d)/g, "$1–\u2060");
      list.appendChild(item);
    });
    box.appendChild(list);
    var code = document.createElement("code");
    code.textContent = id;
    box.appendChild(code);
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = "×";
    button.setAttribute("aria-label", words.popover_close);
    button.addEventListener("click", function () { close(true); });
    box.appendChild(button);
    document.body.appendChild(box);
    var place = target.getBoundingClientRect();
    var left = Math.min(place.left, document.documentElement.clientWidth - box.offsetWidth - 16);
    var below = place.bottom + box.offsetHeight + 8 < window.innerHeight || place.top < box.offsetHeight + 8;
    box.style.left = Math.max(8, left) + window.scrollX + "px";
    box.style.top = (below ? place.bottom + 6 : place.top - box.offsetHeight - 6) + window.scrollY + "px";
    target.setAttribute("aria-expanded", "true");
  }

  function known(element) {
    return Object.prototype.hasOwnProperty.call(provenance, element.getAttribute("data-id"));
  }

  document.querySelectorAll(".num[data-id]").forEach(function (element) {
    if (!known(element)) { return; }
    element.tabIndex = 0;
    element.setAttribute("role", "button");
    element.addEventListener("focus", function () { if (!refocusing) { show(element); } });
    element.addEventListener("click", function () { show(element); });
    element.addEventListener("keydown", function (event) {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); show(element); box.querySelector("button").focus(); }
    });
  });
  document.querySelectorAll(".mark[data-id]").forEach(function (element) {
    if (known(element)) { element.addEventListener("click", function () { show(element); }); }
  });
  document.addEventListener("keydown", function (event) { if (event.key === "Escape") { close(true); } });
  document.addEventListener("click", function (event) {
    if (box && !box.contains(event.target) && !(owner && owner.contains(event.target))) { close(false); }
  });
  document.addEventListener("focusin", function (event) {
    if (box && !box.contains(event.target) && event.target !== owner) { close(false); }
  });

  // Numbers by their unrounded value, missing ones always last; texts in the order of the language.
  function key(row, column) {
    var cell = row.cells[column];
    if (!cell) { return { missing: true }; }
    var sort = cell.getAttribute("data-sort");
    if (sort === "") { return { missing: true }; }
    return sort === null ? { text: cell.textContent.trim() } : { value: Number(sort) };
  }

  document.querySelectorAll("table").forEach(function (table) {
    var body = table.tBodies[0];
    if (!body || body.rows.length < 2) { return; }
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (head, column) {
      var button = document.createElement("button");
      button.type = "button";
      while (head.firstChild) { button.appendChild(head.firstChild); }
      button.title = words.sort_by;
      head.appendChild(button);
      button.addEventListener("click", function () {
        var down = head.getAttribute("aria-sort") === "ascending";
        table.querySelectorAll("th[aria-sort]").forEach(function (other) { other.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        var rows = Array.prototype.map.call(body.rows, function (row) { return { row: row, key: key(row, column) }; });
        rows.sort(function (a, b) {
          if (a.key.missing || b.key.missing) { return (a.key.missing ? 1 : 0) - (b.key.missing ? 1 : 0); }
          var order = a.key.value !== undefined && b.key.value !== undefined
            ? a.key.value - b.key.value
            : String(a.key.text || "").localeCompare(String(b.key.text || ""), document.documentElement.lang);
          return down ? -order : order;
        });
        rows.forEach(function (entry) { body.appendChild(entry.row); });
      });
    });
  });

  // Closed details would print empty.
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details").forEach(function (element) { element.open = true; });
  });
})();
