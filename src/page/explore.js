// Walks through the state graph: the run so far is a list of edges that begins in the first state.
const data = JSON.parse(document.getElementById("graph-data").textContent);
const by = (id) => document.getElementById(id);
let run = [];
let start = 0;

const element = (name, text, kind) => {
  const made = document.createElement(name);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
};
const here = () => (run.length ? data.edges[run.at(-1)].to : start);
const fill = (id, children) => by(id).replaceChildren(...children);
const words = (edge) => `${edge.actor} ${edge.action}`;

function property(id, edge) {
  const kept = !edge.marks.includes(id);
  const broken = !kept && !id.startsWith("RCH-");
  const by = data.given_up[id];
  const verdict = broken ? (by ? `given up (${by})` : "violated") : kept ? "tested, kept" : "shown";
  return element("li", `${id} ${verdict}: ${data.properties[id]}`, broken ? "bad" : "");
}

function drawStep() {
  const edge = run.length ? data.edges[run.at(-1)] : null;
  const list = element("ul", "");
  if (edge) list.append(...edge.effects.map((effect) => element("li", effect)));
  const head = edge ? `${words(edge)} (${edge.taken.join(", ")})` : "none yet";
  fill("step", edge ? [element("p", head), list] : [element("p", head)]);
  const ids = edge ? [...new Set([...edge.marks, ...edge.tested])] : [];
  const says = element("ul", "");
  says.append(...ids.map((id) => property(id, edge)));
  fill("says", ids.length ? [says] : [element("p", "nothing", "faint")]);
}

function drawState() {
  const before = run.length ? new Map(data.nodes[data.edges[run.at(-1)].from].parts) : null;
  const changed = ([part, value]) => before !== null && before.get(part) !== value;
  const shown = (one) => by("all").checked || one[1] !== "none" || changed(one);
  fill("state", data.nodes[here()].parts.filter(shown).map((one) => {
    const row = element("tr", "");
    row.append(element("th", one[0]), element("td", one[1], changed(one) ? "changed" : ""));
    return row;
  }));
}

function drawActions() {
  const chosen = by("client").value;
  const items = [];
  data.edges.forEach((edge, at) => {
    if (edge.from !== here() || (chosen && edge.client !== Number(chosen))) return;
    const button = element("button", words(edge));
    button.type = "button";
    button.addEventListener("click", () => go([...run, at]));
    if (at === data.run[run.length] && run.every((step, place) => step === data.run[place])) {
      button.className = "next";
    }
    const item = element("li", "");
    item.append(button);
    items.push(item);
  });
  const { beyond } = data.nodes[here()];
  if (beyond) items.push(element("li", `${beyond} more lead to states that are not on this page`));
  if (!items.length) items.push(element("li", "none: all calls have ended, or nobody may answer"));
  fill("actions", items);
}

function draw() {
  for (const old of document.querySelectorAll(".at, .passed")) old.classList.remove("at", "passed");
  for (const at of run) by(`edge${at}`)?.classList.add("passed");
  const node = by(`node${here()}`);
  node.classList.add("at");
  const [canvas, box] = [document.querySelector(".canvas"), node.getBoundingClientRect()];
  const frame = canvas.getBoundingClientRect();
  canvas.scrollBy(
    box.left - frame.left - (frame.width - box.width) / 2,
    box.top - frame.top - (frame.height - box.height) / 2,
  );
  drawStep();
  drawState();
  drawActions();
  by("trace").textContent = start === 0 ? trace() : "";
  fill("run", run.map((at) => element("li", words(data.edges[at]))));
}

function go(next) {
  run = next;
  location.replace(`#run=${run.join(".")}`);
  draw();
}

// The shortest run to a state, along the edges of the page.
function runTo(goal) {
  const came = new Map([[0, null]]);
  const open = [0];
  for (const node of open) {
    data.edges.forEach((edge, at) => {
      if (edge.from === node && !came.has(edge.to)) {
        came.set(edge.to, at);
        open.push(edge.to);
      }
    });
  }
  if (!came.has(goal)) return null;
  const found = [];
  for (let at = came.get(goal); at !== null; at = came.get(data.edges[at].from)) found.unshift(at);
  return found;
}

function choose(node) {
  const found = runTo(node);
  start = found ? 0 : node;
  go(found ?? []);
}

function trace() {
  const lines = run.map((at, index) => JSON.stringify({ ...data.edges[at].line, step: index + 1 }));
  return `${[data.header, ...lines].join("\n")}\n`;
}

async function copy() {
  if (start !== 0) {
    by("copied").textContent = "the beginning of this run is not on the page";
    return;
  }
  by("trace").hidden = false;
  by("trace").select();
  try {
    await navigator.clipboard.writeText(trace());
    by("copied").textContent = "copied; replay it with mapi-logon replay FILE";
  } catch {
    by("copied").textContent = "select and copy the text below";
  }
}

function filter() {
  const [client, place] = [by("client").value, by("place").value];
  let matching = 0;
  data.nodes.forEach((_, at) => {
    const node = by(`node${at}`);
    const places = node.dataset.places.split("|");
    const own = client ? [places[Number(client)]] : places;
    const dim = place !== "" && !own.includes(place);
    node.classList.toggle("dim", dim);
    matching += dim ? 0 : 1;
  });
  by("matching").textContent = place ? `${matching} states` : "";
  drawActions();
}

data.nodes.forEach((_, at) => {
  const node = by(`node${at}`);
  node.addEventListener("click", () => choose(at));
  node.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      choose(at);
    }
  });
});
by("restart").addEventListener("click", () => { start = 0; go([]); });
by("back").addEventListener("click", () => go(run.slice(0, -1)));
by("copy").addEventListener("click", copy);
by("whole").addEventListener("change", (event) => {
  document.querySelector(".canvas").classList.toggle("whole", event.target.checked);
});
by("all").addEventListener("change", drawState);
by("client").addEventListener("change", filter);
by("place").addEventListener("change", filter);
const given = location.hash.match(/^#run=([\d.]+)$/);
run = given ? given[1].split(".").map(Number).filter((at) => at in data.edges) : data.run;
draw();
