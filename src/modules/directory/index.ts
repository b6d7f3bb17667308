import type { Ground, Module } from '../../platform/module.ts'
import type { IsInUse } from './in-use.ts'
import { organizationRoutes } from './routes/organizations.ts'
import { teamRoutes } from './routes/teams.ts'
import { userRoutes } from './routes/users.ts'
import './tables.ts'

export { changedKeys } from './changed.ts'
export { createOrganization } from './commands/create-organization.ts'
export { createUser, type NewUser } from './commands/create-user.ts'
export { missingTeams } from './commands/lock-team.ts'
export { purgePeople } from './commands/purge-people.ts'
export { ownView, type UserChanges, updateUser } from './commands/update-user.ts'
export { announce, teamDeleted, teamMemberAdded, teamMemberRemoved, userCreated, userUpdated } from './events.ts'
export type { IsInUse } from './in-use.ts'
export { importedPatch, MetadataPatch, mergeMetadata } from './metadata.ts'
export { EmailTaken, ExternalIdTaken, externalIdTaken, LastAdmin } from './problems.ts'
export { findOrganization, holdOrganization, presentOrganizations } from './queries/organizations.ts'
export { presentTeams } from './queries/teams.ts'
export { findUser, findUserByEmail, getUser, presentUsers, toUser } from './queries/users.ts'
export { Id, Locale, Name, Organization, OrganizationRole, RoleName, Team, TimeZone, User } from './schema.ts'
export type { UserRow } from './tables.ts'

/** Who else holds on to the directory's objects. */
export interface DirectoryDeps {
  /** Whether a queue has this team. */
  isTeamInUse: IsInUse
  /** Whether a ticket names this organization; that it has users is looked at anyway. */
  isOrganizationInUse: IsInUse
}

/** People, customer companies, and groups of agents. */
export function createDirectory({ cursors }: Ground, deps: DirectoryDeps): Module {
  const { isTeamInUse, isOrganizationInUse } = deps
  return {
    routes: [
      ...userRoutes({ cursors }),
      ...organizationRoutes({ cursors, isOrganizationInUse }),
      ...teamRoutes({ cursors, isTeamInUse }),
    ],
    pages: [],
    reactions: [],
  }
}
