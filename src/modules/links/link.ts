/** What stands on the one side of a link, and on the other. */
const inverses = {
  related: 'related',
  duplicates: 'duplicated_by',
  duplicated_by: 'duplicates',
  parent: 'child',
  child: 'parent',
  split_from: 'split_into',
  split_into: 'split_from',
} as const

/** What another ticket is to this one: `parent` is the ticket that this one is a part of. */
export type LinkKind = keyof typeof inverses

/** The kinds that people make; those of a split come with the split. */
export const madeKinds = ['related', 'duplicates', 'duplicated_by', 'parent', 'child'] as const satisfies readonly LinkKind[]

// The keys of an object literal, in its order.
export const linkKinds = Object.keys(inverses) as LinkKind[]

/** How the other ticket sees the same link. */
export function inverseOf(kind: LinkKind): LinkKind {
  return inverses[kind]
}

/** Whether a link says where messages went: it stays as long as its tickets. */
export function isOfSplit(kind: LinkKind): boolean {
  return kind === 'split_from' || kind === 'split_into'
}

/** How many tickets may stand one above the other. */
export const LEVELS_MAX = 10
