import { describeRealtime } from '../src/realtime-description.ts'

/** `docs/asyncapi.json` as it should be. */
export function renderAsyncApi(): string {
  return `${JSON.stringify(describeRealtime(), null, 2)}\n`
}
