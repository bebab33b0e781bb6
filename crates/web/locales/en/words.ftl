# The words of the domain, as people read them.

severity-critical = Critical
severity-high = High
severity-medium = Medium
severity-low = Low
role-global-administrator = Global administrator
role-user-administrator = User management administrator
role-admin-agent = Admin agent
role-billing-administrator = Billing administrator
role-auditor = Auditor
yourself = you
nobody = nobody
customer-short = Customer { $id }
reseller-short = reseller { $id }
person-short = Colleague { $id }
no-clock = no clock runs
late-by = { $span } late
per-hour = { $money } an hour
waits-for-answer = Microsoft waits for an answer
signals-count = { $count ->
    [one] 1 signal
   *[other] { $count } signals
}
alerts-count = { $count ->
    [one] 1 alert
   *[other] { $count } alerts
}
subscriptions-count = { $count ->
    [one] 1 Azure subscription
   *[other] { $count } Azure subscriptions
}
column-kind = Severity
column-what = What
column-customer = Customer
column-stake = At stake
column-left = Time left
column-owner = Owner
story-mining = Crypto mining
story-identity = Taken-over identity
story-mailbox = Taken-over mailbox
story-data = Data at risk
story-orders = Orders that nobody wanted
story-other = Other
playbook-mining-takeover = stop every Azure subscription of the plan
playbook-stop-attacked = stop the attacked Azure subscriptions
