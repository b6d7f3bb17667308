import type { Reader } from '../../platform/database/schema.ts'

/** Asks who keeps the values of tickets whether any ticket has one of a field, or a certain option of it. */
export type HasValues = (db: Reader, of: { field_id: string; option?: string }) => Promise<boolean>
