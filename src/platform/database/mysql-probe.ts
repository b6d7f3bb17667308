import { type ConnectionOptions, createConnection, type Connection as DriverConnection, type QueryError } from 'mysql2'
import type { Server } from './mysql-pool.ts'

const PROBE_EVERY_MS = 500
const PROBE_ANSWER_MS = 1000

/** Asks the server every half second whether it is there, on a connection of its own: a hung server is noticed, too. */
export class Probe {
  readonly #settings: ConnectionOptions
  readonly #server: Server
  #connection: DriverConnection | undefined
  #timer: NodeJS.Timeout | undefined
  #stopped = false
  constructor(settings: ConnectionOptions, server: Server) {
    this.#settings = settings
    this.#server = server
    this.#askLater()
  }
  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#drop()
  }
  #askLater(): void {
    if (this.#stopped) return
    this.#timer = setTimeout(() => this.#ask(), PROBE_EVERY_MS)
    this.#timer.unref()
  }
  #ask(): void {
    let isOver = false
    const end = (error?: unknown): void => {
      if (isOver) return
      isOver = true
      clearTimeout(silence)
      // The next one asks on a fresh connection: this one is gone, or hangs with its server.
      if (error) this.#drop()
      this.#askLater()
    }
    const silence = setTimeout(() => {
      // When this process itself was held up, the answer lies in the socket: it is read before this runs.
      setImmediate(() => {
        if (isOver || this.#stopped) return
        this.#server.fellSilent()
        end(new Error('no answer'))
      })
    }, PROBE_ANSWER_MS)
    silence.unref()
    this.#connection ??= this.#connect()
    this.#connection.query('select 1', (error: QueryError | null) => {
      if (!isOver) this.#server.spoke()
      end(error)
    })
  }
  #connect(): DriverConnection {
    const connection = createConnection(this.#settings)
    // Whoever asks on it is told by his callback.
    connection.on('error', () => {})
    return connection
  }
  #drop(): void {
    this.#connection?.destroy()
    this.#connection = undefined
  }
}
