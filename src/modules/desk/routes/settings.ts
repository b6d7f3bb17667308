import { ok } from '../../../platform/http/answer.ts'
import { admins, type Route, route } from '../../../platform/http/route.ts'
import { VersionConflict } from '../../../platform/problems.ts'
import { updateSettings } from '../commands/update-settings.ts'
import { getSettings, toSettings } from '../queries/settings.ts'
import { Settings, SettingsPatch } from '../schema.ts'
import type { SettingsRow } from '../tables.ts'

/** What an admin sets while the desk runs. */
export function settingsRoutes(): Route[] {
  const read = { roles: admins, scope: 'settings:read' }
  const write = { roles: admins, scope: 'settings:write' }
  const tag = 'Settings'
  const shown = (row: SettingsRow) => [toSettings(row), { etag: `v${row.version}` }] as const

  return [
    route({
      method: 'GET',
      path: '/v1/settings',
      operationId: 'getSettings',
      summary: 'Get the settings',
      description: 'What holds for the whole desk and can be changed while it runs.',
      tag,
      access: read,
      answers: { 200: Settings },
      handle: async ({ db }) => ok(...shown(await getSettings(db))),
    }),
    route({
      method: 'PATCH',
      path: '/v1/settings',
      operationId: 'updateSettings',
      summary: 'Change the settings',
      description: 'A merge patch: what is absent stays. The default queue must be one in use.',
      tag,
      access: write,
      body: SettingsPatch,
      answers: { 200: Settings },
      problems: [VersionConflict],
      handle: ({ actor, body, if_match, transact }) =>
        transact(async (tx) => ok(...shown(await updateSettings(tx, actor, { changes: body, if_match })))),
    }),
  ]
}
