import type { Reaction } from '../../platform/events.ts'
import { attachmentUploaded } from './events.ts'
import { type Scanning, scanAttachment } from './scanning.ts'

/** What attachments do with the news of themselves: a new one is scanned, where there is a scanner. */
export function attachmentReactions(scanning: Scanning | undefined): Reaction[] {
  if (!scanning) return []
  return [
    {
      name: 'attachments.scan',
      on: [attachmentUploaded],
      handle: ({ event }) => scanAttachment(scanning, event.subject.id),
    },
  ]
}
