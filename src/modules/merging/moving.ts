import type { Tx } from '../../platform/transaction.ts'

/**
 * Runs a move of messages between tickets whose rows are locked, together with what stands above messages and has to follow them: how
 * far people have read.
 */
export type Moving = <T>(tx: Tx, ticket_ids: readonly string[], move: () => Promise<T>) => Promise<T>
