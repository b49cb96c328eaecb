import { bulkhead, circuitBreaker as cockatiel, ConsecutiveBreaker, CircuitState, ExponentialBackoff, halfJitterGenerator, handleWhen, isBrokenCircuitError, SamplingBreaker, wrap } from 'cockatiel';
import Opossum from 'opossum';
import { circuitBreaker, isCircuitOpenError } from '../../packages/core/src/breaker/circuit-breaker.ts';
import { trackers } from '../../packages/core/src/breaker/trackers.ts';
import type { Time } from './time.ts';
