// The shapes that cross the wire. Text is ready for display; the page never treats it as markup.

export interface Model {
  get(key: string): any;
  set(key: string, value: unknown): void;
  on(event: string, listener: (...values: any[]) => void): void;
  off(event: string, listener: (...values: any[]) => void): void;
  send(message: unknown, callbacks?: unknown, buffers?: unknown): void;
  save_changes(): void;
}

export interface TrapKey { seed: number; index: number }
export interface Sort { by: string; descending: boolean }
export interface Filter { text: string; kind: string }

export interface State {
  layer: string | null;
  selected: string[];
  sort: Sort;
  filter: Filter;
  x_scale: "log" | "linear";
  y_scale: "log" | "linear";
  bins: number;
  seed: number;
  n_shuffles: number;
  exact?: string[];
  level: number;
  engine: "calibrated" | "weightwatcher";
  shuffle: number | null;
  trap: TrapKey | null;
  edit: string;
  n_probes: number;
  n_controls: number;
  probe_seed: number;
  view: "raw" | "centred" | "double_centred";
  columns: string[];
  bands: boolean;
  chart_x: string;
  chart_y: string;
  chart_log: "none" | "x" | "y" | "both";
  study: string | null;
  study_settings: Record<string, Record<string, any>>;
  controls: string[];
  probe_kind: string;
  temperature: number;
  stop: "all" | "decided";
  smallest_effect: number;
}

export interface Fact { label: string; value: string | number | null; help?: string }
export interface Chart { spec: any; datasets: Record<string, any[]>; alt: string }
export interface Column { key: string; title: string; unit?: string; help?: string }
export interface ColumnChoice extends Column { label: string; on_request: boolean }
export interface ColumnGroup { title: string; columns: ColumnChoice[] }
export interface Preset { value: string; label: string; help: string; columns: string[] }
/** A letter, a tone and words: colour never stands alone. */
export interface Band { mark: string; tone: "heavy" | "middle" | "light"; words: string }
export interface Legend {
  column: string;
  title: string;
  source: string;
  fails: string;
  bands: { mark: string; tone: string; name: string; range: string; meaning: string; fails: string }[];
}
export interface OptionGroup { title: string; options: { value: string; label: string }[] }
export interface MetricsData { status: "empty" | "ready"; sentence: string; notes: string[]; chart: Chart | null; choices: OptionGroup[] }

export interface Row {
  name: string;
  kind: string;
  depth: number | null;
  shape: number[];
  cut?: string;
  traps?: number | null;
  traps_text?: string;
  caveats?: Record<string, string>;
  errors?: Record<string, number>;
  sketch?: number[] | null;
  bands?: Record<string, Band>;
  waiting?: string[];
  other?: Record<string, number | null>;
  status: "waiting" | "working" | "done" | "failed";
  caveat?: string;
  [column: string]: any;
}

export interface LayersData { model: string; summary: string; kinds: string[]; columns: Column[]; rows: Row[]; job_active: boolean; other?: string; choices?: ColumnGroup[]; presets?: Preset[]; legends?: Legend[]; left_out?: { reason: string; names: string[] }[] }

export interface Mark { seed: number; index: number; label: string; help?: string }
export interface Shuffle { seed: number; count: number; shown: boolean }
export interface SpectrumData {
  status: "empty" | "working" | "ready" | "failed";
  message: string;
  layer: string | null;
  subtitle: string;
  chart: Chart | null;
  facts: Fact[];
  counts: Fact[];
  marks: Mark[];
  shuffles?: Shuffle[];
  exact?: { label: string; help: string; exact: string[] } | null;
}

export interface Culprit { row: number; column: number; value: number | string; z_score: number | string; share: number | string | null }
export interface TrapData {
  status: "empty" | "ready";
  message: string;
  title: string;
  explanation: string;
  facts: Fact[];
  culprits: Culprit[];
  actions?: Action[];
  chart: Chart | null;
  chart_caption: string;
}

export interface EditChoice { value: string; label: string; help?: string; enabled: boolean }
export interface ResultRow { label: string; role: "edit" | "companion" | "control"; value: number | string; interval: string }
export interface AblateField {
  key: string;
  kind: "several" | "one" | "number";
  label: string;
  help?: string;
  enabled: boolean;
  options?: EditChoice[];
  min?: number;
  max?: number;
  step?: number;
}
export interface MeasureRow { key: string; title: string; help: string; value: string; interval: string; control: string }
export interface AblateData {
  status: "empty" | "ready" | "working" | "done" | "unavailable";
  message: string;
  run?: number | null;
  edits: EditChoice[];
  edit_sentence: string;
  probe_sentence: string;
  rule: string;
  verdict: { word: "harmful" | "benign" | "active" | "inert" | "undecided"; reason: string } | null;
  n_done: number;
  n_planned: number;
  charts: Chart[];
  rows: ResultRow[];
  measures: MeasureRow[];
  fields: AblateField[];
  fields_changed: number;
  caveat: string;
}

export interface Question { value: string; title: string; about: "layer" | "trap" | "model"; topic: string; help: string; enabled: boolean; why_not: string }
export interface Setting {
  key: string;
  label: string;
  kind: "whole" | "number" | "choice" | "flag";
  help: string;
  value: any;
  default: any;
  min?: number;
  max?: number;
  step?: number;
  look?: "" | "slider" | "dial";
  stops?: number[];
  unit?: string;
  choices?: { value: string; label: string; help?: string }[];
}
export interface TableColumn { key: string; title: string; numeric?: boolean; help?: string }
export interface AnswerTable { caption: string; columns: TableColumn[]; rows: Record<string, any>[] }
/** A button that changes choices, and asks another question where it names one. */
export interface Action { label: string; help: string; changes: Record<string, unknown>; study?: string; settings?: Record<string, Record<string, unknown>> }
export interface StudyData {
  status: "empty" | "unavailable" | "ready" | "working" | "done" | "failed";
  message: string;
  run?: number | null;
  questions: Question[];
  study: string | null;
  title: string;
  help: string;
  settings: Setting[];
  sentence: string;
  facts: Fact[];
  charts: Chart[];
  tables: AnswerTable[];
  caveat: string;
  actions: Action[];
  code: string;
}

export interface FindingItem { id: string; claim: string; layer: string; strength: string; note: string; caveats: string[]; created: string }
export interface FindingsData { items: FindingItem[]; formats: { value: string; label: string }[]; message: string }

export interface Progress { job: string; label: string; done: number; total: number; elapsed_s: number; remaining_s: number | null; run?: number }
export interface Finished { job: string; outcome: "done" | "cancelled" | "failed"; message: string; run?: number }

export interface Lesson { name: string; title: string; text: string[]; look_for: string; question: string; answer: string; dials: Setting[]; animation: string }
/** A dataset: `numbers` name the columns of a float32 buffer, `words` hold those of text. */
export interface Packed { length: number; numbers: string[]; words: Record<string, string[]>; buffer: number }
/** Without panels: what was drawn last is all there is. */
export interface DrawnAll { panels?: undefined; n_draws: number; n_total: number; complete: boolean }
export interface Drawn {
  panels: { shape: string; spec?: any; alt: string; datasets: Record<string, Packed> }[];
  sentence: string;
  caveat: string;
  facts: { label: string; value: string; theory: string; deviation: string; help: string }[];
  n_draws: number;
  n_total: number;
  complete: boolean;
}

export interface Answer { id: string; ok: boolean; error?: string; buffers: DataView[]; [extra: string]: any }

export type Embed = (el: HTMLElement, spec: any, options: any) => Promise<{ view: any; finalize(): void }>;
