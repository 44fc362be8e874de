// Where the script of a report begins; Vega left its door here before.
import { start } from "./main.js";

start(document, /** @type {any} */ (globalThis).spectralEmbed);
