import type { Ground, Module } from '../../platform/module.ts'
import { tagRoutes } from './routes.ts'
import { renameJob } from './tag-job.ts'

export { tagRenamed } from './events.ts'

/** The tags that tickets carry, as a whole. */
export function createTags({ cursors }: Ground): Module {
  return { routes: tagRoutes({ cursors }), pages: [], reactions: [], jobs: [renameJob] }
}
