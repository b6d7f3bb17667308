import { defineProblem } from '../../platform/problems.ts'

export const TagExists = defineProblem('tag_exists', 409, 'There is a tag of this name. Merge the two instead.')
export const TagBusy = defineProblem(
  'tag_busy',
  409,
  'One of these tags is still being renamed or merged. Try again when that job is done: GET /v1/jobs.',
)
