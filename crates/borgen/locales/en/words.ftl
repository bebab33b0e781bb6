# Words for what the interface calls by a key: states, kinds, roles, and the stories and playbooks that ship.

word-low = low
word-medium = medium
word-high = high
word-critical = critical
word-informational = informational
word-open = open
word-closed = closed
word-active = active
word-investigating = investigating
word-resolved = resolved
word-fraud = fraud
word-misuse = misuse
word-legitimate = legitimate
word-false-alarm = false alarm
word-duplicate = duplicate
word-test = test
word-stale = too old
word-proposed = proposed
word-released = approved, under way
word-verified = done and read back
word-dry-run = dry run: nothing was sent
word-failed = failed
word-rejected = rejected
word-expired = expired
word-stopped = stopped
word-waiting = waits
word-ordered = ordered
word-accepted = taken by Microsoft
word-looking = being read back
word-seen = read back
word-stuck = stuck: a person has to look
word-not-sent = not sent
word-ended = ended
word-already-so = was so already
word-normal = normal
word-emergency = emergency
word-cancel-azure-subscription = cancel the Azure subscription
word-suspend-plan = suspend the plan
word-reactivate-plan = reactivate the plan
word-reactivate-azure-subscription = reactivate the Azure subscription
word-reservations = reservations and savings plans
word-marketplace = marketplace purchases
word-seats = seat subscriptions
word-running-state = what runs: addresses and order of start are lost
word-data-after-retention = data, when Microsoft's retention period ends
word-scheduled-changes = scheduled changes of the plan (a snapshot puts them back)
word-protected = not on the protected list
word-size = not more than one action may take
word-one-at-a-time = no other action of the case under way
word-attacked = what was attacked
word-plan = the whole plan
word-public = public
word-us-government = US Government
word-global-administrator = Global administrator
word-user-administrator = User management administrator
word-admin-agent = Admin agent
word-billing-administrator = Billing administrator
word-auditor = auditor
word-mining = crypto mining
word-identity = stolen identity
word-mailbox = mailbox taken over
word-data = data taken or destroyed
word-orders = unwanted orders
word-other = other
word-mining-takeover = stop all Azure of the plan
word-stop-attacked = stop what was attacked
word-true = yes
word-false = no
word-contact = contact data
word-evidence = evidence
word-screening = screening
word-billing = accounting records

amount-assumed = (assumed: no rate is known)
clock-left = { $count ->
    [one] ({ $count } minute left)
   *[other] ({ $count } minutes left)
}
clock-passed = { $count ->
    [one] (passed { $count } minute ago)
   *[other] (passed { $count } minutes ago)
}
personal-closed = (your role does not allow you to see it)
personal-erased = (erased)
personal-unreadable = (can't be read now)
column-cost = Cost in all
column-closed = Closed
column-revert-of = Reverts

word-log-activity = the Azure activity log
word-log-resource = Azure resource logs
word-log-audit = the Entra audit log
word-log-signin = the Entra sign-in log
word-log-risk = Entra risk detections
word-log-office = the Office 365 activity log
word-log-defender = Defender alerts
word-log-partneraudit = Partner Center's audit records
word-log-partneralert = Microsoft's security alerts to partners
word-log-unknown = an unknown log
