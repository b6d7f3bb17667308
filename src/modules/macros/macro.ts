import { fromJson, toJson } from '../../platform/codecs.ts'
import type { Priority } from '../desk/index.ts'
import type { FieldValue } from '../fields/index.ts'
import type { MacroKind, MacroRow } from './tables.ts'

/** What a text says in one language. */
export interface Variant {
  /** A language tag (BCP 47), in its canonical form. */
  locale: string
  /** Markdown with placeholders. */
  body: string
}

/** A message that is to be written again and again. */
export interface MessageTemplate {
  visibility: 'public' | 'internal'
  /** The first one is for whom there is no other. */
  variants: readonly Variant[]
  attachment_ids: readonly string[]
}

/** What a macro changes in a ticket: `me` is who applies it, null clears. */
export interface Changes {
  status?: string
  priority?: Priority
  queue_id?: string
  category_id?: string | null
  assignee_id?: string | null
  type_id?: string | null
  fields?: Readonly<Record<string, FieldValue | null>>
  pending_in_seconds?: number
  add_tags?: readonly string[]
  remove_tags?: readonly string[]
}

/** What is written and changed. */
export interface Content {
  message: MessageTemplate | null
  changes: Changes | null
}

export function contentOf({ message, changes }: Pick<MacroRow, 'message' | 'changes'>): Content {
  return {
    message: message === null ? null : fromJson<MessageTemplate>(message),
    changes: changes === null ? null : fromJson<Changes>(changes),
  }
}

export function toColumns({ message, changes }: Content): Pick<MacroRow, 'message' | 'changes'> {
  return { message: message && toJson(message), changes: changes && toJson(changes) }
}

const LONGEST_KEY = 300

/** A name or a part of one as it is compared and sorted. A letter may fold into several: of a very long one its beginning. */
export function foldName(name: string): string {
  return [...name.normalize('NFC').trim().toLowerCase()].slice(0, LONGEST_KEY).join('')
}

/** What makes a shortcut unique: its kind, and those who share it. */
export function shortcutKey({
  kind,
  shortcut,
  visibility,
  team_id,
  owner_id,
}: Pick<MacroRow, 'kind' | 'shortcut' | 'visibility' | 'team_id' | 'owner_id'>): string | null {
  if (shortcut === null) return null
  const sharers = { private: owner_id, team: team_id ?? '', shared: 'all' }[visibility]
  return `${kind} ${sharers} ${shortcut}`
}

/** How an object of this kind is called in paths, and by its id. */
export const kinds: Readonly<Record<MacroKind, { path: string; prefix: string }>> = {
  canned_reply: { path: '/v1/canned-replies', prefix: 'rpl' },
  macro: { path: '/v1/macros', prefix: 'mac' },
}
