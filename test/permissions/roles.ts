/** Everybody who may send a request, by what he is to the tickets of the world. */
export const roles = [
  'nobody',
  'deactivated',
  'ended',
  'requester',
  'manager',
  'colleague',
  'foreigner',
  'cc',
  'teamAgent',
  'otherAgent',
  'raisingAgent',
  'followingAgent',
  'assignedAgent',
  'admin',
  'keyAgent',
  'keyAdmin',
  'keyNarrow',
] as const
export type Role = (typeof roles)[number]

/** Who has no credential that counts. */
export const signedOut = ['nobody', 'deactivated', 'ended'] as const
export const requesters = ['requester', 'manager', 'colleague', 'foreigner', 'cc'] as const
export const agents = ['teamAgent', 'otherAgent', 'raisingAgent', 'followingAgent', 'assignedAgent'] as const
export const admins = ['admin', 'keyAdmin'] as const
/** Who looks at the directory: everybody of the staff whose key is not too narrow. */
export const staff = [...agents, ...admins, 'keyAgent'] as const
export const signedIn: readonly Role[] = roles.filter((role) => !signedOut.some((other) => other === role))

/** The tickets of the world, and who sees each of them on which side. `gone` was deleted. */
export const tickets = ['case', 'bobs', 'coles', 'monas', 'freds', 'ginas', 'raised', 'others', 'general', 'gone'] as const
export type TicketName = (typeof tickets)[number]

export const sees: Record<TicketName, { staff: readonly Role[]; public: readonly Role[] }> = {
  case: { staff: ['teamAgent', 'followingAgent', 'assignedAgent', ...admins], public: ['requester', 'manager', 'cc'] },
  bobs: { staff: ['teamAgent', ...admins], public: ['manager'] },
  coles: { staff: ['teamAgent', ...admins], public: ['colleague', 'manager'] },
  monas: { staff: ['teamAgent', ...admins], public: ['manager'] },
  freds: { staff: [...admins], public: ['foreigner'] },
  ginas: { staff: [...admins], public: [] },
  raised: { staff: ['teamAgent', ...admins], public: ['raisingAgent'] },
  others: { staff: ['otherAgent', 'raisingAgent', 'followingAgent', 'assignedAgent', ...admins], public: [] },
  general: { staff: [...agents, 'keyAgent', ...admins], public: [] },
  gone: { staff: [], public: [] },
}

/** The ticket that is a role's own, that of his organization or team mates, and a foreign one. */
export function ticketOf(role: Role, target: string): TicketName {
  switch (target) {
    case 'org':
      return role === 'colleague' ? 'case' : role === 'foreigner' ? 'ginas' : 'bobs'
    case 'foreign':
      return role === 'foreigner' ? 'case' : 'freds'
    default:
      return ownTickets[role] ?? 'case'
  }
}

const ownTickets: Partial<Record<Role, TicketName>> = {
  manager: 'monas',
  colleague: 'coles',
  foreigner: 'freds',
  otherAgent: 'others',
  raisingAgent: 'raised',
  keyAgent: 'general',
  keyNarrow: 'general',
}
