# What every command may say: settings, the server, lists, endings.

config-unreadable = { $path } can't be read: { $why }
config-not-toml = { $path } is not TOML: { $why }
config-unknown-key = { $place }: there is no setting { $key }.
config-wrong-value = { $place }: { $key } has to be { $wanted }.
config-secret-twice = { $key } and { $key }_file are both given in the same place: one of them is enough.
did-you-mean = Did you mean { $near }?
file-exists = { $path } is there already and is not written over.
no-such-command = There is no command { $command }.

server-unreachable = { $server } can't be reached.
server-no-url = { $server } is no address of a server: http://HOST:PORT or https://HOST is wanted (--server or client.server).
log-filter-wrong = log.filter can't be { $filter }: { $why }. As in info,runtime=debug.
server-silent = { $server } did not answer in time.
server-start-hint = Is it running? Start it with: borgen serve. Another server is named with --server or client.server.
server-answered = The server answered { $status }.
answer-too-large = The answer of { $server } is larger than is read at once.
token-hint = Set BORGEN_TOKEN to a token of yours. Sign in by browser and make one under your profile.
code-hint = Give what your authenticator app shows: --code 123456, or in BORGEN_CODE.
stale-hint = Somebody changed it meanwhile: look at it again, then decide.
wait-hint = Wait { $seconds } seconds.

hint-store-in-use = A SQLite store serves one process: stop the server first, or use PostgreSQL.
hint-master-key = keys.master_file (or BORGEN_KEYS__MASTER) has to be the master key that is in force; after an exchange that is the new one.
hint-signing-key = keys.signing_file has to be the signing key of this installation: run it where the settings of the server are, or make one with borgen init.

list-empty = Nothing to show.
would-call = Only shown. With --yes this call is made: { $call }
stopping = Stopping: what is under way is finished first.

files-wrong = { $count ->
    [one] { $count } problem was found.
   *[other] { $count } problems were found.
}

column-account = Account
column-action = Action
column-actions = Actions
column-actions-on = Actions on
column-active = Active
column-after = After
column-alert = Alert
column-alerts = Alerts
column-answered = Answered
column-approvals = Approvals
column-at-stake = At stake
column-author = Author
column-before = Before
column-case = Case
column-class = Class
column-clock = Answer due
column-cloud = Cloud
column-connection = Connection
column-customer = Customer
column-destroys = Destroys
column-epoch = Number
column-error = Error
column-event = Event
column-expected = Expected
column-expires = Void after
column-faults = Does not work
column-file = File
column-from = From
column-goes-on-billing = Goes on billing
column-got = Got
column-guards = Guard rails
column-hash = Hash
column-hint = Hint
column-in-force = In force
column-incident = Incident
column-lifted-caps = Lifted caps
column-line = Line
column-lost-so-far = Lost so far
column-name = Name
column-note = Note
column-origin = From
column-microsofts-reason = Reason at Microsoft
column-outcome = Outcome
column-owner = Owner
column-parameters = Approval is bound to
column-partition = Partition
column-per-hour = Per hour
column-place = Place
column-playbook = Playbook
column-problem = Problem
column-proposer = Proposed by
column-received = Received
column-review-by = Review by
column-woken = Woken
column-roles = Roles
column-rule = Rule
column-saves-per-hour = Saves per hour
column-setting = Setting
column-severity = Severity
column-signals = Signals
column-since = Since
column-state = State
column-status = Status
column-steps = Steps
column-stops = Azure subscriptions + plans
column-story = Story
column-tenant = Tenant
column-title = Title
column-type = Type
column-undo-minutes = Minutes to undo
column-user = User
column-users = Users affected
column-value = Value
column-verdict = Verdict
column-why = Why
column-by = By
column-cases = Cases
column-fact = Kind of fact
column-values = Values
