import type { Language } from './story.ts'

/** What the external ids of everything in the demo begin with: `--remove` knows its people, companies, queues and categories by it. */
export const MARK = 'beckon-demo:'

/** A company whose people write to the demo desk. Its domain is one that can never exist (RFC 2606 §2). */
export interface DemoCompany {
  key: string
  name: string
}

export interface DemoPerson {
  key: string
  name: string
  email: string
  language: Language
  time_zone: string
  /** The key of a company. */
  company: string | null
  isManager: boolean
}

/** The agents of the demo, and whose requesters they look after. */
export const agents: readonly (DemoPerson & { speaks: readonly Language[] })[] = [
  agent('Lena Fischer', 'de', { time_zone: 'Europe/Berlin', speaks: ['de', 'en'] }),
  agent('Mathieu Laurent', 'fr', { time_zone: 'Europe/Paris', speaks: ['fr', 'en'] }),
  agent('Carmen Ruiz', 'es', { time_zone: 'Europe/Madrid', speaks: ['es', 'en'] }),
]

export const companies: readonly DemoCompany[] = [
  { key: 'harbour', name: 'Harbour Cycle Hire' },
  { key: 'rheinrad', name: 'Rheinrad Verleih GmbH' },
  { key: 'kesselbach', name: 'Kesselbach Maschinenbau AG' },
  { key: 'pignon', name: 'Le Pignon Livraisons' },
  { key: 'mirador', name: 'Hotel Mirador' },
  { key: 'northfield', name: 'Northfield Council' },
]

const zones: Readonly<Record<Language, string>> = {
  en: 'Europe/London',
  de: 'Europe/Berlin',
  fr: 'Europe/Paris',
  es: 'Europe/Madrid',
}

/** The requesters of the demo: ten for each language. A star says whose company's tickets he sees, too. */
export const requesters: readonly DemoPerson[] = [
  ...people('en', [
    'Emily Carter @harbour*',
    'Oliver Bennett @harbour',
    'Priya Nair',
    'James Whitfield @northfield*',
    'Sophie Adams @northfield',
    'Daniel Okafor',
    'Hannah Doyle',
    'Thomas Reid',
    'Grace Mbeki',
    'Liam Murphy',
  ]),
  ...people('de', [
    'Anna Keller @rheinrad*',
    'Jonas Weber @rheinrad',
    'Marlene Vogt @kesselbach*',
    'Stefan Brandt @kesselbach',
    'Yasemin Kaya',
    'Lukas Hofmann',
    'Greta Sommer',
    'Matthias Huber',
    'Johanna Lang',
    'Emre Aydın',
  ]),
  ...people('fr', [
    'Camille Moreau @pignon*',
    'Hugo Lefèvre @pignon',
    'Inès Benali',
    'Julien Girard',
    'Élodie Petit',
    'Antoine Roux',
    'Manon Chevalier',
    'Karim Haddad',
    'Chloé Fontaine',
    'Luc Vandamme',
  ]),
  ...people('es', [
    'Lucía Navarro @mirador*',
    'Javier Ortega @mirador',
    'Marta Gil',
    'Álvaro Castro',
    'Nuria Serrano',
    'Diego Molina',
    'Elena Prieto',
    'Pablo Herrera',
    'Irene Campos',
    'Sergio Vidal',
  ]),
]

function agent(
  name: string,
  language: Language,
  { time_zone, speaks }: { time_zone: string; speaks: readonly Language[] },
): DemoPerson & { speaks: readonly Language[] } {
  const key = keyOf(name)
  return { key, name, email: `${key}@lark-cycles.example`, language, time_zone, company: null, isManager: false, speaks }
}

function people(language: Language, written: readonly string[]): DemoPerson[] {
  return written.map((line) => {
    const [name = '', company] = line.replace('*', '').split(' @')
    const key = keyOf(name)
    const email = `${key}@${company ?? 'home'}.example`
    return { key, name, email, language, time_zone: zones[language], company: company ?? null, isManager: line.endsWith('*') }
  })
}

/** A name as it stands in an address: `Élodie Petit` is `elodie.petit`. */
function keyOf(name: string): string {
  const plain = name.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('ı', 'i')
  return plain.toLowerCase().replace(/[^a-z]+/g, '.')
}
