import { APIError } from 'openai';

/** What there is of a refusal that has been read. */
export interface Refused {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** The error that the official client makes of a refusal. */
export function officialError({ status, headers, body }: Refused): Error {
  let parsed: object | undefined;
  try {
    parsed = JSON.parse(body);
  } catch {
    // Not JSON: the official client then shows the text.
  }
  return APIError.generate(status, parsed, parsed ? undefined : body, headers);
}

/** The same of a response that is still somebody else's to read. */
export async function officialErrorIn(response: Response): Promise<Error> {
  const { status, headers } = response;
  return officialError({ status, headers, body: await response.clone().text() });
}
