// What the page shows of the sessions. Everything works without it, but for the API and the wire.

import { header, keyId, make, send, token } from './wire.js'

const find = id => document.getElementById(id)
const tabs = new BroadcastChannel('haversack')
let state
let ahead = 0 // the server's clock before this one, in seconds
let ending
let jwt

const now = () => Date.now() / 1000 + ahead
const left = time => Math.max(0, Math.ceil(time - now()))

// A time of today, or a day.
function moment(time) {
  const date = new Date(time * 1000)
  return left(time) < 86400 ? date.toLocaleTimeString() : date.toLocaleDateString()
}

function span(seconds) {
  const [d, h, m, s] = [seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60].map(Math.floor)
  const parts = d ? [[d, 'd'], [h, 'h']] : h ? [[h, 'h'], [m, 'min']] : m ? [[m, 'min'], [s, 's']] : [[s, 's']]
  return parts.filter(([count], index) => count || !index).map(part => part.join(' ')).join(' ')
}

// A deadline: its countdown, and how much of its time is left.
function deadline(name, until, from) {
  const text = make('span')
  const bar = make('progress', { max: Math.max(1, until - from) })
  bar.ariaLabel = name
  text.dataset.until = until
  return [make('dt', {}, name), make('dd', {}, text, bar)]
}

function rows(pairs) {
  return pairs.flatMap(([term, text]) => [make('dt', {}, term), make('dd', {}, text)])
}

function facts(session, times) {
  if (session.value === null) {
    const reason = session.rejected ? `refused as ${session.rejected}: ${session.reason}` : 'no session'
    return make('p', { className: session.rejected ? 'refused' : 'note' }, reason)
  }
  const sealed = token(session.cookie) ?? ''
  return make('dl', {},
    ...rows([['value', make('code', {}, JSON.stringify(session.value))]]),
    ...times,
    ...rows([
      ['id', make('code', {}, session.id)],
      ['version', `${session.version}, issued ${new Date(session.issued * 1000).toLocaleTimeString()}`],
      ['token', make('details', {}, make('summary', {}, `${sealed.length} characters, sealed by `,
        make('code', {}, keyId(sealed) ?? '')), make('code', { className: 'token' }, sealed))],
    ]))
}

function show() {
  const { login, cart } = state
  document.body.dataset.login = login.value ? 'in' : 'out'
  document.querySelector('[data-facts=login]').replaceChildren(facts(login, [
    ...rows([['kept', login.remembered ? 'signed in, as you asked' : 'signed in while you use it']]),
    ...deadline('unused until', login.expires, login.issued),
    ...deadline('at most until', login.ends, login.started)]))
  document.querySelector('[data-facts=cart]').replaceChildren(facts(cart,
    deadline('until', cart.ends, cart.started)))
  const reason = session => session.value ? 'opens' : session.rejected ?? 'no cookie'
  find('reasons').replaceChildren(...rows([['login', reason(login)], ['cart', reason(cart)]]))
  for (const dd of find('reasons').querySelectorAll('dd')) {
    dd.className = { opens: 'good', 'no cookie': '' }[dd.textContent] ?? 'refused'
  }
  const sealed = [login, cart].map(({ cookie }) => [cookie, keyId(token(cookie) ?? '')])
  find('ring').replaceChildren(...state.keys.match(/\b[0-9a-f]{8}\b/g).map((id, index) =>
    make('li', { className: index ? '' : 'seals' }, make('code', {}, id), index ? ' opens' : ' seals',
      ...sealed.filter(([, key]) => key === id).map(([cookie]) => make('span', { className: 'chip' }, cookie)))))
  tick()
}

function tick() {
  for (const text of document.querySelectorAll('[data-until]')) {
    const seconds = left(text.dataset.until)
    text.textContent = `${moment(text.dataset.until)}, in ${span(seconds)}`
    if (text.nextElementSibling) text.nextElementSibling.value = seconds
  }
  if (!state) return
  const { login, fresh_seconds: fresh } = state
  const age = Math.max(0, Math.floor(now() - login.authenticated))
  find('proof').textContent = !login.value ? 'Nobody is signed in.'
    : `You proved it ${span(age)} ago, which is ${age <= fresh ? 'fresh' : 'too old'}: ${span(fresh)} are allowed.`
  warn()
}

