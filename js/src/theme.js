// Light or dark as the host says, live; and the colours the charts take from the page.

const WATCHED = ["class", "data-jp-theme-light", "data-vscode-theme-kind", "data-theme", "theme"];

/** @param {Document} page @returns {"light" | "dark"} */
export function themeOf(page) {
  const hosts = [page.body, page.documentElement];
  const jupyter = page.body.dataset.jpThemeLight;
  if (jupyter !== undefined) return jupyter === "false" ? "dark" : "light";
  const words = hosts.map((host) => `${host.className} ${host.dataset.theme ?? ""} ${host.getAttribute("theme") ?? ""}`).join(" ");
  if (/\b(vscode-dark|dark|dark-theme)\b/.test(words) || /vscode-high-contrast(?!-light)/.test(words)) return "dark";
  if (/\b(vscode-light|vscode-high-contrast-light|light|light-theme)\b/.test(words)) return "light";
  return globalThis.matchMedia?.("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** Marks the root with the theme now and at every change. @param {HTMLElement} root @param {AbortSignal} signal @param {() => void} changed */
export function followTheme(root, signal, changed) {
  const page = root.ownerDocument;
  root.dataset.theme = themeOf(page);
  const look = () => {
    const theme = themeOf(page);
    if (root.dataset.theme === theme) return;
    root.dataset.theme = theme;
    changed();
  };
  const observer = new MutationObserver(look);
  for (const host of [page.body, page.documentElement]) observer.observe(host, { attributes: true, attributeFilter: WATCHED });
  signal.addEventListener("abort", () => observer.disconnect());
  globalThis.matchMedia?.("(prefers-color-scheme: dark)").addEventListener?.("change", look, { signal });
}

/** Vega's settings in the page's own colours. @param {HTMLElement} root */
export function chartConfig(root) {
  const style = getComputedStyle(root);
  /** @param {string} name @param {string} otherwise */
  const colour = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
  const text = colour("--sw-text", "#1f2328");
  const quiet = colour("--sw-quiet", "#57606a");
  const line = colour("--sw-line", "#d0d7de");
  const font = colour("--sw-font", "sans-serif");
  const labels = { labelColor: quiet, titleColor: quiet, labelFont: font, titleFont: font, labelFontSize: 11, titleFontSize: 11, titleFontWeight: 500 };
  return {
    background: "transparent",
    font,
    view: { stroke: "transparent" },
    axis: { ...labels, gridColor: line, gridOpacity: 0.55, domainColor: line, tickColor: line, titlePadding: 8 },
    legend: labels,
    header: labels,
    title: { color: text, font, fontSize: 12, fontWeight: 600, anchor: "start", subtitleColor: quiet, subtitleFont: font },
    text: { font },
  };
}
