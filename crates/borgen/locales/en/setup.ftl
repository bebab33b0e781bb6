# Setting up and running: init, serve, doctor, sandbox.

init-cannot-ask = There is nobody to ask: give --non-interactive, and what you want otherwise as flags.
init-ask-cloud = Microsoft's cloud (public or us_government)?
init-ask-tenant = Your Partner Center tenant (empty: later)?
init-ask-lang = Language of the server (en or sv)?
init-ask-admin = Name of the first administrator?
init-no-tenant = { $tenant } is no tenant: an id such as { $form } is wanted.
init-global-administrator = First Global administrator
init-user-administrator = First User management administrator
init-user = The { $role }, with a link to sign in by, good once and for 15 minutes from now (borgen serve makes new ones as long as nobody of that role signs in):
init-user-token = The { $role }, with a link to sign in by, good once and for 15 minutes from now, and a token for the command line, good for 30 days or until the link is used:
init-done = Borgen is set up in { $folder }. Keep a copy of data/keys apart from the backups.
init-next =
    Next:
      1. cd { $folder } and add your Partner Center tenant: borgen admin connection add --help
      2. borgen doctor
      3. borgen serve, and open its address with the link; make a token for the command line under /profile

first-link = Nobody signs in as { $role } yet. This link is good once and for 15 minutes: { $url }
serving = Serving on { $url }. Ctrl-C stops.
no-connection = No connection to Microsoft is set: only log events are taken. Add one: borgen admin connection add --help
sandbox-serves = { $count ->
    [one] The simulated Microsoft with { $count } customer serves on { $url }. Ctrl-C stops.
   *[other] The simulated Microsoft with { $count } customers serves on { $url }. Ctrl-C stops.
}

doctor-well = Nothing is wrong.
doctor-bad = { $count ->
    [one] { $count } thing is wrong.
   *[other] { $count } things are wrong.
}
check-store = Store
check-master-key = Master key
check-signing-key = Signing key
check-disk = Free disk space
check-rules = Detection rules
check-connection-settings = Settings of connections
check-clock = Clock
check-policy = Policy
check-connection = Connection
check-workers = Workers of the running server
fix-store = Look at store.url and at the rights of its folder. A new installation: borgen init
fix-store-in-use = It is open in a running server, so what lies in it was not looked at. Stop the server for the full list.
fix-store-newer = Use the release that wrote it, or restore the backup from before the upgrade.
fix-key-missing = Restore it from the copy that was kept apart. A new installation: borgen init
fix-key-mode = chmod 600 { $path }, or borgen doctor --fix
fixed-key-mode = only its owner may read { $path } now
fix-disk = Make room for { $folder }.
fix-rules = borgen rules check FOLDER shows every refused rule.
fix-no-connection = borgen admin connection add --help
fix-connection-settings = Compare with: borgen config sample
fix-clock = Set the machine's clock by NTP: facts are recorded later than it says it is.
fix-policy = borgen policy check FOLDER, then borgen policy publish FOLDER --yes. A new store gets the policy that ships when the server starts.
fix-connection = Look at the application's consent, secret and MFA in Entra, then wait for the next sync.
fix-actions-off = Everything is a dry run. When you are ready: borgen admin connection switch-actions { $connection } on
fix-workers = The server's log says why; it tries again by itself.
fix-server-away = Start it with borgen serve; if it listens elsewhere, set server.listen to that, or client.server.
check-vault = Vault of personal data
check-secret-file = Secret file
check-data-file = Data file
check-microsoft = Microsoft
check-permission = Permission
check-clock-microsoft = Clock against Microsoft's
check-webhook = Webhook
check-actions = Actions
permission-customers = read customers (Partner Center API, application registered in Partner Center)
permission-alerts = read and answer security alerts (Microsoft Graph, PartnerSecurity.ReadWrite.All)
permission-audit = read audit records (Partner Center API)
permission-score = read the MFA figures (Microsoft Graph, PartnerSecurity.Read.All)
permission-consent = act for the administrator who consented (Partner Center, delegated user_impersonation, with MFA)
clock-off = { $connection }: { $seconds } s from Microsoft's
actions-are-on = { $connection }: changes are sent to Microsoft
actions-are-dry = { $connection }: everything is a dry run
fix-secret-missing = Put the file there, readable by its owner only, or name another one in borgen.toml.
fix-disk-unknown = Make sure that { $folder } is there and can be read by whoever runs this.
fix-connection-incomplete = Add { $missing } to [connections.{ $name }] in borgen.toml (secrets as KEY_file); what each is for: borgen config sample
fix-offline = Microsoft was not asked (--offline): permissions, its clock and the webhook are not looked at.
fix-microsoft-away = Look at the network, the proxy and DNS of this machine; Microsoft's own state is at https://status.cloud.microsoft. Then run it again.
fix-microsoft-busy = Microsoft asks us to wait { $seconds } s: run it again then.
fix-microsoft-busy-unsaid = Microsoft asks us to wait and does not say how long: run it again in some minutes.
fix-permission = Grant the application in Entra what this needs: { $permission }. Then give admin consent anew, and check the administrator's role in Partner Center (Admin agent).
fix-credentials = client_id, client_secret or refresh_token is wrong or has expired: make a new secret in Entra (App registrations, Certificates & secrets), or consent anew.
fix-consent-mfa = The consent was given without multi-factor authentication: sign in with MFA, consent anew, and put the new refresh token into its file.
fix-conditional-access = A Conditional Access policy of your tenant stops the application: let it through for this application and this machine's address.
fix-clock-microsoft = Set the machine's clock by NTP: tokens and signatures depend on it.
fix-webhook-none = server.public_url is not set, so nothing rings: alerts are found by polling, a minute later. Set it to register the webhook.
fix-webhook-roots = Set webhook_roots of the connection to a PEM file with the root of Microsoft's webhook certificate and those between the two: without it every delivery is refused.
fix-webhook-missing = Start the server (borgen serve): it registers { $wanted } by itself. Its log says why if it can't.
fix-webhook-other = Another address is registered. Start the server (borgen serve): it registers { $wanted } by itself.

check-channel = Channel to people on call
check-on-call = Who is on call
channel-reached = { $channel }: a test message was taken
fix-channel = Look at [channels] in the settings; for Teams, whether the workflow still has an owner and is on
fix-channel-untried = borgen doctor --page sends a test message
nobody-on-call = The policy names nobody: the proposer of an emergency may act alone { $minutes } minutes after the proposal, and nobody is woken
fix-nobody-on-call = Fill in on-call.toml and publish it: borgen policy write, borgen policy publish
somebody-on-call = { $count ->
    [one] 1 receiver, with a channel
   *[other] { $count } receivers, each with a channel
}
fix-on-call-channel = The policy names channels that the settings lack: add [channels.{ $channel }]
