/** The same submission as a command to paste. Quoted for a POSIX shell, so any script survives it. */

const quoted = (text) => `'${String(text).replaceAll("'", "'\\''")}'`

export const asCurl = (body) =>
  `curl -sS ${quoted(`${location.origin}/v1/jobs`)} -H 'Content-Type: application/json' \\\n  --data-raw ${quoted(JSON.stringify(body))}`

const flag = (name) => `--${name.replaceAll('_', '-')}`

/** `reelog submit` reads the script from standard input as `-`. */
export function asCommand(body) {
  const parts = []
  for (const [kind, model] of Object.entries(body.models ?? {})) parts.push(`--${kind}-model ${quoted(model)}`)
  for (const [name, value] of Object.entries(body.options ?? {})) {
    if (value === true) parts.push(flag(name))
    else if (value === false) parts.push(flag(name).replace('--', '--no-'))
    else parts.push(`${flag(name)} ${quoted(value)}`)
  }
  for (const name of ['language', 'max_cost_usd', 'priority']) {
    if (body[name] != null) parts.push(`${flag(name)} ${quoted(body[name])}`)
  }
  const url = location.origin === 'http://127.0.0.1:8080' ? '' : ` --url ${quoted(location.origin)}`
  return `printf %s ${quoted(body.script)} |\n  reelog submit -${url}${parts.map((part) => ` ${part}`).join('')}`
}
