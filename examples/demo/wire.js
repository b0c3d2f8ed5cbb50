// Sends what the page asks for, and shows the headers of each exchange.

const exchanges = []
const jar = new Map()
const SHOWN = 25
const OPEN = 2
const log = document.getElementById('log')
const TELLING = ['cookie', 'authorization', 'set-cookie', 'x-session', 'session-ends', 'cache-control', 'vary',
  'location', 'www-authenticate']
let whole = false

/** Makes an element with these children. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties)
  element.append(...children)
  return element
}

/** One exchange, as the server saw it: { request, response }. */
export async function send(path, { method = 'GET', form, token } = {}) {
  const headers = { 'x-demo-wire': '1' }
  if (token) headers.authorization = 'Bearer ' + token
  const answer = await fetch(path, { method, headers, body: form && new URLSearchParams(form) })
  const exchange = await answer.json()
  exchange.cookies = cookies(exchange)
  exchanges.unshift(exchange)
  exchanges.length = Math.min(exchanges.length, SHOWN)
  add(exchange)
  return exchange
}

export function header({ headers }, name) {
  return headers.find(([other]) => other === name)?.[1]
}

/** The token of a cookie, as the browser has it by now. */
export function token(cookie) {
  return jar.get(cookie)
}

/** The id of the key in a sealed token: its octets 1 to 4. */
export function keyId(token) {
  try {
    const head = atob(token.slice(0, 8).replaceAll('-', '+').replaceAll('_', '/'))
    return [...head.slice(1, 5)].map(octet => octet.charCodeAt(0).toString(16).padStart(2, '0')).join('')
  } catch {
    return undefined
  }
}

// What became of the cookies, by comparing what came with what was answered.
function cookies({ request, response }) {
  const came = new Map((header(request, 'cookie') ?? '').split('; ').filter(Boolean).map(pair))
  jar.clear()
  came.forEach((value, name) => jar.set(name, value))
  return response.headers.filter(([name]) => name === 'set-cookie').map(([, line]) => {
    const [name, value] = pair(line.split(';')[0])
    const before = keyId(came.get(name) ?? '')
    if (/; max-age=0/i.test(line)) {
      jar.delete(name)
      return name + ' removed'
    }
    jar.set(name, value)
    const after = keyId(value)
    return before && before !== after ? `${name} re-sealed: ${before} → ${after}` : name + ' written'
  })
}

function pair(text) {
  const at = text.indexOf('=')
  return [text.slice(0, at), text.slice(at + 1)]
}

// An action and the look at the sessions after it are open; what a person opened stays so.
function add(exchange) {
  log.prepend(item(exchange, true))
  log.children[OPEN]?.firstChild.removeAttribute('open')
  log.children[SHOWN]?.remove()
  const { request, response, cookies } = exchange
  const ticker = document.getElementById('ticker')
  ticker.textContent = `${request.method} ${request.path} → ${response.status}` +
    (cookies.length ? ` · ${cookies.length} Set-Cookie` : '')
  ticker.hidden = false
}

function item({ request, response, cookies }, open) {
  const kind = 'status s' + Math.floor(response.status / 100)
  const chips = cookies.map(text => make('span', { className: 'chip' }, text))
  return make('li', {}, make('details', { open },
    make('summary', {}, make('b', {}, request.method), ' ' + shortened(request.path) + ' ',
      make('span', { className: kind }, String(response.status)), ...chips),
    part('Request', request.headers), part('Response', response.headers)))
}

function part(title, headers) {
  const telling = headers.filter(([name]) => TELLING.includes(name))
  const others = headers.filter(([name]) => !TELLING.includes(name) && name !== 'x-demo-wire')
  const rest = make('details', { className: 'others' },
    make('summary', {}, `${others.length} other headers`), ...others.map(line))
  return make('div', { className: 'part' }, make('h3', {}, title), ...telling.map(line), rest)
}

function line([name, value]) {
  return make('p', { className: 'line' }, make('b', {}, name + ': '), shortened(value))
}

function shortened(text) {
  const short = token => token.slice(0, 12) + '…' + token.slice(-6)
  return whole ? text : text.replace(/[\w.-]{60,}/g, short)
}

document.getElementById('whole').onchange = event => {
  whole = event.target.checked
  log.replaceChildren(...exchanges.map((exchange, index) => item(exchange, index < OPEN)))
}
