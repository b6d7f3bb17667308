import { defineProblem } from '../../platform/problems.ts'

export const TooManyRules = defineProblem('too_many_routing_rules', 409, 'There are 200 rules. Delete one first.')
