/** A body with the params it was made from, as far as they are known. */
export interface Body {
  readonly sent: unknown;
  readonly params: unknown;
}

/**
 * The same body for another model. A long text is not parsed and written anew for that: the model's name is replaced where it
 * stands, if there is only one place where it can stand.
 */
export function withModel({ sent, params }: Body, from: string, to: string): unknown {
  if (from === to) return sent;
  if (typeof sent === 'string') return withModelInText(sent, params, { from, to });
  if (typeof FormData !== 'undefined' && sent instanceof FormData) return withModelInForm(sent, to);
  return sent;
}

function withModelInText(sent: string, params: unknown, { from, to }: { from: string; to: string }): string {
  const field = `"model":${JSON.stringify(from)}`;
  const at = sent.indexOf(field);
  // Inside a JSON string every quote is escaped, so an unescaped `"model"` is a field; if it is the only one it is the top one.
  if (at >= 0 && (at === 1 || isOnlyOne(sent, at)) && isTopLevel(params, from)) {
    return `${sent.slice(0, at)}"model":${JSON.stringify(to)}${sent.slice(at + field.length)}`;
  }
  const known = typeof params === 'object' && params !== null ? params : JSON.parse(sent);
  return JSON.stringify({ ...known, model: to });
}

/** Looks for the bare name: a text that another SDK has laid out with spaces may hold the field in two forms. */
function isOnlyOne(sent: string, at: number): boolean {
  return sent.indexOf('"model"') === at && sent.indexOf('"model"', at + 1) < 0;
}

function isTopLevel(params: unknown, model: string): boolean {
  return typeof params === 'object' && params !== null && (params as { model?: unknown }).model === model;
}

function withModelInForm(form: FormData, to: string): FormData {
  const copy = new FormData();
  for (const [name, value] of form.entries()) {
    if (name === 'model') copy.append(name, to);
    else if (typeof value === 'string') copy.append(name, value);
    else copy.append(name, value, value.name);
  }
  return copy;
}
