import type { Reader } from '../../platform/database/schema.ts'

/** Asks whether a queue has a lifecycle, or new queues get it. */
export type IsLifecycleInUse = (db: Reader, lifecycle_id: string) => Promise<boolean>
