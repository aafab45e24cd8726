// README's chart: processor time per request relative to nginx, from the tables of bench/RESULTS.md. One SVG for each color scheme.

/** Name in RESULTS.md → name in the chart, from top to bottom in each group. */
const contenders = [
  ["Latchkey strict", "strict"],
  ["Latchkey uws", "uws"],
  ["HAProxy", "HAProxy"],
];

/** Where a title of RESULTS.md is longer than the chart's margin. */
const shortTitles = {
  "small GET, each request and each response another one": "small GET, all different",
  "small GET, a new connection for each": "small GET, new connections",
  "the same over TLS, ECDSA P-256": "new connections, TLS, ECDSA",
  "the same over TLS, ECDSA P-256, sessions resumed": "new connections, TLS, resumed",
  "the same over TLS, RSA 2048": "new connections, TLS, RSA",
  "the same over TLS, RSA 2048, sessions resumed": "new connections, RSA, resumed",
  "small GET over TLS, kept connections": "small GET over TLS, kept",
  "chunks of streamed responses, one each 10 ms; latency from the upstream, CPU of a chunk":
    "chunks of streamed responses",
};

const schemes = {
  light: {
    text: "#1f2328",
    faint: "#59636e",
    rule: "#d1d9e0",
    page: "#ffffff",
    bars: ["#0b7285", "#66b2c0", "#adb5bd"],
  },
  dark: {
    text: "#f0f6fc",
    faint: "#9198a1",
    rule: "#3d444d",
    page: "#0d1117",
    bars: ["#22b8cf", "#1b6f7d", "#6e7681"],
  },
};

const BAR = 9;
const GROUP = 44;
const LEFT = 210;
const RIGHT = 50;
const TOP = 46;
const WIDTH = 760;

/** Workloads that nginx and all contenders have, in the order of the document. */
function readRatios(results) {
  return results
    .split(/^## /m)
    .slice(1)
    .flatMap((section) => {
      const rows = section.split("\n").filter((line) => line.startsWith("| "));
      if (!rows[0]?.includes("to nginx")) return [];
      const title = section.slice(0, section.indexOf("\n")).replace(/ \(\d+ connections\)$/, "");
      const ratioOf = ([name]) => {
        const row = rows.find((line) => line.startsWith(`| ${name} |`));
        return Number.parseFloat(row?.split("|")[4] ?? "");
      };
      const ratios = contenders.map(ratioOf);
      return ratios.some(Number.isNaN) ? [] : [{ title, ratios }];
    });
}

export function performanceChart(results, scheme) {
  const { text, faint, rule, page, bars } = schemes[scheme];
  const groups = readRatios(results);
  const height = TOP + groups.length * GROUP + 26;
  const ratioMax = Math.ceil(Math.max(...groups.flatMap(({ ratios }) => ratios)) * 2) / 2;
  const x = (ratio) => LEFT + (ratio / ratioMax) * (WIDTH - LEFT - RIGHT);
  const escaped = (words) => words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="system-ui, sans-serif" font-size="12">`,
    "<title>Processor time per request relative to nginx; less is better</title>",
  ];
  contenders.forEach(([, name], index) => {
    const at = LEFT + index * 90;
    parts.push(
      `<rect x="${at}" y="8" width="12" height="12" rx="2" fill="${bars[index]}"/><text x="${at + 18}" y="18" fill="${text}">${name}</text>`,
    );
  });
  for (let ratio = 0; ratio <= ratioMax; ratio += 0.5) {
    const isNginx = ratio === 1;
    parts.push(
      `<line x1="${x(ratio)}" x2="${x(ratio)}" y1="${TOP - 6}" y2="${height - 22}" stroke="${isNginx ? text : rule}"${isNginx ? ' stroke-dasharray="3 3"' : ""}/>`,
      `<text x="${x(ratio)}" y="${height - 8}" text-anchor="middle" fill="${isNginx ? text : faint}">${isNginx ? "nginx = 1" : ratio}</text>`,
    );
  }
  groups.forEach(({ title, ratios }, group) => {
    const y = TOP + group * GROUP;
    parts.push(
      `<text x="${LEFT - 12}" y="${y + 20}" text-anchor="end" fill="${text}">${escaped(shortTitles[title] ?? title)}</text>`,
    );
    ratios.forEach((ratio, index) => {
      const top = y + index * (BAR + 2);
      parts.push(
        `<rect x="${LEFT}" y="${top}" width="${(x(ratio) - LEFT).toFixed(1)}" height="${BAR}" rx="1.5" fill="${bars[index]}"/>`,
        `<text x="${(x(ratio) + 5).toFixed(1)}" y="${top + BAR - 0.5}" font-size="10" stroke="${page}" stroke-width="3" paint-order="stroke" fill="${index === 0 ? text : faint}">${ratio.toFixed(2)}</text>`,
      );
    });
  });
  return `${parts.join("\n")}\n</svg>\n`;
}
