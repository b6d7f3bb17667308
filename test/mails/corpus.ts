import { headers } from './headers.ts'
import { machines } from './machines.ts'
import { parts } from './parts.ts'
import { replies } from './replies.ts'
import type { Sample } from './sample.ts'
import { texts } from './texts.ts'

/** Mails as they come: what people, programs and machines write, what is broken, and what wants to break. Always the same. */
export const corpus: readonly Sample[] = [...texts, ...headers, ...parts, ...machines, ...replies]
