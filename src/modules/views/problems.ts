import { defineProblem } from '../../platform/problems.ts'

export const TooManyViews = defineProblem('too_many_views', 409, 'Somebody has at most 200 views. Delete one first.')
export const ViewOutdated = defineProblem(
  'view_outdated',
  409,
  'A filter or the order of this view names something that is no more. `errors` says what: change the view.',
)
