/** What `npm run build` made of the sources: what users run is measured, and its checkpoints are made by that same code. */

/** A module of the built whopins, by its path from src without ending; `Module` is the type of its source. */
export async function importBuilt<Module>(path: string): Promise<Module> {
  return import(new URL(`../../../dist/src/${path}.js`, import.meta.url).href);
}
