import type { Reader } from '../../platform/database/schema.ts'

/** Asks another module whether it holds on to an object that is to go away. */
export type IsInUse = (db: Reader, id: string) => Promise<boolean>
