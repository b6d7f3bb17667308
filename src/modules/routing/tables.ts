declare module '../../platform/database/schema.ts' {
  interface Schema {
    routing_rules: RoutingRuleRow
  }
}

/** One rule: where it stands, what it looks at, and what it does. */
export interface RoutingRuleRow {
  id: string
  /** From 1, without a gap; every change of it is made under the lock of the settings. */
  position: number
  name: string
  enabled: number
  /** JSON. */
  conditions: string
  /** JSON. */
  actions: string
  created_at: number
  updated_at: number
  version: number
}
