// A provider of OpenID Connect on this machine, which takes any name and any password. It prints its issuer.
import http from 'node:http'
import Provider from 'oidc-provider'

const server = http.createServer()
server.listen(Number(process.env.PROVIDER_PORT ?? 0), '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`
  const provider = new Provider(issuer, {
    clients: [{
      client_id: 'shop',
      client_secret: 'a secret of the shop',
      // Native clients may come back to any port of this address (RFC 8252, section 7.3).
      application_type: 'native',
      redirect_uris: ['http://127.0.0.1/callback'],
    }],
    pkce: { required: () => true },
  })
  server.on('request', provider.callback())
  console.log(issuer)
})
