import { defineProblem } from '../../platform/problems.ts'

export const LifecycleInUse = defineProblem(
  'lifecycle_in_use',
  409,
  'A queue has this lifecycle, or new queues get it. Give them another one first.',
)
