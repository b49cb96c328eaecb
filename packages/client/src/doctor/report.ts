import type { KeyReading, SeenLimits } from '@breakwater/core';

/** What a problem is about. */
export type About = 'connection' | 'tls' | 'key' | 'models' | 'latency' | 'answer' | 'stream' | 'time';

/** Something that was found, and what to do about it. */
export interface Problem {
  /** `fix` is something to be mended; `note` something to know, with which all may be well. */
  readonly level: 'fix' | 'note';
  readonly about: About;
  /** The endpoint that it is about; undefined for the whole configuration. */
  readonly endpoint?: string | undefined;
  /** A sentence: what is wrong, and what helps. */
  readonly message: string;
}

/** How the way to an endpoint was found, straight from this machine. */
export interface ConnectionReading {
  readonly host: string;
  readonly port: number;
  /** What stood in the way, such as `ECONNREFUSED`; undefined for an open connection. */
  readonly fault?: string | undefined;
  /** Milliseconds until the connection was open. */
  readonly connectMs?: number | undefined;
  /** Undefined for `http:`, and where there was no connection. */
  readonly tls?: TlsReading | undefined;
}

/** What was agreed on over TLS. */
export interface TlsReading {
  /** Such as `TLSv1.3`. */
  readonly protocol: string;
  /** Whole days until the certificate expires; negative when it has. Undefined when it does not say. */
  readonly daysLeft: number | undefined;
  /** Why this machine does not trust it, such as `DEPTH_ZERO_SELF_SIGNED_CERT`; undefined when it does. */
  readonly distrust: string | undefined;
}

/** The models of an endpoint. */
export interface ModelsReading {
  /** How many its list holds; undefined when there was no list. */
  readonly listed: number | undefined;
  /** Those that the configuration names for it. */
  readonly expected: readonly string[];
  /** Those of them that its list does not hold; undefined when that cannot be told. */
  readonly missing: readonly string[] | undefined;
}

/** How long cheap requests took, in milliseconds. */
export interface LatencyReading {
  readonly requests: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** How a question was answered. */
export interface AnswerReading {
  readonly model: string;
  readonly isGood: boolean;
  /** Milliseconds until the whole answer. */
  readonly ms: number;
  /** Milliseconds until the first content of a stream. */
  readonly firstTokenMs?: number | undefined;
}

/** How one endpoint was found. */
export interface EndpointReading {
  readonly id: string;
  readonly region: string | undefined;
  /** Without its query, where some keep a key. */
  readonly baseURL: string;
  readonly connection: ConnectionReading;
  readonly keys: readonly Omit<KeyReading, 'endpoint'>[];
  readonly models: ModelsReading;
  /** Of requests for the list of models; undefined when none was answered. */
  readonly latency: LatencyReading | undefined;
  /** Undefined where nothing was asked. */
  readonly answer: AnswerReading | undefined;
  readonly stream: AnswerReading | undefined;
  /** The limits that headers told of. */
  readonly limits: SeenLimits | undefined;
}

/** All that was found. */
export interface Diagnosis {
  /** Whether there is nothing to fix. */
  readonly isWell: boolean;
  readonly config: string;
  /** Whether models were asked for answers. */
  readonly asked: boolean;
  readonly endpoints: readonly EndpointReading[];
  readonly problems: readonly Problem[];
}
