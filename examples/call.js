// Calls the API for somebody who is signed in, and stays so: an access token lives for minutes, its session for days.
const PATIENCE_MS = 15_000

/** @typedef {{ access_token: string, refresh_token?: string }} Session a session of `POST /v1/auth/login`, or an API key as `access_token` */

/**
 * @param {{ url: string, session: Session, refreshed?: ((session: Session) => void) | undefined }} options `refreshed`: keep this one, the refresh token that you had is spent
 * @returns {(method: string, path: string, body?: object) => Promise<any>} what was answered; throws an Error with the `problem`
 */
export function createCall({ url, session, refreshed }) {
  /** @type {Promise<any> | undefined} */
  let refreshing
  /** @param {string} method @param {string} path @param {object} [body] */
  const send = async (method, path, body) => {
    const headers = { Authorization: `Bearer ${session.access_token}`, ...(body && { 'Content-Type': 'application/json' }) }
    const signal = AbortSignal.timeout(PATIENCE_MS)
    return fetch(url + path, { method, headers, signal, ...(body && { body: JSON.stringify(body) }) })
  }
  const refresh = async () => {
    session = await read(await send('POST', '/v1/auth/refresh', { refresh_token: session.refresh_token }))
    refreshed?.(session)
  }
  return async (method, path, body) => {
    const answer = await send(method, path, body)
    if (answer.status !== 401 || !session.refresh_token) return read(answer)
    // A refresh token works once: who comes meanwhile waits for the same.
    refreshing ??= refresh().finally(() => {
      refreshing = undefined
    })
    await refreshing
    return read(await send(method, path, body))
  }
}

/** @param {Response} answer */
async function read(answer) {
  const content = await answer.json()
  if (!answer.ok) throw Object.assign(new Error(content.title), { problem: content })
  return content
}
