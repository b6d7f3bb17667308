import { fromJson, toTime } from '../../platform/codecs.ts'
import type { DraftRow } from './tables.ts'

/** A draft, and what came into its ticket since, as far as its author sees it. */
export interface SeenDraft extends Omit<DraftRow, 'side' | 'base_place' | 'discarded_at'> {
  new_message_count: number
  /** The ticket went into another one. */
  is_merged: boolean
  /** Those of its attachments that cannot be sent any more. */
  lost_attachment_ids: readonly string[]
}

/** What a draft says. */
type DraftContent = Pick<DraftRow, 'body' | 'visibility' | 'attachment_ids' | 'last_message_id'>

/** Whether two drafts say the same. */
export function isSameDraft(one: DraftContent, other: DraftContent): boolean {
  return (
    one.body === other.body &&
    one.visibility === other.visibility &&
    one.attachment_ids === other.attachment_ids &&
    one.last_message_id === other.last_message_id
  )
}

/** Whether there is nothing in it that could be sent. */
export function isEmptyDraft({ body, attachment_ids }: { body: string; attachment_ids: readonly string[] }): boolean {
  return body.trim() === '' && attachment_ids.length === 0
}

/** The entity tag of a draft: it changes with the draft, with what came into the ticket, and with files that are lost. */
export function draftEtag({ version, new_message_count, is_merged, lost_attachment_ids: { length: lost } }: SeenDraft): string {
  return `v${version}-${is_merged ? 'merged' : new_message_count}${lost > 0 ? `-${lost}` : ''}`
}

/** Whether entity tags name this version of a draft; what came into the ticket since is no reason to refuse a change. */
export function matchesVersion(if_match: readonly string[], version: number): boolean {
  return if_match.some((tag) => tag === '*' || tag.replace(/-(\d+|merged)(-\d+)?$/, '') === `v${version}`)
}

export function toDraft({ is_merged, attachment_ids, lost_attachment_ids, ...row }: SeenDraft) {
  return {
    object: 'draft' as const,
    ticket_id: row.ticket_id,
    body: row.body,
    visibility: row.visibility,
    attachment_ids: fromJson<string[]>(attachment_ids),
    lost_attachment_ids: [...lost_attachment_ids],
    last_message_id: row.last_message_id,
    is_stale: is_merged || row.new_message_count > 0,
    new_message_count: row.new_message_count,
    created_at: toTime(row.created_at),
    updated_at: toTime(row.updated_at),
    version: row.version,
  }
}
