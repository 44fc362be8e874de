import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const home = fileURLToPath(new URL("../spectral_widgets/static/", import.meta.url));

const result = await build({
  absWorkingDir: here,
  entryPoints: [
    { in: "src/loader.js", out: "loader" },
    { in: "src/view.js", out: "view" },
    { in: "src/css/explorer.css", out: "explorer" },
    { in: "src/progress_bar.js", out: "progress_bar" },
    { in: "src/report/entry.js", out: "report" },
    { in: "src/css/progress_bar.css", out: "progress_bar" },
  ],
  outdir: home,
  bundle: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  write: false,
});

/** @param {string} path */
const before = (path) => readFile(path, "utf8").catch(() => "");
const changed = [];
for (const file of result.outputFiles) {
  if ((await before(file.path)) !== file.text) changed.push(file);
  console.log(`${file.path.slice(home.length)}  ${file.contents.length} bytes`);
}

if (process.argv.includes("--check")) {
  for (const file of changed) console.error(`${file.path.slice(home.length)} differs from its source: run npm run build`);
  process.exitCode = changed.length ? 1 : 0;
} else {
  for (const file of changed) await writeFile(file.path, file.contents);
}
