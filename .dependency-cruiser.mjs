// For `npx depcruise src`: the rules themselves are made from blueprint.ts.
// biome-ignore lint/style/noDefaultExport: dependency-cruiser asks for it
export { floorRules as default } from './tools/floor-rules.ts'
