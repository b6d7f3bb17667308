/** Fires when the tickets that wait in a queue should be tried again. */
export const FILL = 'assignment.fill'
/** Fires when a skill that a ticket asks for binds no longer. */
export const RELAX = 'assignment.relax'
/** The job that gives a queue's waiting tickets their place by another order. */
export const RERANK = 'assignment.rerank'
/** The job that hands over many tickets of an agent. */
export const HANDOVER = 'assignment.handover'
/** Fires some seconds after somebody left, for what he still got from who took him for one who works here. */
export const LEFT = 'assignment.left'
