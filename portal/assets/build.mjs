// Sass -> our tokens and logical properties -> small -> hashed, .br and .gz -> manifest.json.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { transformSync } from "esbuild";
import postcss from "postcss";
import * as sass from "sass";
import { logical } from "./logical.mjs";
import { govuk } from "./govuk.mjs";

const STATIC = "../static";
// The oldest browsers the logical properties we use work in: iOS 12.2, Android 5.
const OLDEST = ["chrome69", "safari12.1", "firefox68"];

const NOTICE = "/* Parts: govuk-frontend, MIT, (c) Crown copyright */\n";

const hash = (content) => createHash("sha256").update(content).digest("hex");

function css(sheet) {
  const { css } = sass.compile(`scss/${sheet}.scss`, { loadPaths: ["node_modules"], quietDeps: true });
  const plain = postcss([govuk, logical]).process(css, { from: undefined }).css;
  return NOTICE + transformSync(plain, { loader: "css", minify: true, target: OLDEST, legalComments: "none" }).code;
}

function js(script) {
  const source = readFileSync(`js/${script}.js`, "utf8");
  return transformSync(source, { loader: "js", minify: true, target: OLDEST, charset: "utf8" }).code;
}

const outputs = {
  "tenant.css": css("tenant"),
  "staff.css": css("staff"),
  "portal.js": js("portal"),
  "leave.js": js("leave"),
  "staff.js": js("staff"),
  "keying.js": js("keying"),
  "scan.js": js("scan"),
  "favicon.svg": readFileSync("favicon.svg", "utf8").trim(),
};

for (const name of readdirSync(STATIC)) {
  if (/\.[0-9a-f]{10}\.(css|js|svg)(\.br|\.gz)?$/.test(name)) rmSync(`${STATIC}/${name}`);
}

const [names, sizes, sha256, sources] = [{}, {}, {}, {}];
for (const [name, text] of Object.entries(outputs)) {
  const content = Buffer.from(text);
  const [stem, suffix] = name.split(".");
  const file = `${stem}.${hash(content).slice(0, 10)}.${suffix}`;
  const br = brotliCompressSync(content, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
  });
  const gz = gzipSync(content, { level: 9 });
  writeFileSync(`${STATIC}/${file}`, content);
  writeFileSync(`${STATIC}/${file}.br`, br);
  writeFileSync(`${STATIC}/${file}.gz`, gz);
  names[name] = file;
  sizes[name] = { plain: content.length, br: br.length, gz: gz.length };
  sha256[name] = hash(content);
  console.log(`${file}: ${content.length} B, br ${br.length}, gz ${gz.length}`);
}

for (const name of readdirSync(".", { recursive: true }).sort()) {
  if (name.startsWith("node_modules") || !/\.(scss|js|mjs|json|sh|svg)$/.test(name)) continue;
  sources[name] = hash(readFileSync(name));
}
writeFileSync(`${STATIC}/manifest.json`, JSON.stringify({ ...names, sizes, sha256, sources }, null, 2) + "\n");