// `session-ends` of the last answer, counted down.
function warn() {
  const seconds = ending && Math.ceil(ending.at - now())
  const soon = ending && seconds <= Math.min(120, ending.of / 3)
  find('ending').hidden = !soon
  if (!soon) return
  find('ending').querySelector('span').textContent = `You will be signed out in ${span(Math.max(0, seconds))}.`
  find('ending').querySelector('button').hidden = ending.inAnyCase
  if (seconds < 0) {
    ending = undefined
    refresh()
  }
}

async function refresh() {
  const { response } = await send('/sessions')
  state = JSON.parse(response.body)
  ahead = state.now - Date.now() / 1000
  const ends = header(response, 'session-ends')?.match(/idle=(\d+), absolute=(\d+)/)?.slice(1).map(Number)
  ending = ends && { at: state.now + ends[0], of: state.login.expires - state.login.issued, inAnyCase: ends[0] === ends[1] }
  if (state.flashes.length) tell(state.flashes)
  show()
}

function tell(messages) {
  find('messages').replaceChildren(...messages.map(text => make('p', { className: 'flash' }, text)))
}

function say(element, text = '', isRefused = false) {
  const says = element.closest('section').querySelector('.says')
  says.textContent = text
  says.classList.toggle('refused', isRefused)
}

async function submit(event) {
  event.preventDefault()
  const form = event.target
  const path = new URL(form.action).pathname
  const isRead = form.method === 'get'
  tell([])
  const { response } = await send(path, isRead ? {} : { method: 'POST', form: new FormData(form) })
  const failed = response.status >= 400
  say(form, failed || isRead ? `${response.status}: ${text(response.body)}` : '', failed)
  if (isRead) return
  if (!failed) form.reset()
  if (path === '/api/token') keep(response)
  else if (path === '/reset') offer(response.body)
  else await changed()
  if (path.startsWith('/tenants/')) await openNotes()
}

// Something that may be a page, in a line.
function text(body) {
  const page = new DOMParser().parseFromString(body, 'text/html')
  const telling = page.querySelector('.flash') ?? page.querySelector('h1') ?? page.body
  return telling.textContent.trim() || 'nothing more'
}

// The other tabs look again, once this one has its message.
async function changed() {
  await refresh()
  tabs.postMessage('changed')
}

function offer(body) {
  const link = new DOMParser().parseFromString(body, 'text/html').querySelector('a[href^="/reset?"]')
  if (link) find('link').replaceChildren(make('a', { href: link.getAttribute('href'), className: 'button' }, link.textContent))
}

async function openNotes() {
  for (const tenant of ['north', 'south']) {
    const { response } = await send(`/tenants/${tenant}/note`)
    const note = JSON.parse(response.body)
    find(tenant).textContent = note.value ? `opens: “${note.value.text}”` : `refused: ${note.rejected}`
    find(tenant).className = note.value ? 'good' : 'refused'
  }
}

function keep(response) {
  jwt = header(response, 'x-session') ?? jwt
  showClaims()
}

function showClaims() {
  find('bend').disabled = find('forget').disabled = !jwt
  if (!jwt) return find('claims').replaceChildren()
  const json = atob(jwt.split('.')[1].replaceAll('-', '+').replaceAll('_', '/'))
  let claims
  try {
    claims = JSON.parse(new TextDecoder().decode(Uint8Array.from(json, c => c.charCodeAt(0))))
  } catch {
    return
  }
  find('claims').replaceChildren(make('dl', {},
    ...rows([['claims', make('code', { className: 'claims' }, JSON.stringify(claims, null, 1))]]),
    ...deadline('exp', claims.exp, claims.iat)))
  tick()
}

find('call').onclick = async event => {
  const { response } = await send('/api/me', { token: jwt })
  say(event.target, `${response.status}: ${response.body}`, response.status >= 400)
  keep(response)
}
find('bend').onclick = event => {
  // A character of the signature.
  const at = jwt.length - 10
  jwt = jwt.slice(0, at) + (jwt[at] === 'A' ? 'B' : 'A') + jwt.slice(at + 1)
  say(event.target, 'One character of the signature is another one. Call with it.')
}
find('forget').onclick = event => {
  jwt = undefined
  showClaims()
  say(event.target, 'Forgotten.')
}
find('use').onclick = refresh
find('ending').querySelector('button').onclick = refresh
for (const form of document.querySelectorAll('form[data-wire]')) form.addEventListener('submit', submit)
tabs.onmessage = refresh
document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && refresh())
addEventListener('unhandledrejection', () => tell(['The demo does not answer. Is it still running?']))
setInterval(tick, 1000)
refresh()
