import type { Reader } from '../../platform/database/schema.ts'
import type { Letter } from '../mail/index.ts'
import type { OutboundMailRow } from './tables.ts'

/**
 * Writes a mail when it leaves, maybe more than once. `cancelled` says in a word why there is no reason any more: what it would tell is
 * gone, or was seen. The row then ends `cancelled` with that reason.
 */
export type Compose = (db: Reader, row: OutboundMailRow) => Promise<Letter | { cancelled: string }>
