import { Resolver } from 'node:dns/promises'
import { comparePublished, recordOf } from './sending-domain.ts'
import type { SendingDomainRow } from './tables.ts'

/** Looks up TXT records: each in its parts, none where there are none. Rejects where the DNS does not answer. */
export type LookUpTxt = (name: string) => Promise<string[][]>

const TIMEOUT_MS = 3000
const SHOWN_MAX = 10
const ABSENT = new Set(['ENOTFOUND', 'ENODATA'])

/** The DNS of this machine. */
export const lookUpTxt: LookUpTxt = async (name) => {
  try {
    return await new Resolver({ timeout: TIMEOUT_MS, tries: 2 }).resolveTxt(name)
  } catch (error) {
    if (error instanceof Error && 'code' in error && ABSENT.has(String(error.code))) return []
    throw error
  }
}

/** Whether the DNS has the key of a domain. */
export async function checkPublished(
  row: Pick<SendingDomainRow, 'domain' | 'selector' | 'public_key'>,
  lookUp: LookUpTxt,
): Promise<{ state: 'published' | 'different' | 'missing' | 'unknown'; found: string[] }> {
  try {
    const records = await lookUp(recordOf(row).name)
    const found = records.slice(0, SHOWN_MAX).map((parts) => parts.join('').slice(0, 2000))
    return { state: comparePublished(records, row.public_key), found }
  } catch {
    return { state: 'unknown', found: [] }
  }
}
