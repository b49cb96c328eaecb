import type { Permit } from '../breaker/breaker.js';
import type { Flight } from '../latency/flight.js';
import type { Reservation } from '../limits/reservation.js';
import type { TokenEstimate } from '../outcome/usage.js';
import type { TargetKey } from '../targets/keys.js';
import type { Target } from '../targets/target.js';

/** A target that may be asked, with the leave to do so. */
export interface Admitted {
  readonly target: Target;
  readonly permit: Permit;
  /** The leave of the way to the endpoint. */
  readonly transport: Permit;
  /** Which attempt of the call it is, from 1. */
  readonly number: number;
  /** The name of the credential that is used. */
  readonly credential: string;
  /** Which of several keys that is; undefined where there was nothing to choose. */
  readonly key: TargetKey | undefined;
  readonly startedAt: number;
  /** Its place among the calls that are under way there. */
  readonly flight: Flight;
  /** The room that it takes in limits; undefined where there are none. */
  readonly room: Room | undefined;
  /** Whether another target was asked beside it, and answered first. @default false */
  readonly isOvertaken?: boolean;
}

/** Room that an attempt takes in limits, and what it was taken for. */
export interface Room {
  readonly reservation: Reservation;
  /** Undefined where no limit counts tokens: nobody has estimated them then. */
  readonly estimate: TokenEstimate | undefined;
}
