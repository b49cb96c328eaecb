import type { GoingOn } from '../answers/question.js';
import { tokensOf } from '../answers/text.js';
import { DEFAULTS, type RegionSettings } from '../options.js';
import { invalid } from './complaints.js';
import { textIn } from './messages.js';

type Message = Readonly<Record<string, unknown>>;
type Manners = Pick<RegionSettings, 'continues' | 'instructed'>;

/** A conversation as it is answered: what of it was asked, and the answer that is to be gone on with, if there is one. */
export interface Asked {
  readonly messages: readonly Message[];
  readonly goingOn?: GoingOn;
}

const REFUSAL = 'This model does not support assistant message prefill. The conversation must end with a user message.';
/** A JSON string inside a text. */
const QUOTED = /"(?:[^"\\\n]|\\.)*"/g;
/** So many tokens are said again by one that repeats itself. */
const REPEATED = 4;

/** Looks whether a conversation ends with an answer that is to be gone on with; throws the 400 of a region that does not. */
export function readGoingOn(messages: readonly Message[], manners: Manners): Asked {
  const [before, last] = messages.slice(-2);
  if (last?.role === 'assistant') return goneOnWith(messages, last, manners);
  const said = textIn(before?.content);
  const anchor =
    before?.role === 'assistant' && last?.role === 'user' ? anchorIn(textIn(last.content), said) : undefined;
  if (anchor === undefined) return { messages };
  return { messages: messages.slice(0, -2), goingOn: instructed(said, anchor, manners) };
}

function goneOnWith(messages: readonly Message[], last: Message, { continues = DEFAULTS.continues }: Manners): Asked {
  if (continues === 'refuse') throw invalid('messages', REFUSAL);
  const said = textIn(last.content);
  const asked = messages.slice(0, -1);
  if (continues === 'ignore' || said === '') return { messages: asked };
  const lead = continues === 'repeat' ? tokensOf(said).slice(-REPEATED).join('').trimStart() : '';
  return { messages: asked, goingOn: { said, lead, isNewTurn: false } };
}

/** What a turn of the user's quotes of the end of the answer before it. */
function anchorIn(text: string, said: string): string | undefined {
  const quoted = [...text.matchAll(QUOTED)].map(([one]) => JSON.parse(one) as string);
  return quoted.find((one) => one !== '' && said.endsWith(one));
}

function instructed(said: string, anchor: string, { instructed: how = DEFAULTS.instructed }: Manners): GoingOn {
  const lead = how === 'go-on' ? '' : how === 'reword' ? `Sure, going on: ${anchor}` : anchor;
  return { said, lead, isNewTurn: true };
}
