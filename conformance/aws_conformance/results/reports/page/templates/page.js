"use strict";
// The list of findings. Whatever a target sent becomes text nodes, never markup.
(() => {
  const ROW = 56;
  const SEVERITIES = ["error", "warning", "note"];
  const [ID, CHECK, SEVERITY, OPERATION, PATH, EXPECTED, GOT, CAUSE, RUNS, PLACE] = Array(10).keys();
  const index = JSON.parse(document.getElementById("index").textContent);
  const findings = index.findings;
  const haystacks = findings.map((row) =>
    [...row.slice(ID, CAUSE), index.requirements[row[CHECK]], index.causes[row[CAUSE]]].join("\n").toLowerCase());
  const byId = (id) => document.getElementById(id);
  const list = byId("list"), rows = byId("rows"), detail = byId("detail"), count = byId("count");
  const filters = ["text", "check", "severity", "operation", "run", "cause", "baseline"];
  let shown = [], active = -1, opened = 0;

  const element = (tag, text, properties = {}) => {
    const node = document.createElement(tag);
    if (text !== undefined) node.append(String(text));
    return Object.assign(node, properties);
  };

  // A finding of several operations may be of others in another run.
  const operationsOf = (row, sighting) => (sighting[3].length ? sighting[3] : [row[OPERATION]]);

  // Filters

  const options = (id, values, label = (value) => value) => {
    for (const [value, number] of values) {
      byId(id).append(element("option", `${label(value)} (${number})`, { value }));
    }
  };
  const tally = (values) => {
    const numbers = new Map();
    for (const value of values) numbers.set(value, (numbers.get(value) || 0) + 1);
    return numbers;
  };
  const sorted = (numbers) => [...numbers].sort((former, latter) => (former[0] < latter[0] ? -1 : 1));
  options("check", sorted(tally(findings.map((row) => row[CHECK]))));
  const severities = tally(findings.map((row) => row[SEVERITY]));
  options("severity", SEVERITIES.filter((name) => severities.has(name)).map((name) => [name, severities.get(name)]));
  options("operation", sorted(tally(findings.flatMap((row) => [...new Set(row[RUNS].flatMap((item) => operationsOf(row, item)))]))));
  const runs = tally(findings.flatMap((row) => row[RUNS].map((run) => String(run[0]))));
  options("run", index.runs.map((_, number) => [String(number), runs.get(String(number)) || 0]), (number) => index.runs[number]);
  const causes = tally(findings.map((row) => row[CAUSE]));
  options("cause", Object.keys(index.causes).map((id) => [id, causes.get(id) || 0]), (id) => index.causes[id].slice(0, 90));

  const filter = () => {
    const [text, check, severity, operation, run, cause, baseline] = filters.map((id) => byId(id).value);
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const selected = (row, number) => {
      if (check && row[CHECK] !== check) return false;
      if (severity && row[SEVERITY] !== severity) return false;
      if (cause && row[CAUSE] !== cause) return false;
      if (run || baseline || operation) {
        const inRun = row[RUNS].some((sighting) =>
          (!run || sighting[0] === Number(run)) && (!baseline || (baseline === "known") === Boolean(sighting[2]))
          && (!operation || operationsOf(row, sighting).includes(operation)));
        if (!inRun) return false;
      }
      return words.every((word) => haystacks[number].includes(word));
    };
    shown = [];
    findings.forEach((row, number) => { if (selected(row, number)) shown.push(number); });
    active = shown.length ? 0 : -1;
    count.textContent = shown.length === findings.length
      ? findings.length.toLocaleString("en") : `${shown.length.toLocaleString("en")} of ${findings.length.toLocaleString("en")}`;
    rows.style.height = `${shown.length * ROW}px`;
    list.scrollTop = 0;
    draw();
  };

  // The list has only the rows that can be seen.

  const rowOf = (position) => {
    const finding = findings[shown[position]];
    const row = element("div", undefined, { className: "row", id: `row-${position}` });
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", String(position === active));
    row.setAttribute("aria-setsize", String(shown.length));
    row.setAttribute("aria-posinset", String(position + 1));
    row.style.top = `${position * ROW}px`;
    row.dataset.position = String(position);
    const head = element("div");
    head.append(element("span", finding[SEVERITY], { className: `badge ${finding[SEVERITY]}` }),
      ` ${finding[OPERATION]}  ${finding[PATH]}`);
    row.append(head, element("div", `${finding[CHECK]}: ${finding[EXPECTED]}, got ${finding[GOT]}`, { className: "meta" }));
    return row;
  };
  const draw = () => {
    const first = Math.max(0, Math.floor(list.scrollTop / ROW) - 5);
    const last = Math.min(shown.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW) + 5);
    const drawn = [];
    for (let position = first; position < last; position += 1) drawn.push(rowOf(position));
    rows.replaceChildren(...drawn);
    if (byId(`row-${active}`)) list.setAttribute("aria-activedescendant", `row-${active}`);
    else list.removeAttribute("aria-activedescendant");
  };
  const moveTo = (position) => {
    if (!shown.length) return;
    active = Math.max(0, Math.min(shown.length - 1, position));
    const top = active * ROW;
    if (top < list.scrollTop) list.scrollTop = top;
    if (top + ROW > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW - list.clientHeight;
    draw();
  };

  // A finding that is opened is unpacked from its part.

  const parts = new Map();
  const unpacked = (number) => {
    if (!parts.has(number)) {
      const packed = Uint8Array.from(atob(byId(`part-${number}`).textContent), (char) => char.charCodeAt(0));
      const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
      parts.set(number, new Response(stream).json());
    }
    return parts.get(number);
  };
  const side = (name, title, pieces, sign) => {
    const box = element("div", undefined, { className: `side ${name}` });
    box.append(element("b", title));
    for (const [mark, text] of pieces) {
      if (mark === "=") box.append(text);
      else if (mark === sign) box.append(element(sign === "-" ? "del" : "ins", text));
    }
    return box;
  };
  const terms = (pairs) => {
    const box = element("dl");
    for (const [name, text] of pairs) {
      if (text) box.append(element("dt", name), element("dd", text));
    }
    return box;
  };
  const copied = async (button, text) => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "copied";
    } catch {
      getSelection().selectAllChildren(button.parentElement.nextElementSibling);
      button.textContent = "selected";
    }
  };
  const block = (title, text, copies) => {
    if (!text) return [];
    const head = element("div", undefined, { className: "copy" });
    head.append(element("h3", title));
    if (copies) {
      const button = element("button", "copy", { type: "button" });
      button.setAttribute("aria-label", `copy: ${title}`);
      button.addEventListener("click", () => copied(button, text));
      head.append(button);
    }
    const body = element("pre", text);
    body.tabIndex = 0;
    return [head, body];
  };
  const sighting = (finding, item) => {
    const [, times, reason] = finding[RUNS].find(([run]) => run === item.run);
    return [
      element("h3", index.runs[item.run]),
      terms([
        ["seen", times === 1 ? "once" : `${times.toLocaleString("en")} times`],
        ["tried", item.tried],
        ["in", (item.operations || []).length > 1 ? item.operations.join(", ") : ""],
        ["thrown", [item.site, item.thrown].filter(Boolean).join(": ")],
        ["baseline", reason],
        ["case", item.case && `${item.case} (${item.phase})`],
      ]),
      ...block("History", (item.transcript || []).join("\n")),
      ...block("Request", item.request),
      ...block("Response", item.response),
      ...block("Before it", (item.steps || []).join("\n"), true),
      ...block("aws", item.aws, true),
      ...block("boto3", item.boto3, true),
      ...block("curl", item.curl, true),
    ];
  };
  const open = async (position, focus) => {
    const finding = findings[shown[position]];
    if (!finding) return;
    opened += 1;
    const turn = opened;
    const items = (await unpacked(finding[PLACE][0]))[finding[PLACE][1]];
    // Whoever opened another one meanwhile wants that.
    if (turn !== opened) return;
    const head = element("h3", finding[OPERATION]);
    const sides = element("div", undefined, { className: "sides" });
    const pieces = items[0].diff || [];
    sides.append(side("expected", "expected", pieces, "-"), side("got", "got", pieces, "+"));
    const elsewhere = index.runs.filter((_, run) => !finding[RUNS].some(([number]) => number === run));
    const lines = [
      `aws-conformance reproduce REPORT ${finding[ID]}`,
      `aws-conformance replay REPORT ${finding[ID]}`,
      `aws-conformance explain ${finding[CHECK]}`,
    ];
    detail.replaceChildren(
      head,
      terms([
        ["check", `${finding[CHECK]} (${finding[SEVERITY]}, ${items[0].provenance})`],
        ["requirement", index.requirements[finding[CHECK]]],
        ["at", finding[PATH]],
        ["SDKs", items[0].sdks],
        ["cause", index.causes[finding[CAUSE]]],
        ["id", finding[ID]],
        ["not in", elsewhere.join(", ")],
      ]),
      sides,
      ...items.flatMap((item) => sighting(finding, item)),
      ...block("To see it again", lines.join("\n"), true),
    );
    detail.scrollTop = 0;
    if (focus) detail.focus();
  };

  // What is pressed

  list.addEventListener("scroll", draw, { passive: true });
  list.addEventListener("click", (event) => {
    const row = event.target.closest(".row");
    if (!row) return;
    moveTo(Number(row.dataset.position));
    open(active, matchMedia("(max-width: 46rem)").matches);
  });
  list.addEventListener("keydown", (event) => {
    const page = Math.max(1, Math.floor(list.clientHeight / ROW) - 1);
    const places = {
      ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + page, PageUp: active - page,
      Home: 0, End: shown.length - 1,
    };
    if (event.key in places) moveTo(places[event.key]);
    else if (event.key === "Enter" || event.key === " ") open(active, true);
    else return;
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === "/" && !typing) { byId("text").focus(); event.preventDefault(); }
    if (event.key === "Escape" && detail.contains(event.target)) list.focus();
  });
  for (const id of filters) byId(id).addEventListener("input", filter);
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("filters").addEventListener("reset", () => setTimeout(filter));
  const show = (values) => {
    for (const id of filters) byId(id).value = values[id] || "";
    filter();
    byId("findings").scrollIntoView();
    list.focus({ preventScroll: true });
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.cause) show({ cause: button.dataset.cause });
    if (button.dataset.operation) show({ operation: button.dataset.operation, run: button.dataset.column });
  });
  byId("theme").addEventListener("click", () => {
    const dark = getComputedStyle(document.documentElement).colorScheme === "dark"
      || (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
    document.documentElement.dataset.theme = dark ? "light" : "dark";
  });
  filter();
})();
