import { defineProblem } from '../../platform/problems.ts'

export const LinkedOtherwise = defineProblem(
  'linked_otherwise',
  409,
  'These tickets are linked the other way round. Remove that link first.',
)
export const HasParent = defineProblem('has_parent', 409, 'The child has a parent already. Remove that link first.')
export const LinkCycle = defineProblem('link_cycle', 409, 'The parent is a part of the child, near or far.')
export const TooManyLevels = defineProblem('too_many_levels', 409, 'At most ten tickets may stand one above the other.')
export const LinkStays = defineProblem('link_stays', 409, 'A link that a split made stays: it says where messages went.')
