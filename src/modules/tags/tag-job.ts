import type { JobKind } from '../../platform/job.ts'
import { replaceTag } from '../tickets/index.ts'

/** The name of the job, kept for ever: jobs that wait name it. */
export const RENAME = 'tags.rename'

/** Takes the tickets that carry a tag some at a time, until none carries it. */
export const renameJob: JobKind = {
  name: RENAME,
  async step(tx, { params, actor }) {
    // Written by renameTag.
    const { from, to } = params as { from: string; to: string }
    return { ...(await replaceTag(tx, actor, { from, to })), cursor: null }
  },
}
