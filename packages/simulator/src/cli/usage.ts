import { faultKinds } from '../faults/check.js';

/** What `--help` prints. */
export const usage = `breakwater-simulator: an OpenAI-compatible provider on loopback that misbehaves on demand

  --region name[=latencyMs[,port]]   a region with a port of its own; may be given again (default: local)
  --model name                       a model that all regions serve; may be given again (default: a list of well-known ones)
  --seed number                      answers, jitter and chances are drawn from it (default: 1)
  --port number                      the first region's port, the next ones follow (default: the system chooses)
  --tokens-per-second number         the pace of answers (default: no limit)
  --fault region[/model]:kind[:seconds]
                                     a fault from the start, for so long or for good; may be given again
                                     a number as kind is that status: --fault local:503:30
  --help

Kinds of fault: ${faultKinds.join(', ')}
`;
